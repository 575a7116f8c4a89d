using System.Diagnostics;
using Xunit;

namespace VmDeploy.Tests.Support;

/// <summary>Runs programs of other projects.</summary>
internal static class Shell
{
    /// <summary>Runs to the end; a non-zero exit code fails the test. Returns what it wrote to stdout.</summary>
    public static async Task<string> RunAsync(string tool, params string[] arguments)
    {
        var (exitCode, output, error) = await TryAsync(tool, arguments);
        Assert.True(exitCode == 0, $"{tool} {string.Join(' ', arguments)} gave {exitCode}: {error}{output}");
        return output;
    }

    /// <summary>Waits for a condition; after a minute the test fails.</summary>
    public static async Task UntilAsync(Func<bool> condition, string what)
    {
        for (var clock = Stopwatch.StartNew(); !condition(); await Task.Delay(20))
            Assert.True(clock.Elapsed < TimeSpan.FromMinutes(1), $"It has not come to this: {what}");
    }

    public static async Task<(int ExitCode, string Output, string Error)> TryAsync(string tool, params string[] arguments)
    {
        var start = new ProcessStartInfo(tool) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await error);
    }
}
