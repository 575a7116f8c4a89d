using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using VmDeploy.Ova;
using VmDeploy.Simulator.Esxi;
using VmDeploy.Simulator.Xapi;
using VmDeploy.Tests.Support;
using VmDeploy.Tests.Vsphere;
using VmDeploy.Tests.Xapi;
using VmDeploy.Vsphere;
using VmDeploy.Xapi;
using Xunit;
using Xunit.Abstractions;

namespace VmDeploy.Tests.Faults;

/// <summary>Tests that measure the whole process run alone.</summary>
[CollectionDefinition("Alone", DisableParallelization = true)]
public sealed class TestsThatRunAlone;

/// <summary>
/// Many deployments and removals in one process, over 8 sessions: with VMDEPLOY_SOAK=full 500 of them, 64 at once; without it a few.
/// </summary>
[Collection("Alone")]
public sealed class SoakTests(ITestOutputHelper output)
{
    private const int Sessions = 8;

    private static readonly TimeSpan s_longestEnd = TimeSpan.FromMinutes(2);

    private static bool IsFull => Environment.GetEnvironmentVariable("VMDEPLOY_SOAK") == "full";

    private static int AtOnce => IsFull ? 64 : 16;

    private static int Deployments => IsFull ? 500 : 32;

    [Theory]
    [InlineData(EsxiMode.Esxi)]
    [InlineData(EsxiMode.VCenter)]
    public async Task On_vSphere(EsxiMode mode)
    {
        await using var simulator = await EsxiSimulator.StartAsync(new EsxiSimulatorOptions { Mode = mode, RequestsKept = 100 });
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

    private async Task SoakAsync(Func<Task<VmSession>> connect, Func<HostState> look, Func<int> sessions)
    {
        var before = look();
        // The first round fills the pools of threads and buffers.
        await RoundAsync(0, AtOnce);
        var clock = Stopwatch.StartNew();
        var warm = Measure();
        await RoundAsync(AtOnce, Deployments);
        var took = clock.Elapsed;

        Assert.Empty(look().Except(before));
        Assert.Empty(before.Except(look()));
        // Connections are closed and threads end some time after their last work.
        for (clock.Restart(); !IsFlat(Measure()) && clock.Elapsed < s_longestEnd;)
            await Task.Delay(200);
        var end = Measure();
        output.WriteLine($"{Deployments} deployments and removals, {AtOnce} at once: {took.TotalSeconds:0} s; "
            + $"memory {warm.Memory >> 20} -> {end.Memory >> 20} MB, threads {warm.Threads} -> {end.Threads}, handles {warm.Handles} -> {end.Handles}");
        Assert.True(IsFlat(end), $"{warm} has become {end}");

        bool IsFlat(Footprint now) => now.Memory - warm.Memory < 64L << 20 && now.Threads - warm.Threads <= 16 && now.Handles - warm.Handles <= 32;

        // Connections belong to sessions: how many are open at a time varies, but none may outlive its session.
        async Task RoundAsync(int first, int count)
        {
            var open = new List<VmSession>();
            for (var i = 0; i < Sessions; i++)
                open.Add(await connect());
            await DeployAsync(open, first, count);
            Assert.Equal(Sessions, sessions());
            foreach (var session in open)
                await session.CloseAsync();
            Assert.Equal(0, sessions());
        }

        static async Task DeployAsync(List<VmSession> open, int first, int count) => await Parallel.ForEachAsync(Enumerable.Range(first, count), new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (i, token) =>
        {
            var session = open[i % Sessions];
            var isVCenter = session.Hypervisor == HypervisorKind.VCenter;
            var request = new OvaImportRequest(FaultFiles.Ova)
            {
                Names = [$"soak{i}"],
                Datacenter = isVCenter ? "ha-datacenter" : null,
                HostName = isVCenter ? "localhost.localdomain" : null,
                Datastore = session.Hypervisor == HypervisorKind.XenServer ? null : "datastore1",
            };
            using var package = await OvaPackage.OpenAsync(request.Path, token);
            var plan = await session.PlanOvaImportAsync(request, package, token);
            var made = new List<Vm>();
            await plan.RunAsync(request.Names, made.Add, (name, e) => throw new InvalidOperationException(name, e), new OnProgress(_ => { }), token);
            var vm = Assert.Single(made);
            Assert.Equal(2, vm.Disks.Count);
            await session.RemoveVmAsync(vm, force: false, token);
        });
    }

    private static Footprint Measure()
    {
        using var process = Process.GetCurrentProcess();
        var handles = Directory.Exists("/proc/self/fd") ? Directory.GetFileSystemEntries("/proc/self/fd").Length : process.HandleCount;
        return new(GC.GetTotalMemory(forceFullCollection: true), process.Threads.Count, handles);
    }

    private sealed record Footprint(long Memory, int Threads, int Handles);
}
