using Microsoft.Extensions.Logging;

namespace VmDeploy.Copy;

/// <summary>The log messages of copies.</summary>
internal static partial class CopyLog
{
    [LoggerMessage(321, LogLevel.Warning, "{Name}: {Need}")]
    public static partial void GuestNeeds(this ILogger log, string name, string need);

    [LoggerMessage(323, LogLevel.Warning, "{Name} is on {Server} too, and its copy has the same MAC addresses: don't run both on one network")]
    public static partial void MacAddressTwice(this ILogger log, string name, string server);
}
