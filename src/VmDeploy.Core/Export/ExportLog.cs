using Microsoft.Extensions.Logging;

namespace VmDeploy.Export;

/// <summary>The log messages of exports.</summary>
internal static partial class ExportLog
{
    [LoggerMessage(320, LogLevel.Warning, "{Name}: {File} broke ({Reason}); reading it again")]
    public static partial void DownloadRetried(this ILogger log, string name, string file, string reason);

    [LoggerMessage(321, LogLevel.Warning, "{Name}: the host sends its disks compressed, and they are stored as they come; -Compress is ignored")]
    public static partial void CompressionIgnored(this ILogger log, string name);

    [LoggerMessage(322, LogLevel.Warning, "{Name}: the package is complete, but the one that it replaces could not be removed; what is left of it is in '{Folder}'")]
    public static partial void OldPackageLeft(this ILogger log, string name, string folder);
}
