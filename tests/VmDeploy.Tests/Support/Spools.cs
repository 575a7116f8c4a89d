namespace VmDeploy.Tests.Support;

/// <summary>The temporary files of this process. They have no name while they are open, so that only the list of open files shows them.</summary>
internal static class Spools
{
    /// <summary>Those in a folder.</summary>
    public static IReadOnlyList<string> Open(string folder)
    {
        if (!OperatingSystem.IsLinux())
            return [];
        return [.. Directory.GetFileSystemEntries("/proc/self/fd").Select(TargetOf).OfType<string>().Where(target => target.StartsWith(folder, StringComparison.Ordinal) && target.Contains(".spool", StringComparison.Ordinal))];
    }

    private static string? TargetOf(string link)
    {
        try
        {
            return new FileInfo(link).LinkTarget;
        }
        catch (IOException)
        {
            return null;
        }
    }
}
