namespace VmDeploy.PowerShell;

/// <summary>Paths as PowerShell users write them: relative to the current location, on PSDrives, with wildcards. For the pipeline thread.</summary>
internal static class FilePaths
{
    /// <summary>
    /// The files that match a path with wildcards. A file whose name really contains brackets is taken as it is;
    /// a path that matches nothing is returned as written; opening it reports the error.
    /// </summary>
    public static IReadOnlyList<string> Resolve(PSCmdlet cmdlet, string path)
    {
        var literal = ResolveLiteral(cmdlet, path);
        // Tab completion escapes brackets with backticks.
        if (System.IO.File.Exists(literal) || !(NameFilter.IsPattern(path) || path.Contains("`")))
            return [literal];
        try
        {
            var matches = cmdlet.GetResolvedProviderPathFromPSPath(path, out _);
            return matches.Count > 0 ? matches.OrderBy(match => match, System.StringComparer.OrdinalIgnoreCase).ToList() : [literal];
        }
        catch (System.Exception e) when (e is ItemNotFoundException or WildcardPatternException)
        {
            return [literal];
        }
    }

    /// <summary>The one file that matches a path; <c>AmbiguousPath</c> when its wildcards match several.</summary>
    public static string ResolveOne(PSCmdlet cmdlet, string path)
    {
        var matches = Resolve(cmdlet, path);
        return matches.Count == 1
            ? matches[0]
            : throw new VmDeployException(ErrorCodes.AmbiguousPath, $"'{path}' matches {matches.Count} files.", path);
    }

    /// <summary>The file of a path without wildcards, whether it exists or not; <c>PathNotOnFileSystem</c> for other providers.</summary>
    public static string ResolveLiteral(PSCmdlet cmdlet, string path)
    {
        // No file system has it in names, and .NET reports it in its own way.
        if (path.Contains("\0"))
            throw new VmDeployException(ErrorCodes.PathNotOnFileSystem, $"'{path}' contains a NUL character.", path);
        try
        {
            var resolved = cmdlet.SessionState.Path.GetUnresolvedProviderPathFromPSPath(path, out var provider, out _);
            if (provider.Name == "FileSystem")
                return resolved;
        }
        catch (Exception e) when (e is System.Management.Automation.DriveNotFoundException or ProviderNotFoundException)
        {
            throw new VmDeployException(ErrorCodes.PathNotOnFileSystem, e.Message, path, e);
        }

        throw new VmDeployException(ErrorCodes.PathNotOnFileSystem, $"'{path}' is not a path in the file system.", path);
    }
}
