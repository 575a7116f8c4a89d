using Microsoft.Extensions.Logging;

namespace VmDeploy.Xapi;

/// <summary>All log messages of XenServer sessions. None contains a password or a session reference.</summary>
internal static partial class XapiLog
{
    [LoggerMessage(101, LogLevel.Debug, "{Method}: {Milliseconds} ms")]
    public static partial void Called(this ILogger log, string method, long milliseconds);

    [LoggerMessage(102, LogLevel.Debug, "{Method}: failure {Failure} after {Milliseconds} ms")]
    public static partial void CallFailed(this ILogger log, string method, string failure, long milliseconds);

    [LoggerMessage(103, LogLevel.Information, "The host has ended the session; logging in again")]
    public static partial void SessionRenewed(this ILogger log);

    [LoggerMessage(104, LogLevel.Information, "Logged in to {Server} as {User}: {Product}")]
    public static partial void LoggedIn(this ILogger log, string server, string user, string product);

    [LoggerMessage(105, LogLevel.Information, "Logged out of {Server}")]
    public static partial void LoggedOut(this ILogger log, string server);

    [LoggerMessage(106, LogLevel.Warning, "The session on {Server} could not be ended and stays there until it has been idle for long enough: {Reason}")]
    public static partial void LogoutFailed(this ILogger log, string server, string reason);

    [LoggerMessage(107, LogLevel.Information, "{Server} belongs to a pool; its master is {Master}")]
    public static partial void FollowedToMaster(this ILogger log, string server, string master);

    [LoggerMessage(108, LogLevel.Debug, "Waiting for events was interrupted ({Reason}); trying again")]
    public static partial void EventsRetried(this ILogger log, string reason);

    [LoggerMessage(109, LogLevel.Information, "{Name}: {File} uploaded, {Bytes} bytes in {Milliseconds} ms")]
    public static partial void Uploaded(this ILogger log, string name, string file, long bytes, long milliseconds);

    [LoggerMessage(110, LogLevel.Warning, "{Name}: the upload of {File} was interrupted ({Reason}); starting attempt {Attempt} of {Attempts}")]
    public static partial void UploadRetried(this ILogger log, string name, string file, string reason, int attempt, int attempts);

    [LoggerMessage(113, LogLevel.Information, "Network '{Wanted}' is not mapped; using '{Network}', the host's default")]
    public static partial void NetworkAssumed(this ILogger log, string wanted, string network);

    [LoggerMessage(114, LogLevel.Warning, "{What} is ignored on XenServer")]
    public static partial void OptionIgnored(this ILogger log, string what);

    [LoggerMessage(116, LogLevel.Information, "Disk '{Disk}' of {Name} is kept: another VM uses it")]
    public static partial void SharedDiskKept(this ILogger log, string name, string disk);

    [LoggerMessage(117, LogLevel.Information, "VLAN {Tag} of '{Network}': creating network '{Name}'")]
    public static partial void VlanCreated(this ILogger log, int tag, string network, string name);

    [LoggerMessage(118, LogLevel.Information, "'{File}' already exists in '{Storage}' with the same size ({Bytes} bytes); its content is not compared, and it is not sent again")]
    public static partial void FileIsThere(this ILogger log, string file, string storage, long bytes);

    [LoggerMessage(130, LogLevel.Warning, "{Server} belongs to a pool; its master {Master} gets the password next, and its certificate is not checked")]
    public static partial void MasterNotChecked(this ILogger log, string server, string master);
}
