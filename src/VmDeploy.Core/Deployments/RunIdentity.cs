namespace VmDeploy;

/// <summary>
/// Tells whether a VM that was begun is known to be left: only runs that share a folder of locks exclude each other, and an account's
/// name says little about that.
/// </summary>
internal static class RunIdentity
{
    private const int Attempts = 40;

    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(25);
    private static readonly Lazy<string> s_runner = new(() => $"{Environment.UserName}@{Environment.MachineName}/{IdOf(Folder)}");

    /// <summary>The folder of the locks of deployments. An account of a service may have none of its own.</summary>
    public static string Folder => Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.Create) is { Length: > 0 } own ? own : Path.GetTempPath(), "VmDeploy");

    /// <summary>The account and computer of this run, and the id of its folder: <c>me@host/0a1b...</c>.</summary>
    public static string Runner => s_runner.Value;

    /// <summary>The id of a folder: the first run writes it, and one that finds what a full disk or a killed process has left.</summary>
    internal static string IdOf(string folder)
    {
        var own = Guid.NewGuid().ToString("N");
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                Directory.CreateDirectory(folder);
                using var file = new FileStream(Path.Combine(folder, "id"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
                using var reader = new StreamReader(file);
                if (Guid.TryParseExact(reader.ReadToEnd(), "N", out var id))
                    return id.ToString("N");
                file.SetLength(0);
                using var writer = new StreamWriter(file);
                writer.Write(own);
                return own;
            }
            catch (IOException) when (attempt < Attempts)
            {
                // Another run has it open.
                Thread.Sleep(s_pause);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Without a folder to share, nothing is known to be left.
                return own;
            }
        }
    }
}
