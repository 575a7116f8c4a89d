namespace VmDeploy;

/// <summary>
/// Tells whether a VM that was begun is known to be left: only runs that share a folder of locks exclude each other, and an account's
/// name says little about that.
/// </summary>
internal static class RunIdentity
{
    private static readonly Lazy<string> s_runner = new(() => $"{Environment.UserName}@{Environment.MachineName}/{IdOf(Folder)}");

    /// <summary>The folder of the locks of deployments. An account of a service may have none of its own.</summary>
    public static string Folder => Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.Create) is { Length: > 0 } own ? own : Path.GetTempPath(), "VmDeploy");

    /// <summary>The account and computer of this run, and the id of its folder: <c>me@host/0a1b...</c>.</summary>
    public static string Runner => s_runner.Value;

    /// <summary>The id of a folder, which the first run writes into it.</summary>
    internal static string IdOf(string folder)
    {
        var own = Guid.NewGuid().ToString("N");
        var path = Path.Combine(folder, "id");
        try
        {
            Directory.CreateDirectory(folder);
            if (Read(path) is { } known)
                return known;
            // A file that a full disk or a killed process has left is of no use to any run.
            File.Delete(path);
            var whole = $"{path}.{own}";
            File.WriteAllText(whole, own);
            try
            {
                File.Move(whole, path);
            }
            catch (IOException)
            {
                File.Delete(whole);
            }
            return Read(path) ?? own;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Without a folder to share, nothing is known to be left.
            return own;
        }
    }

    private static string? Read(string path) =>
        File.Exists(path) && Guid.TryParseExact(File.ReadAllText(path), "N", out var id) ? id.ToString("N") : null;
}
