namespace VmDeploy.PowerShell;

/// <summary>ISO paths: local files, and files that a host already has. For the pipeline thread.</summary>
internal static class IsoPaths
{
    /// <summary>The full path of a local file; any other path refers to the host.</summary>
    public static string Resolve(PSCmdlet cmdlet, string path)
    {
        // '[datastore1] x.iso' is not a local path, although brackets in a local name are allowed.
        if (IsOnHost(path))
            return path;
        var local = FilePaths.ResolveOne(cmdlet, path);
        var looksLocal = path.IndexOfAny(['/', '\\']) >= 0;
        return looksLocal || System.IO.File.Exists(local) ? local : path;
    }

    /// <summary>The name of the file, without its folder or datastore and without its extension.</summary>
    public static string NameOf(string path)
    {
        var inside = IsOnHost(path) ? path.Substring(path.IndexOf("] ", StringComparison.Ordinal) + 2) : path;
        return System.IO.Path.GetFileNameWithoutExtension(inside.TrimStart());
    }

    public static CdromMedium Medium(PSCmdlet cmdlet, string? isoPath, string? hostDevice) =>
        isoPath is not null ? new CdromMedium(CdromMediumKind.Iso, Resolve(cmdlet, isoPath))
        : hostDevice is not null ? new CdromMedium(CdromMediumKind.HostDevice, hostDevice.Length > 0 ? hostDevice : null)
        : CdromMedium.Empty;

    private static bool IsOnHost(string path) => path.StartsWith("[", StringComparison.Ordinal) && path.Contains("] ");
}
