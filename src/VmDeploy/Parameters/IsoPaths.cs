namespace VmDeploy.PowerShell;

/// <summary>ISO paths: local files, and files that a host already has. For the pipeline thread.</summary>
internal static class IsoPaths
{
    /// <summary>The full path of a local file; any other path refers to the host.</summary>
    public static string Resolve(PSCmdlet cmdlet, string path)
    {
        // '[datastore1] x.iso' is not a local path, although brackets in a local name are allowed.
        if (path.StartsWith("[", System.StringComparison.Ordinal) && path.Contains("] "))
            return path;
        var local = FilePaths.ResolveOne(cmdlet, path);
        var looksLocal = path.IndexOfAny(['/', '\\']) >= 0;
        return looksLocal || System.IO.File.Exists(local) ? local : path;
    }

    public static CdromMedium Medium(PSCmdlet cmdlet, string? isoPath, string? hostDevice) =>
        isoPath is not null ? new CdromMedium(CdromMediumKind.Iso, Resolve(cmdlet, isoPath))
        : hostDevice is not null ? new CdromMedium(CdromMediumKind.HostDevice, hostDevice.Length > 0 ? hostDevice : null)
        : CdromMedium.Empty;
}
