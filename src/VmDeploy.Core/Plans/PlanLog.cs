using Microsoft.Extensions.Logging;

namespace VmDeploy;

/// <summary>Log messages of what both hypervisors share.</summary>
internal static partial class PlanLog
{
    [LoggerMessage(301, LogLevel.Information, "{Subject}: what was made so far has been removed")]
    public static partial void RolledBack(this ILogger log, string subject);

    [LoggerMessage(302, LogLevel.Warning, "{Subject}: {What} could not be removed: {Reason}")]
    public static partial void RollbackFailed(this ILogger log, string subject, string what, string reason);
}
