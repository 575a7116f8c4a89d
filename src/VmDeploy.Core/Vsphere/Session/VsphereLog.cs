using Microsoft.Extensions.Logging;

namespace VmDeploy.Vsphere;

/// <summary>All log messages of vSphere sessions. None contains a password, a cookie or a lease URL.</summary>
internal static partial class VsphereLog
{
    [LoggerMessage(1, LogLevel.Debug, "{Method} on {Target}: {Milliseconds} ms")]
    public static partial void Called(this ILogger log, string method, MoRef target, long milliseconds);

    [LoggerMessage(2, LogLevel.Debug, "{Method} on {Target}: fault {Fault} after {Milliseconds} ms")]
    public static partial void CallFailed(this ILogger log, string method, MoRef target, string fault, long milliseconds);

    [LoggerMessage(7, LogLevel.Information, "{Name}: lease ready, {Files} file(s) to upload")]
    public static partial void LeaseReady(this ILogger log, string name, int files);

    [LoggerMessage(10, LogLevel.Information, "{Name}: lease aborted")]
    public static partial void LeaseAborted(this ILogger log, string name);

    [LoggerMessage(11, LogLevel.Warning, "{Name} was created, but it can't be read: {Reason}")]
    public static partial void CreatedVmUnreadable(this ILogger log, string name, string reason);

    [LoggerMessage(17, LogLevel.Warning, "{Name} was removed, but its folder {Folder} was kept: it contains other files")]
    public static partial void FolderKept(this ILogger log, string name, DatastorePath folder);

    [LoggerMessage(12, LogLevel.Warning, "{Name}: {Warning}")]
    public static partial void OvfWarning(this ILogger log, string name, string warning);

    [LoggerMessage(13, LogLevel.Information, "OVF network '{OvfNetwork}' is not mapped; using '{Network}', the only network")]
    public static partial void NetworkAssumed(this ILogger log, string ovfNetwork, string network);

    [LoggerMessage(14, LogLevel.Debug, "The keep-alive of {Server} failed: {Reason}")]
    public static partial void KeepAliveFailed(this ILogger log, string server, string reason);

    [LoggerMessage(15, LogLevel.Warning, "{Name}: the lease could not be renewed: {Reason}")]
    public static partial void LeaseRenewalFailed(this ILogger log, string name, string reason);

    [LoggerMessage(16, LogLevel.Warning, "The linked clones use the disks of {Source}: they break when it is started, changed or removed")]
    public static partial void LinkedSourceMustRest(this ILogger log, string source);

    [LoggerMessage(18, LogLevel.Information, "{File} already exists with the same size ({Bytes} bytes); its content is not compared, and it is not sent again")]
    public static partial void FileIsThere(this ILogger log, DatastorePath file, long bytes);

    [LoggerMessage(19, LogLevel.Warning, "{Name}: the host waits for an answer: {Question}")]
    public static partial void QuestionAsked(this ILogger log, string name, string question);

    [LoggerMessage(20, LogLevel.Debug, "{Name}: a question of the host could not be answered: {Reason}")]
    public static partial void QuestionFailed(this ILogger log, string name, string reason);

    [LoggerMessage(41, LogLevel.Warning, "{Name}: {File} goes through a temporary file, because the host wants to know its length: {Reason}")]
    public static partial void UploadSpooled(this ILogger log, string name, string file, string reason);

    [LoggerMessage(40, LogLevel.Warning, "{Name}: the host could not merge the disks of the removed snapshot at once; consolidating them now")]
    public static partial void ConsolidationNeeded(this ILogger log, string name);

    [LoggerMessage(33, LogLevel.Warning, "{File} already exists with the same size as '{Source}', which was changed later; it is not sent again")]
    public static partial void FileIsOlder(this ILogger log, DatastorePath file, string source);

    [LoggerMessage(46, LogLevel.Warning, "{File}: the old file was gone after the failed move; the new one has taken its place")]
    public static partial void FileIsReplaced(this ILogger log, DatastorePath file);

    [LoggerMessage(32, LogLevel.Warning, "{Name}: the reply of the host was lost, and with it the lease; waiting until the lease times out, which may take minutes")]
    public static partial void LeaseEndAwaited(this ILogger log, string name);

    [LoggerMessage(34, LogLevel.Warning, "{Package} has cloud-init properties of its own ({Properties}), and the order of the guest's data sources determines whether it uses these or the given documents; most images look for a cloud-init drive first")]
    public static partial void CloudInitTwice(this ILogger log, string package, string properties);

    [LoggerMessage(45, LogLevel.Warning, "The OVF properties of {Source} are not copied to its clones: they can contain its host name and addresses. Clones that need some get them as guestinfo.ovfEnv in their extra configuration")]
    public static partial void OvfEnvironmentNotCopied(this ILogger log, string source);

    [LoggerMessage(42, LogLevel.Information, "Storage DRS of datastore cluster '{Cluster}' recommends no datastore that can be used; using '{Datastore}', which has the most free space")]
    public static partial void StorageDrsSilent(this ILogger log, string cluster, string datastore);

    [LoggerMessage(43, LogLevel.Warning, "Storage DRS of datastore cluster '{Cluster}' can't be asked; using '{Datastore}', which has the most free space: {Reason}")]
    public static partial void StorageDrsFailed(this ILogger log, string cluster, string datastore, string reason);

    [LoggerMessage(44, LogLevel.Warning, "{Disks}; a clone gets copies of its own")]
    public static partial void SharedDiskCopied(this ILogger log, string disks);

    [LoggerMessage(30, LogLevel.Debug, "{Method} failed; the host cleans up at the end of the session: {Reason}")]
    public static partial void NotReleased(this ILogger log, string method, string reason);
}
