using System.Diagnostics;

namespace VmDeploy.QuickStart;

/// <summary>The jobs through the module, in a PowerShell process.</summary>
internal static class ShellRun
{
    /// <summary>The PowerShell on PATH, newest kind first; null if none is installed.</summary>
    public static string? Find()
    {
        string[] names = OperatingSystem.IsWindows() ? ["pwsh.exe", "powershell.exe"] : ["pwsh"];
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        return names.SelectMany(name => folders.Select(folder => Path.Combine(folder, name))).FirstOrDefault(File.Exists);
    }

    public static async Task RunAsync(string shell, string module, string folder, HostLogin login, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(shell)
        {
            WorkingDirectory = folder,
            ArgumentList =
            {
                "-NoLogo", "-NoProfile", "-ExecutionPolicy", "Bypass", "-File", Path.Combine(folder, "quickstart.ps1"),
                "-Module", module, "-Kind", login.Kind, "-Server", login.Server, "-Port", $"{login.Port}", "-Thumbprint", login.Thumbprint,
                "-UserName", login.UserName,
            },
            Environment = { ["QUICKSTART_PASSWORD"] = login.Password },
        };
        using var process = Process.Start(start)!;
        try
        {
            await process.WaitForExitAsync(cancellationToken);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
        }
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{shell} ended with exit code {process.ExitCode}.");
    }
}
