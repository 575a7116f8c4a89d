using Microsoft.Extensions.Logging;

namespace VmDeploy.Xapi;

/// <summary>All log messages of XenServer sessions. None contains a password or a session reference.</summary>
internal static partial class XapiLog
{
    [LoggerMessage(101, LogLevel.Debug, "{Method}: {Milliseconds} ms")]
    public static partial void Called(this ILogger log, string method, long milliseconds);

    [LoggerMessage(102, LogLevel.Debug, "{Method}: failure {Failure} after {Milliseconds} ms")]
    public static partial void CallFailed(this ILogger log, string method, string failure, long milliseconds);

    [LoggerMessage(107, LogLevel.Information, "{Server} belongs to a pool; its master is {Master}")]
    public static partial void FollowedToMaster(this ILogger log, string server, string master);

    [LoggerMessage(108, LogLevel.Debug, "Waiting for events was interrupted ({Reason}); trying again")]
    public static partial void EventsRetried(this ILogger log, string reason);

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

    [LoggerMessage(119, LogLevel.Warning, "Repositories of XenServer have no folders: '{Path}' is '{Name}' in '{Storage}'")]
    public static partial void FolderIgnored(this ILogger log, string path, string storage, string name);

    [LoggerMessage(130, LogLevel.Warning, "{Server} belongs to a pool; the password is sent to its master {Master}, whose certificate is not checked")]
    public static partial void MasterNotChecked(this ILogger log, string server, string master);

    [LoggerMessage(131, LogLevel.Warning, "{Label} of {Name} is unplugged until the VM starts again: this account has no permission to disconnect it for longer")]
    public static partial void DisconnectedUntilStart(this ILogger log, string label, string name);

    [LoggerMessage(132, LogLevel.Warning, "{Name}: its EFI variables are not in the package. A guest that boots from an entry outside of the folder EFI/BOOT needs it again")]
    public static partial void EfiVariablesLeft(this ILogger log, string name);
}
