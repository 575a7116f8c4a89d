using System.Management.Automation;

namespace VmDeploy.PowerShell;

/// <summary>ISO files as users name them: local ones, and those that a host already has. For the pipeline thread.</summary>
internal static class IsoPaths
{
    /// <summary>The full path of a local file; anything that is no file here is the host's to find.</summary>
    public static string Resolve(PSCmdlet cmdlet, string path)
    {
        // '[datastore1] x.iso' is no path of ours, though brackets in a local name are allowed.
        if (path.StartsWith("[", System.StringComparison.Ordinal) && path.Contains("] "))
            return path;
        var local = FilePaths.ResolveOne(cmdlet, path);
        var looksLocal = path.IndexOfAny(['/', '\\']) >= 0;
        return looksLocal || System.IO.File.Exists(local) ? local : path;
    }

    /// <summary>The medium that the parameters of a cmdlet stand for.</summary>
    public static CdromMedium Medium(PSCmdlet cmdlet, string? isoPath, string? hostDevice) =>
        isoPath is not null ? new CdromMedium(CdromMediumKind.Iso, Resolve(cmdlet, isoPath))
        : hostDevice is not null ? new CdromMedium(CdromMediumKind.HostDevice, hostDevice.Length > 0 ? hostDevice : null)
        : CdromMedium.Empty;
}
