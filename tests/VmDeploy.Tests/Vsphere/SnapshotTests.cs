using Microsoft.Extensions.Logging;
using VmDeploy.Simulator.Esxi;
using VmDeploy.Tests.Support;
using VmDeploy.Vsphere;
using Xunit;

namespace VmDeploy.Tests.Vsphere;

/// <summary>Snapshots and disks of an ESXi host and a vCenter, and their failures.</summary>
public sealed class SnapshotTests
{
    private static readonly CancellationToken s_none = CancellationToken.None;
    private static readonly OnProgress s_quiet = new(_ => { });
    private static readonly OvaImportRequest s_tinyVm = new(Repository.Path("examples/tinyVM.ova"))
    {
        Names = ["web1"],
        HostName = "localhost.localdomain",
    };

    [Theory]
    [InlineData(EsxiMode.Esxi)]
    [InlineData(EsxiMode.VCenter)]
    public async Task What_is_written_after_a_snapshot_is_undone_by_a_restore_byte_for_byte(EsxiMode mode)
    {
        await using var host = await StartAsync(new EsxiSimulatorOptions { Mode = mode });
        var vm = Assert.Single(await host.ImportAsync(s_tinyVm));
        var disk = host.Simulator.Vms[0].Disks[0];
        var before = await File.ReadAllBytesAsync(disk.LocalPath);
        var files = host.Simulator.DatastoreFiles();
        var snapshot = await TakeAsync(host, vm, "clean");

        // The guest writes to the child, and its parent does not change.
        var child = host.Simulator.Vms[0].Disks[0];
        Assert.Equal(disk.DatastorePath, child.Parent);
        var pristine = await File.ReadAllBytesAsync(child.LocalPath);
        await File.AppendAllTextAsync(child.LocalPath, "what the guest has written");
        Assert.Equal(before, await File.ReadAllBytesAsync(disk.LocalPath));
        Assert.InRange((await host.Session.Snapshots.GetAsync(vm, s_none))[0].SizeBytes!.Value, pristine.Length + 1, pristine.Length + 10_000);

        await RestoreAsync(host, snapshot);
        var restored = host.Simulator.Vms[0].Disks[0];
        Assert.Equal(disk.DatastorePath, restored.Parent);
        Assert.Equal(before, await File.ReadAllBytesAsync(disk.LocalPath));
        Assert.DoesNotContain("what the guest has written", await File.ReadAllTextAsync(restored.LocalPath));

        await RemoveAsync(host, snapshot);
        Assert.Equal(files, host.Simulator.DatastoreFiles());
        Assert.Null(host.Simulator.Vms[0].Disks[0].Parent);
        Assert.Equal(before, await File.ReadAllBytesAsync(host.Simulator.Vms[0].Disks[0].LocalPath));
    }

    [Fact]
    public async Task A_snapshot_with_memory_runs_on_and_one_without_is_off()
    {
        await using var host = await StartAsync(new EsxiSimulatorOptions { Guest = _ => GuestBehavior.WithTools });
        var vm = Assert.Single(await host.ImportAsync(s_tinyVm));
        await host.Session.Power.StartAsync(vm, s_none);
        await host.Session.Waiting.WaitAsync(vm, VmCondition.Tools, TimeSpan.FromMinutes(1), s_none);
        var plan = await host.Session.Snapshots.PlanTakeAsync(new SnapshotRequest(vm, "live") { Memory = true }, s_none);
        Assert.Equal("Take snapshot 'live' with memory", plan.Description);
        var live = await plan.RunAsync(s_quiet, s_none);
        Assert.True(live.HasMemory);
        Assert.True(live.SizeBytes >= vm.MemoryMB << 20);
        var plain = await (await host.Session.Snapshots.PlanTakeAsync(new SnapshotRequest(vm, "plain") { Quiesce = true }, s_none)).RunAsync(s_quiet, s_none);
        Assert.False(plain.HasMemory);
        Assert.True(plain.IsQuiesced);

        Assert.Contains("the VM, which is running, is stopped", (await host.Session.Snapshots.PlanRestoreAsync(plain, s_none)).Description);
        Assert.Equal("Off", (await RestoreAsync(host, plain)).PowerState);
        Assert.Equal("On", (await RestoreAsync(host, live)).PowerState);
        await host.Session.RemoveVmAsync(vm, force: true, s_none);
        Assert.Empty(host.Simulator.DatastoreFiles());
    }

