using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using VmDeploy.Ova;
using VmDeploy.Simulator.Esxi;
using VmDeploy.Simulator.Xapi;
using VmDeploy.Tests.Vsphere;
using VmDeploy.Tests.Xapi;
using VmDeploy.Vsphere;
using VmDeploy.Xapi;
using Xunit;

namespace VmDeploy.Tests.Faults;

/// <summary>Tests that look at the whole process run alone.</summary>
[CollectionDefinition("Alone", DisableParallelization = true)]
public sealed class TestsThatRunAlone;

/// <summary>
/// Many deployments and removals in one process, over 8 sessions: with VMDEPLOY_SOAK=full 500 of them, 64 at once; without it a few.
/// </summary>
[Collection("Alone")]
public sealed class SoakTests
{
    private const int Sessions = 8;

    private static bool IsFull => Environment.GetEnvironmentVariable("VMDEPLOY_SOAK") == "full";

    private static int AtOnce => IsFull ? 64 : 16;

    private static int Deployments => IsFull ? 500 : 32;

    [Fact]
    public async Task On_ESXi()
    {
        await using var simulator = await EsxiSimulator.StartAsync(new EsxiSimulatorOptions { RequestsKept = 100 });
        await SoakAsync(() => VsphereSession.ConnectAsync(SimulatedHost.OptionsOf(simulator) with { Timeout = TimeSpan.FromSeconds(100) }, NullLogger.Instance, CancellationToken.None),
            () => HostState.Of(simulator), () => simulator.OpenSessions);
    }

    [Fact]
    public async Task On_XenServer()
    {
        await using var simulator = await XapiSimulator.StartAsync(new XapiSimulatorOptions { CallsKept = 100 });
        await SoakAsync(() => XapiSession.ConnectAsync(SimulatedXenServer.OptionsOf(simulator) with { Timeout = TimeSpan.FromSeconds(100) }, NullLogger.Instance, CancellationToken.None),
            () => HostState.Of(simulator), () => simulator.OpenSessions);
    }

    private static async Task SoakAsync(Func<Task<VmSession>> connect, Func<HostState> look, Func<int> sessions)
    {
        var open = new List<VmSession>();
        for (var i = 0; i < Sessions; i++)
            open.Add(await connect());
        var before = look();
        // The first round fills the pools of connections, threads and buffers.
        await RoundAsync(0, AtOnce);
        var warm = await MeasureAsync();
        await RoundAsync(AtOnce, Deployments);
        var end = await MeasureAsync();

        Assert.Empty(look().Except(before));
        Assert.Empty(before.Except(look()));
        Assert.Equal(Sessions, sessions());
        Assert.InRange(end.Memory - warm.Memory, long.MinValue, 64L << 20);
        Assert.InRange(end.Threads - warm.Threads, int.MinValue, 16);
        Assert.InRange(end.Handles - warm.Handles, int.MinValue, 32);
        foreach (var session in open)
            await session.CloseAsync();
        Assert.Equal(0, sessions());

        async Task RoundAsync(int first, int count) => await Parallel.ForEachAsync(Enumerable.Range(first, count), new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (i, token) =>
        {
            var session = open[i % Sessions];
            var request = new OvaImportRequest(FaultFiles.Ova) { Names = [$"soak{i}"], Datastore = session.Kind == HypervisorKind.XenServer ? null : "datastore1" };
            using var package = await OvaPackage.OpenAsync(request.Path, token);
            var plan = await session.PlanOvaImportAsync(request, package, token);
            var made = new List<Vm>();
            await plan.RunAsync(request.Names, made.Add, (name, e) => throw new InvalidOperationException(name, e), new OnProgress(_ => { }), token);
            var vm = Assert.Single(made);
            Assert.Equal(2, vm.Disks.Count);
            await session.RemoveVmAsync(vm, force: false, token);
        });
    }

    private static async Task<(long Memory, int Threads, int Handles)> MeasureAsync()
    {
        // Connections that are over are closed a moment later.
        await Task.Delay(500);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        using var process = Process.GetCurrentProcess();
        var handles = Directory.Exists("/proc/self/fd") ? Directory.GetFileSystemEntries("/proc/self/fd").Length : process.HandleCount;
        return (GC.GetTotalMemory(forceFullCollection: true), process.Threads.Count, handles);
    }
}
