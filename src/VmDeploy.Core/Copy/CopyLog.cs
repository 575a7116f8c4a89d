using Microsoft.Extensions.Logging;

namespace VmDeploy.Copy;

/// <summary>The log messages of copies.</summary>
internal static partial class CopyLog
{
    [LoggerMessage(321, LogLevel.Warning, "{Name}: {Need}")]
    public static partial void GuestNeeds(this ILogger log, string name, string need);
}
