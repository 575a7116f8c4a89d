using System.Diagnostics;

namespace VmDeploy.Benchmarks;

/// <summary>Programs of other projects.</summary>
internal static class Foreign
{
    /// <summary>Runs one to its end and returns what it wrote to standard output.</summary>
    public static async Task<string> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? output : throw new IOException($"{program} ended with {process.ExitCode}.");
    }
}
