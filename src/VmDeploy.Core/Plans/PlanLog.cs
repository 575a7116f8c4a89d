using Microsoft.Extensions.Logging;
using VmDeploy.Ova;

namespace VmDeploy;

/// <summary>Log messages that both hypervisors share.</summary>
internal static partial class PlanLog
{
    [LoggerMessage(301, LogLevel.Information, "{Subject}: rolled back, nothing of it is left on the host")]
    public static partial void RolledBack(this ILogger log, string subject);

    [LoggerMessage(302, LogLevel.Warning, "{Subject}: {What} could not be rolled back: {Reason}")]
    public static partial void RollbackFailed(this ILogger log, string subject, string what, string reason);

    [LoggerMessage(303, LogLevel.Information, "{Action}: {Bytes} bytes sent for {Count} VM(s)")]
    public static partial void BytesSent(this ILogger log, string action, long bytes, int count);

    [LoggerMessage(304, LogLevel.Warning, "{Name}: the manifest does not list '{File}', so its content could not be verified")]
    public static partial void DigestNotListed(this ILogger log, string name, string file);

    /// <summary>Refuses a file whose digest differs from the manifest; warns about one that the manifest does not list.</summary>
    public static void VerifyDigests(this ILogger log, string name, IEnumerable<OvaFileResult> results)
    {
        foreach (var result in results)
        {
            result.ThrowIfMismatch();
            if (result.State == OvaDigestState.NotListed)
                log.DigestNotListed(name, result.Name);
        }
    }
}
