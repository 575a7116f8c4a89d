namespace VmDeploy.Transfer;

/// <summary>Keeps pipes from being opened as files: without a writer that would wait for ever, and can't be cancelled.</summary>
public static class RegularFile
{
    /// <summary>Why the content of an existing file must not be read, or null if it may be.</summary>
    /// <param name="path">The file.</param>
    public static string? Refusal(string path)
    {
        // Pipes and devices have no length. Windows has none in its folders.
        if (Path.DirectorySeparatorChar != '/' || new FileInfo(path) is not { Exists: true, Length: 0 })
            return null;
        try
        {
            // A writer doesn't wait for another.
            using var probe = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 1);
            return probe.CanSeek ? null : "it is not a regular file.";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            return "it is empty, or not a regular file.";
        }
    }

    /// <summary>Whether an existing file is a device such as <c>/dev/null</c>, which can be sought like a file, and whose place a new file would take.</summary>
    /// <param name="path">The file.</param>
    internal static bool IsDevice(string path) => Path.GetFullPath(path) is var full && full.StartsWith("/dev/", StringComparison.Ordinal)
        && !full.StartsWith("/dev/shm/", StringComparison.Ordinal) && new FileInfo(path).Length == 0;
}
