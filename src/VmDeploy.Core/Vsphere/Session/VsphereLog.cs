using Microsoft.Extensions.Logging;

namespace VmDeploy.Vsphere;

/// <summary>Every log message of the vSphere side. None ever carries a password, cookie or lease URL.</summary>
internal static partial class VsphereLog
{
    [LoggerMessage(1, LogLevel.Debug, "{Method} on {Target}: {Milliseconds} ms")]
    public static partial void Called(this ILogger log, string method, MoRef target, long milliseconds);

    [LoggerMessage(2, LogLevel.Debug, "{Method} on {Target}: fault {Fault} after {Milliseconds} ms")]
    public static partial void CallFailed(this ILogger log, string method, MoRef target, string fault, long milliseconds);

    [LoggerMessage(7, LogLevel.Information, "{Name}: lease ready, {Files} file(s) to upload")]
    public static partial void LeaseReady(this ILogger log, string name, int files);

    [LoggerMessage(10, LogLevel.Information, "{Name}: import aborted")]
    public static partial void LeaseAborted(this ILogger log, string name);

    [LoggerMessage(11, LogLevel.Warning, "{Name} was created, but can't be read now: {Reason}")]
    public static partial void CreatedVmUnreadable(this ILogger log, string name, string reason);

    [LoggerMessage(17, LogLevel.Warning, "{Name} was removed, but its folder {Folder} stays, because it holds files that are not the VM's")]
    public static partial void FolderKept(this ILogger log, string name, DatastorePath folder);

    [LoggerMessage(12, LogLevel.Warning, "{Name}: {Warning}")]
    public static partial void OvfWarning(this ILogger log, string name, string warning);

    [LoggerMessage(13, LogLevel.Information, "OVF network '{OvfNetwork}' goes to '{Network}', the only one here")]
    public static partial void NetworkAssumed(this ILogger log, string ovfNetwork, string network);

    [LoggerMessage(14, LogLevel.Debug, "The keep-alive of {Server} failed: {Reason}")]
    public static partial void KeepAliveFailed(this ILogger log, string server, string reason);

    [LoggerMessage(15, LogLevel.Warning, "{Name}: the lease could not be renewed: {Reason}")]
    public static partial void LeaseRenewalFailed(this ILogger log, string name, string reason);

    [LoggerMessage(16, LogLevel.Warning, "The linked clones use the disks of {Source}: they break when it is started, changed or removed")]
    public static partial void LinkedSourceMustRest(this ILogger log, string source);

    [LoggerMessage(18, LogLevel.Information, "{File} is there already with as many bytes ({Bytes}); its content is not compared, and it is not sent again")]
    public static partial void FileIsThere(this ILogger log, DatastorePath file, long bytes);

    [LoggerMessage(19, LogLevel.Warning, "{Name} waits for an answer on its host: {Question}")]
    public static partial void QuestionAsked(this ILogger log, string name, string question);

    [LoggerMessage(20, LogLevel.Debug, "{Name}: the host's questions can't be answered: {Reason}")]
    public static partial void QuestionFailed(this ILogger log, string name, string reason);

    [LoggerMessage(40, LogLevel.Warning, "{Name}: the host could not merge the disks of the removed snapshot at once; consolidating them now")]
    public static partial void ConsolidationNeeded(this ILogger log, string name);

    [LoggerMessage(33, LogLevel.Warning, "{File} is there with as many bytes as '{Source}', which was changed later; it is not sent again")]
    public static partial void FileIsOlder(this ILogger log, DatastorePath file, string source);

    [LoggerMessage(32, LogLevel.Warning, "{Name}: the host's answer was lost, and the lease of the import with it; waiting until the host ends it, which may take minutes")]
    public static partial void LeaseEndAwaited(this ILogger log, string name);

    [LoggerMessage(30, LogLevel.Debug, "{Method} failed and is left to the end of the session: {Reason}")]
    public static partial void NotReleased(this ILogger log, string method, string reason);
}
