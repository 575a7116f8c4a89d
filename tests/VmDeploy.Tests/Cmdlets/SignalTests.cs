using System.Diagnostics;
using VmDeploy.Simulator.Esxi;
using VmDeploy.Simulator.Xapi;
using VmDeploy.Tests.Support;
using Xunit;

namespace VmDeploy.Tests.Cmdlets;

/// <summary>A signal ends PowerShell without leaving a session on the host.</summary>
public sealed class SignalTests
{
    private static readonly TimeSpan s_bound = TimeSpan.FromSeconds(60);

    [SkippableTheory]
    [InlineData("TERM", false)]
    [InlineData("HUP", false)]
    [InlineData("TERM", true)]
    [InlineData("HUP", true)]
    public async Task A_signal_logs_out(string signal, bool xapi)
    {
        var kill = Requires.Tool("kill");
        Skip.If(signal == "HUP" && IsHangupIgnored, "SIGHUP is ignored by the processes of this run, as nohup makes it");
        await using var esxi = await EsxiSimulator.StartAsync();
        await using var xen = await XapiSimulator.StartAsync();
        using var folder = new TempFolder();
        var rest = $"[IO.File]::WriteAllText('{folder["connected"]}', 'x'); [Threading.Thread]::Sleep(600000)";
        int Sessions() => esxi.OpenSessions + xen.OpenSessions;
        using var process = EngineScript.Start(xapi
            ? $"{Login(xen.UserName, xen.Password)}; $null = Connect-Xapi {xen.Server} $login -Port {xen.HttpsPort} -CertificateThumbprint {xen.Thumbprint}; {rest}"
            : $"{Login(esxi.UserName, esxi.Password)}; $null = Connect-Esxi {esxi.Server} $login -Port {esxi.HttpsPort} -CertificateThumbprint {esxi.Thumbprint}; {rest}");
        try
        {
            for (var clock = Stopwatch.StartNew(); !File.Exists(folder["connected"]) && !process.HasExited && clock.Elapsed < s_bound;)
                await Task.Delay(50);
            Assert.Equal(1, Sessions());

            await Shell.RunAsync(kill, $"-{signal}", $"{process.Id}");
            using var limit = new CancellationTokenSource(s_bound);
            await process.WaitForExitAsync(limit.Token);
            Assert.Equal(0, Sessions());
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
        }
    }

    [SkippableFact]
    public async Task A_signal_during_the_login_logs_out()
    {
        var kill = Requires.Tool("kill");
        await using var esxi = await EsxiSimulator.StartAsync();
        esxi.Faults.DelayReply("Login", TimeSpan.FromSeconds(0.5));
        using var process = EngineScript.Start($"{Login(esxi.UserName, esxi.Password)}; $null = Connect-Esxi {esxi.Server} $login -Port {esxi.HttpsPort} -CertificateThumbprint {esxi.Thumbprint}");
        try
        {
            for (var clock = Stopwatch.StartNew(); esxi.OpenSessions == 0 && !process.HasExited && clock.Elapsed < s_bound;)
                await Task.Delay(10);
            Assert.Equal(1, esxi.OpenSessions);

            await Shell.RunAsync(kill, "-TERM", $"{process.Id}");
            using var limit = new CancellationTokenSource(s_bound);
            await process.WaitForExitAsync(limit.Token);
            Assert.Equal(0, esxi.OpenSessions);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
        }
    }

    // A child inherits the ignored signals: bit 0 of the mask is signal 1.
    private static bool IsHangupIgnored => File.Exists("/proc/self/status")
        && File.ReadLines("/proc/self/status").FirstOrDefault(line => line.StartsWith("SigIgn:", StringComparison.Ordinal))?.Trim()[^1] is '1' or '3' or '5' or '7' or '9' or 'b' or 'd' or 'f';

    private static string Login(string user, string password) =>
        $"Import-Module '{Engine.ModulePath}'; $word = [securestring]::new(); '{password}'.ToCharArray() | ForEach-Object {{ $word.AppendChar($_) }}; $login = [pscredential]::new('{user}', $word)";
}
