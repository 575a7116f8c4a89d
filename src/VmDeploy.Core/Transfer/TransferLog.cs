using Microsoft.Extensions.Logging;

namespace VmDeploy.Transfer;

/// <summary>The log messages of this namespace. None contains a password or a key.</summary>
internal static partial class TransferLog
{
    [LoggerMessage(201, LogLevel.Information, "SSH tunnel through {Via} to {Address} opened")]
    public static partial void SshTunnelOpened(this ILogger log, SshDestination via, string address);

    [LoggerMessage(202, LogLevel.Information, "The SSH tunnel through {Via} to {Address} had closed: {Words}")]
    public static partial void SshTunnelClosed(this ILogger log, SshDestination via, string address, string words);

    [LoggerMessage(203, LogLevel.Information, "SSH tunnel through {Via} to {Address} reopened")]
    public static partial void SshTunnelReopened(this ILogger log, SshDestination via, string address);
}
