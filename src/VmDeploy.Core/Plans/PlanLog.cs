using Microsoft.Extensions.Logging;
using VmDeploy.Import;
using VmDeploy.Ova;

namespace VmDeploy;

/// <summary>Log messages that both hypervisors share.</summary>
internal static partial class PlanLog
{
    [LoggerMessage(301, LogLevel.Information, "{Subject}: rolled back; nothing is left on the host")]
    public static partial void RolledBack(this ILogger log, string subject);

    [LoggerMessage(302, LogLevel.Warning, "{Subject}: {What} could not be rolled back: {Reason}")]
    public static partial void RollbackFailed(this ILogger log, string subject, string what, string reason);

    [LoggerMessage(303, LogLevel.Information, "{Action}: {Bytes} bytes sent for {Count} VM(s)")]
    public static partial void BytesSent(this ILogger log, string action, long bytes, int count);

    [LoggerMessage(304, LogLevel.Warning, "{Name}: the manifest does not list '{File}', so its content could not be verified")]
    public static partial void DigestNotListed(this ILogger log, string name, string file);

    [LoggerMessage(305, LogLevel.Information, "The host has ended the session; logging in again")]
    public static partial void SessionRenewed(this ILogger log);

    [LoggerMessage(306, LogLevel.Information, "Logged in to {Server} as {User}: {Product}")]
    public static partial void LoggedIn(this ILogger log, string server, string user, string product);

    [LoggerMessage(307, LogLevel.Information, "Logged out of {Server}")]
    public static partial void LoggedOut(this ILogger log, string server);

    [LoggerMessage(308, LogLevel.Warning, "The session on {Server} could not be ended and remains open until the host's idle time-out: {Reason}")]
    public static partial void LogoutFailed(this ILogger log, string server, string reason);

    [LoggerMessage(309, LogLevel.Information, "{Name}: {File} uploaded, {Bytes} bytes in {Milliseconds} ms")]
    public static partial void Uploaded(this ILogger log, string name, string file, long bytes, long milliseconds);

    [LoggerMessage(313, LogLevel.Warning, "{Name}: {Machines} refer to the disk '{Disk}', and each gets a copy of it; only disks of a SharedDiskSection are shared")]
    public static partial void DiskCopied(this ILogger log, string name, string disk, string machines);

    [LoggerMessage(310, LogLevel.Warning, "{Name}: the upload of {File} was interrupted ({Reason}); starting attempt {Attempt} of {Attempts}")]
    public static partial void UploadRetried(this ILogger log, string name, string file, string reason, int attempt, int attempts);

    [LoggerMessage(311, LogLevel.Warning, "{Name}: the descriptor for the host was edited: {Edit}")]
    public static partial void DescriptorEdited(this ILogger log, string name, string edit);

    [LoggerMessage(314, LogLevel.Warning, "{Name}: '{File}' contains a disk of {Size}, but the descriptor says {Said}; check the guest's partitions, because ESXi takes the descriptor's size and XenServer the file's")]
    public static partial void CapacityDiffers(this ILogger log, string name, string file, string size, string said);

    [LoggerMessage(312, LogLevel.Warning, "{Name}: the start of the next VMs did not wait any longer for its guest: {Reason}")]
    public static partial void GuestNotReady(this ILogger log, string name, string reason);

    /// <summary>Warns of each edit of a descriptor.</summary>
    public static void DescriptorEdited(this ILogger log, ImportSource source)
    {
        foreach (var edit in source.Edits)
            log.DescriptorEdited(source.Name, edit.Edit);
    }

    /// <summary>Refuses a file whose digest differs from the manifest; warns about one that the manifest does not list.</summary>
    public static void VerifyDigests(this ILogger log, string name, IEnumerable<OvaFileResult> results)
    {
        foreach (var result in results)
        {
            result.ThrowIfMismatch(name);
            if (result.DigestState == OvaDigestState.NotListed)
                log.DigestNotListed(name, result.Name);
        }
    }
}
