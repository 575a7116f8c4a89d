using System.Diagnostics;

namespace VmDeploy.Benchmarks;

/// <summary>Programs of other projects.</summary>
internal static class Foreign
{
    /// <summary>Runs one to its end and returns what it wrote to standard output.</summary>
    public static Task<string> RunAsync(string program, params string[] arguments) => RunAsync(new ProcessStartInfo(program, arguments));

    /// <inheritdoc cref="RunAsync(string, string[])"/>
    public static async Task<string> RunAsync(ProcessStartInfo start)
    {
        start.RedirectStandardOutput = true;
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? output : throw new IOException($"{start.FileName} ended with {process.ExitCode}.");
    }
}