    [Fact]
    public async Task A_restart_ends_when_the_guest_has_shut_down_or_its_time_is_over()
    {
        var guest = GuestBehavior.WithTools with { ShutdownTime = TimeSpan.FromMilliseconds(300), BootTime = TimeSpan.FromMilliseconds(500) };
        await using var host = await StartAsync(new EsxiSimulatorOptions { Guest = name => name == "web1" ? guest : guest with { ShutdownTime = null } });
        foreach (var name in new[] { "web1", "web2" })
        {
            var vm = Assert.Single(await host.ImportAsync(s_tinyVm with { Names = [name] }));
            await host.Session.Power.StartAsync(vm, s_none);
            await host.Session.Waiting.WaitAsync(vm, VmCondition.Tools, TimeSpan.FromMinutes(1), s_none);
            if (name == "web1")
            {
                var clock = System.Diagnostics.Stopwatch.StartNew();
                await host.Session.Power.RestartAsync(vm, force: false, TimeSpan.FromMinutes(1), s_none);
                Assert.True(clock.Elapsed >= TimeSpan.FromMilliseconds(250));
                Assert.Equal("On", vm.PowerState);
                continue;
            }
            var late = await Assert.ThrowsAsync<VmDeployException>(() => host.Session.Power.RestartAsync(vm, force: false, TimeSpan.FromSeconds(1), s_none));
            Assert.Equal("GuestShutdownTimeout", late.Code.Id);
            Assert.Contains("did not restart within 1 s", late.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_suspended_VM_is_suspended_again_after_the_restore()
    {
        await using var host = await StartAsync(new EsxiSimulatorOptions());
        var vm = Assert.Single(await host.ImportAsync(s_tinyVm));
        await host.Session.Power.StartAsync(vm, s_none);
        await host.Session.Power.SuspendAsync(vm, s_none);
        var asleep = await TakeAsync(host, vm, "asleep");
        Assert.Equal(("Suspended", true), (asleep.PowerState, asleep.HasMemory));
        await host.Session.Power.ResumeAsync(vm, s_none);

        var plan = await host.Session.Snapshots.PlanRestoreAsync(asleep, s_none);
        Assert.EndsWith("; the VM is suspended afterwards", plan.Description);
        Assert.Equal("Suspended", (await plan.RunAsync(s_quiet, s_none)).PowerState);
    }

    [Fact]
    public async Task A_restore_whose_answer_is_lost_is_done_all_the_same()
    {
        await using var host = await StartAsync(new EsxiSimulatorOptions());
        var vm = Assert.Single(await host.ImportAsync(s_tinyVm));
        var snapshot = await TakeAsync(host, vm, "clean");
        await File.AppendAllTextAsync(host.Simulator.Vms[0].Disks[0].LocalPath, "what the guest has written");
        host.Simulator.Faults.DropReply("RevertToSnapshot_Task");
        await RestoreAsync(host, snapshot);
        Assert.DoesNotContain("what the guest has written", await File.ReadAllTextAsync(host.Simulator.Vms[0].Disks[0].LocalPath));
    }

    [Fact]
    public async Task A_newer_disk_is_named_detached_and_kept()
    {
        await using var host = await StartAsync(new EsxiSimulatorOptions());
        var vm = Assert.Single(await host.ImportAsync(s_tinyVm));
        var snapshot = await TakeAsync(host, vm, "one disk");
        await AddDiskAsync(host, vm);
        var added = host.Simulator.Vms[0].Disks[1];

        var plan = await host.Session.Snapshots.PlanRestoreAsync(snapshot, s_none);
        Assert.Contains($"newer disks are detached, and the host can delete their files: '{added.Label} {added.DatastorePath}'", plan.Description);
        await plan.RunAsync(s_quiet, s_none);
        Assert.Single(host.Simulator.Vms[0].Disks);
        Assert.True(File.Exists(added.LocalPath));
    }

    [Fact]
    public async Task Disks_that_need_consolidation_are_consolidated_with_a_warning()
    {
        var log = new Warnings();
        await using var host = await StartAsync(new EsxiSimulatorOptions());
        var vm = Assert.Single(await host.ImportAsync(s_tinyVm));
        var files = host.Simulator.DatastoreFiles();
        await TakeAsync(host, vm, "clean");
        using var other = await VsphereSession.ConnectAsync(SimulatedHost.OptionsOf(host.Simulator), log, s_none);
        var seen = (await other.GetVmsAsync(new VmQuery(), s_none))[0];

        host.Simulator.Faults.KeepSnapshotDisks();
        await (await other.Snapshots.PlanRemoveAsync(await other.Snapshots.FindAsync(seen, "clean", s_none), false, s_none)).RunAsync(s_quiet, s_none);
        Assert.Contains("consolidating them now", Assert.Single(log.Lines));
        Assert.Equal(files, host.Simulator.DatastoreFiles());

        await TakeAsync(host, vm, "again");
        host.Simulator.Faults.KeepSnapshotDisks();
        host.Simulator.Faults.FailTask("ConsolidateVMDisks_Task", "FileLocked");
        var plan = await host.Session.Snapshots.PlanRemoveAsync(await host.Session.Snapshots.FindAsync(vm, "again", s_none), false, s_none);
        var failed = await Assert.ThrowsAsync<VmDeployException>(() => plan.RunAsync(s_quiet, s_none));
        Assert.Equal("DisksNotConsolidated", failed.Code.Id);
        Assert.Contains("was removed", failed.Message);
    }

    [Theory]
    [InlineData(EsxiMode.Esxi)]
    [InlineData(EsxiMode.VCenter)]
    public async Task Disks_of_linked_clones_are_not_touched(EsxiMode mode)
    {
        await using var host = await StartAsync(new EsxiSimulatorOptions { Mode = mode });
        var vm = Assert.Single(await host.ImportAsync(s_tinyVm));
        var first = await TakeAsync(host, vm, "first");
        await host.RunAsync(await host.Session.PlanCloneAsync(new CloneRequest(vm) { Names = ["child"], Linked = true }, s_none));
        Assert.Empty(host.Failures);
        var before = host.Picture();

        var refused = await Assert.ThrowsAsync<VmDeployException>(() => host.Session.Snapshots.PlanRemoveAsync(first, withChildren: true, s_none));
        Assert.Equal("LinkedClonesDepend", refused.Code.Id);
        Assert.Contains("'child'", refused.Message);
        if (mode == EsxiMode.Esxi)
        {
            refused = await Assert.ThrowsAsync<VmDeployException>(() => host.Session.Snapshots.PlanRestoreAsync(first, s_none));
            Assert.Equal("LinkedClonesDepend", refused.Code.Id);
        }
        Assert.Equal(before, host.Picture());
    }

    [Theory]
    [InlineData("8.0.2.0", "CreateSnapshotEx_Task")]
    [InlineData("6.0", "CreateSnapshot_Task")]
    public async Task The_call_is_the_one_that_the_version_has(string version, string method)
    {
        await using var host = await StartAsync(new EsxiSimulatorOptions { ApiVersion = version });
        var vm = Assert.Single(await host.ImportAsync(s_tinyVm));
        await TakeAsync(host, vm, "clean");
        Assert.Equal([method], host.Simulator.Requests.Select(request => request.Method).Where(name => name.StartsWith("CreateSnapshot", StringComparison.Ordinal)));
    }

    private static Task<SimulatedHost> StartAsync(EsxiSimulatorOptions options) => SimulatedHost.StartAsync(options);

    private static async Task<VmSnapshot> TakeAsync(SimulatedHost host, Vm vm, string name) =>
        await (await host.Session.Snapshots.PlanTakeAsync(new SnapshotRequest(vm, name), s_none)).RunAsync(s_quiet, s_none);

    private static async Task<Vm> RestoreAsync(SimulatedHost host, VmSnapshot snapshot) =>
        await (await host.Session.Snapshots.PlanRestoreAsync(snapshot, s_none)).RunAsync(s_quiet, s_none);

    private static async Task RemoveAsync(SimulatedHost host, VmSnapshot snapshot) =>
        await (await host.Session.Snapshots.PlanRemoveAsync(snapshot, false, s_none)).RunAsync(s_quiet, s_none);

    private static async Task AddDiskAsync(SimulatedHost host, Vm vm)
    {
        var session = (VsphereSession)host.Session;
        var hardware = await VmHardware.ReadAsync(session, vm, s_none);
        var first = hardware.Devices.First(device => device.TypeName() == "VirtualDisk");
        await session.Tasks.RunAsync(hardware.Reference, "ReconfigVM_Task", vm.Name, s_none, ConfigSpec.Create("spec",
            ConfigSpec.Change("add", DiskLayout.CreateDisk(-101, 1 << 20, first.Number("controllerKey")!.Value, first.Number("unitNumber")!.Value + 1, "datastore1", DiskProvisioning.Thin), "create")));
    }

    private sealed class Warnings : ILogger
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel == LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (Lines)
                Lines.Add(formatter(state, exception));
        }
    }
}
