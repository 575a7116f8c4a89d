using System.Diagnostics;
using System.Management.Automation;
using VmDeploy.PowerShell;
using Xunit;

namespace VmDeploy.Tests.Cmdlets;

/// <summary>The prompt returns within five seconds after Ctrl+C and Select-Object -First, during any kind of work.</summary>
public sealed class StopTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(9);

    [Theory]
    [InlineData("Invoke-StubbornProbe -Release $release", true)]
    [InlineData("Invoke-StubbornProbe -Release $release | Select-Object -First 1", false)]
    public async Task Work_that_does_not_end_continues_in_the_background_and_a_warning_says_so(string script, bool stop)
    {
        using var engine = await StartAsync();
        using var release = new ManualResetEventSlim();
        engine["release"] = release;
        var clock = Stopwatch.StartNew();

        var run = engine.Begin(script);
        if (stop)
        {
            while (run.Output.Count == 0)
                await Task.Delay(20);
            clock.Restart();
            await run.StopAsync();
        }
        var result = await run.ResultAsync();

        Assert.InRange(clock.Elapsed, TimeSpan.FromSeconds(4), s_limit);
        Assert.Contains("Invoke-StubbornProbe was stopped", result.HostText, StringComparison.Ordinal);
        Assert.Equal(stop, result.WasStopped);
        release.Set();
    }

    [Fact]
    public async Task Work_that_ends_when_it_is_cancelled_is_awaited_without_a_warning()
    {
        using var engine = await StartAsync();
        using var release = new ManualResetEventSlim();
        engine["release"] = release;
        var run = engine.Begin("Invoke-StubbornProbe -Release $release -CleanUpMilliseconds 300");
        while (run.Output.Count == 0)
            await Task.Delay(20);
        await run.StopAsync();
        var result = await run.ResultAsync();
        Assert.DoesNotContain("background", result.HostText, StringComparison.Ordinal);
        Assert.True(release.IsSet);
    }

    [Fact]
    public void A_cmdlet_can_not_call_what_only_the_pipeline_thread_may()
    {
        var pipelineOnly = typeof(Cmdlet).GetMethods().Where(method => method.DeclaringType == typeof(Cmdlet)
            && (method.Name.StartsWith("Write", StringComparison.Ordinal) || method.Name.StartsWith("Should", StringComparison.Ordinal) || method.Name == "ThrowTerminatingError"));
        var flags = System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.Static | System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Public | System.Reflection.BindingFlags.DeclaredOnly;
        var own = typeof(AsyncCmdlet).GetMethods(flags).ToLookup(method => method.Name);
        Assert.NotEmpty(pipelineOnly);
        foreach (var method in pipelineOnly)
        {
            var hiding = own[method.Name].ToList();
            var takesAll = hiding.Any(one => one.GetParameters() is [{ ParameterType.IsArray: true }]);
            var takesSame = hiding.Any(one => one.GetParameters().Select(p => p.ParameterType).SequenceEqual(method.GetParameters().Select(p => p.ParameterType)));
            Assert.True(takesAll || takesSame, $"{method} can be called from ProcessRecordAsync.");
        }
    }

    private static async Task<Engine> StartAsync()
    {
        var engine = Engine.Start();
        engine["probes"] = typeof(InvokeStubbornProbeCommand).Assembly;
        await engine.MustRunAsync("Import-Module -Assembly $probes");
        return engine;
    }
}

/// <summary>Emits an object; then ends when it is released, or some time after it was cancelled.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "StubbornProbe")]
public sealed class InvokeStubbornProbeCommand : AsyncCmdlet
{
    [Parameter(Mandatory = true)]
    public ManualResetEventSlim Release { get; set; } = null!;

    [Parameter]
    public int? CleanUpMilliseconds { get; set; }

    protected override async Task ProcessRecordAsync(CancellationToken cancellationToken)
    {
        WriteObject("started");
        if (CleanUpMilliseconds is { } pause)
        {
            try
            {
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }
            finally
            {
                await Task.Delay(pause, CancellationToken.None);
                Release.Set();
            }
        }
        await Task.Run(() => Release.Wait(TimeSpan.FromMinutes(1), CancellationToken.None), CancellationToken.None);
    }
}
