using Microsoft.Extensions.Logging;

namespace VmDeploy;

/// <summary>Log messages of what both hypervisors share.</summary>
internal static partial class PlanLog
{
    [LoggerMessage(301, LogLevel.Information, "{Subject}: rolled back, nothing of it is left on the host")]
    public static partial void RolledBack(this ILogger log, string subject);

    [LoggerMessage(302, LogLevel.Warning, "{Subject}: {What} could not be rolled back: {Reason}")]
    public static partial void RollbackFailed(this ILogger log, string subject, string what, string reason);

    [LoggerMessage(303, LogLevel.Information, "{Action}: {Bytes} bytes sent for {Count} VM(s)")]
    public static partial void BytesSent(this ILogger log, string action, long bytes, int count);
}
