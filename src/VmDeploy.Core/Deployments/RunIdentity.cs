namespace VmDeploy;

/// <summary>
/// Tells whether a VM that was begun is known to be left: only runs that share a folder of locks exclude each other, and an account's
/// name says little about that.
/// </summary>
internal static class RunIdentity
{
    private static readonly Lazy<string> s_runner = new(() => $"{Environment.UserName}@{Environment.MachineName}/{FolderId()}");

    /// <summary>The folder of the locks of deployments. An account of a service may have none of its own.</summary>
    public static string Folder => Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.Create) is { Length: > 0 } own ? own : Path.GetTempPath(), "VmDeploy");

    /// <summary>The account and computer of this run, and the id of its folder: <c>me@host/0a1b...</c>.</summary>
    public static string Runner => s_runner.Value;

    // Without a folder to share nothing is known to be left.
    private static string FolderId()
    {
        var own = Guid.NewGuid().ToString("N");
        var path = Path.Combine(Folder, "id");
        try
        {
            Directory.CreateDirectory(Folder);
            if (!File.Exists(path))
            {
                using var file = new StreamWriter(new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None));
                file.Write(own);
                return own;
            }
            return Guid.TryParseExact(File.ReadAllText(path), "N", out var id) ? id.ToString("N") : own;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return own;
        }
    }
}
