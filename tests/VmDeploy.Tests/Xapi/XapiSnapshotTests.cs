using System.Text;
using VmDeploy.Simulator.Xapi;
using VmDeploy.Tests.Support;
using Xunit;

namespace VmDeploy.Tests.Xapi;

/// <summary>Snapshots on XenServer, whose restore deletes the current disks first.</summary>
public sealed class XapiSnapshotTests
{
    private static readonly CancellationToken s_none = CancellationToken.None;
    private static readonly SimulatedXenServer.Quiet s_quiet = new();
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);
    private static readonly OvaImportRequest s_tinyVm = new(Repository.Path("examples/tinyVM.ova")) { Names = ["web1"] };

    [Fact]
    public async Task What_is_written_after_a_snapshot_is_undone_by_a_restore_byte_for_byte()
    {
        await using var server = await SimulatedXenServer.StartAsync();
        var vm = Assert.Single(await server.ImportAsync(s_tinyVm));
        var before = server["web1"];
        var content = await File.ReadAllBytesAsync(before.Drives[0].LocalPath!);
        var first = await TakeAsync(server, new SnapshotRequest(vm, "first") { Description = "as imported" });
        Assert.Equal("as imported", first.Description);
        Assert.True(first.IsCurrent);
        Write(server, "written after the first");
        var second = await TakeAsync(server, new SnapshotRequest(vm, "second"));
        Write(server, "written after the second");
        var later = await File.ReadAllBytesAsync(server["web1"].Drives[0].LocalPath!);
        Assert.NotEqual(content, later);

        var plan = await server.Session.Snapshots.PlanRestoreAsync(first, s_none);
        Assert.Contains("all changes since then are lost; the VM is off afterwards", plan.Description);
        var restored = await plan.RunAsync(s_quiet, s_none);
        Assert.Equal(vm.Id, restored.Id);
        Assert.Equal(content, await File.ReadAllBytesAsync(server["web1"].Drives[0].LocalPath!));
        Assert.Equal(before.Vifs, server["web1"].Vifs);
        // The other one has its own, and can still be restored.
        await RestoreAsync(server, second);
        var middle = await File.ReadAllTextAsync(server["web1"].Drives[0].LocalPath!);
        Assert.Contains("written after the first", middle);
        Assert.DoesNotContain("written after the second", middle);

        var third = await TakeAsync(server, new SnapshotRequest(vm, "third"));
        Assert.Equal([("first", null, false), ("second", "first", false), ("third", "second", true)],
            (await server.Session.Snapshots.GetAsync(vm, s_none)).Select(one => (one.Name, one.Parent, one.IsCurrent)));
        await RemoveAsync(server, second, withChildren: false);
        Assert.Equal([("first", null), ("third", "first")], (await server.Session.Snapshots.GetAsync(vm, s_none)).Select(one => (one.Name, one.Parent)));
        Assert.Equal(2, (await RemoveAsync(server, first, withChildren: true)).Count);
        Assert.Empty(await server.Session.Snapshots.GetAsync(vm, s_none));
        Assert.NotNull(third.Parent);
        await server.Session.RemoveVmAsync(vm, force: true, s_none);
        server.AssertNothingIsLeft();
    }

    [Fact]
    public async Task A_checkpoint_is_resumed_after_the_restore()
    {
        await using var server = await SimulatedXenServer.StartAsync(new XapiSimulatorOptions { Guest = _ => XapiGuest.WithTools });
        var vm = Assert.Single(await server.ImportAsync(s_tinyVm));
        await server.Session.Power.StartAsync(vm, s_none);
        await server.Session.Waiting.WaitAsync(vm, VmCondition.Tools, s_patience, s_none);
        var live = await TakeAsync(server, new SnapshotRequest(vm, "live") { Memory = true, Quiesce = true });
        Assert.True(live.HasMemory);
        Assert.Equal("Running", server["web1"].PowerState);

        var plan = await server.Session.Snapshots.PlanRestoreAsync(live, s_none);
        Assert.Contains("the VM, which is running, is stopped", plan.Description);
        Assert.Contains("the guest continues from the saved memory", plan.Description);
        Assert.Equal("On", (await plan.RunAsync(s_quiet, s_none)).PowerState);
        await server.Session.Waiting.WaitAsync(vm, VmCondition.Tools, s_patience, s_none);
        await server.Session.Power.SuspendAsync(vm, s_none);
        Assert.Equal("On", (await RestoreAsync(server, live)).PowerState);

        server.Simulator.Faults.FailCall("VM.resume", "HOST_NOT_ENOUGH_FREE_MEMORY", ["1", "0"]);
        var failed = await AssertRefusedAsync(() => RestoreAsync(server, live), "InsufficientResources");
        Assert.Contains("was restored, but could not be resumed", failed.Message);
        await RemoveAsync(server, live, withChildren: false);
        await server.Session.RemoveVmAsync(vm, force: true, s_none);
        server.AssertNothingIsLeft();
    }

    [Fact]
    public async Task Without_tools_there_is_no_snapshot_with_memory_and_nothing_is_left_of_it()
    {
        await using var server = await SimulatedXenServer.StartAsync(new XapiSimulatorOptions { VmCount = 1 });
        var vm = await server.FindAsync("vm-00001");
        await server.Session.Power.StartAsync(vm, s_none);
        var failed = await AssertRefusedAsync(() => TakeAsync(server, new SnapshotRequest(vm, "live") { Memory = true }), "ToolsNotRunning");
        Assert.Equal(ErrorHint.SuspendNeedsTools, failed.Hint);
        server.AssertNothingIsLeft();
    }

    [Fact]
    public async Task Space_is_checked_before_anything_is_deleted()
    {
        // An LVM repository reserves the whole size of a disk. The VM's disk is gone, so no space becomes free.
        await using var server = await SimulatedXenServer.StartAsync(new XapiSimulatorOptions { LocalSrType = "lvm", SrSize = 1100L << 20 });
        var vm = Assert.Single(await server.ImportAsync(s_tinyVm));
        var snapshot = await TakeAsync(server, new SnapshotRequest(vm, "first"));
        var disk = server["web1"].Drives[0];
        lock (server.Simulator.Host.Database.Gate)
        {
            var database = server.Simulator.Host.Database;
            VbdCalls.Destroy(database, database.All("VBD").First(vbd => vbd.Uuid == disk.Uuid));
            VdiCalls.Destroy(server.Simulator.Host, database.All("VDI").First(vdi => vdi.Uuid == disk.VdiUuid));
            var sr = database.All("SR").First(one => one.Name == "Local storage");
            database.Set(sr, "physical_size", (long)database.Read(sr, "physical_utilisation") + (1 << 20));
        }
        var before = server.Simulator.Inventory();
        var refused = await AssertRefusedAsync(() => RestoreAsync(server, snapshot), "DatastoreFull");
        Assert.Equal(ErrorHint.RestoreNeedsSpace, refused.Hint);
        Assert.Contains("in 'Local storage', where 1 MB are free. Nothing was changed.", refused.Message);
        Assert.Equal(before, server.Simulator.Inventory());
        Assert.DoesNotContain(server.Simulator.Calls, call => call.Method == "Async.VM.revert");
    }

    [Fact]
    public async Task A_restore_that_fails_on_the_way_says_what_may_be_gone()
    {
        await using var server = await SimulatedXenServer.StartAsync();
        var vm = Assert.Single(await server.ImportAsync(s_tinyVm));
        var snapshot = await TakeAsync(server, new SnapshotRequest(vm, "first"));
        // With its disks in place, nothing more is said than what the host says.
        server.Simulator.Faults.FailCall("VM.revert", "OTHER_OPERATION_IN_PROGRESS", ["VM", "OpaqueRef:a"]);
        Assert.DoesNotContain("without its disks", (await AssertRefusedAsync(() => RestoreAsync(server, snapshot), "HostBusy")).Message);

        // Somebody else takes the place for the copies after it was checked.
        var plan = await server.Session.Snapshots.PlanRestoreAsync(snapshot, s_none);
        Resize(server, 1 << 20);
        var failed = await AssertRefusedAsync(() => plan.RunAsync(s_quiet, s_none), "DatastoreFull");
        Assert.Equal(ErrorHint.RestoreAgain, failed.Hint);
        Assert.Contains("may be without its disks until it is restored; snapshot 'first' still has its data", failed.Message);
        Assert.Empty(server["web1"].Drives);
        Resize(server, 1L << 40);
        Assert.Equal("Off", (await RestoreAsync(server, snapshot)).PowerState);
        Assert.NotEmpty(server["web1"].Drives);
    }

    [Theory]
    [InlineData("INTERNAL_ERROR")]
    [InlineData("TASK_CANCELLED")]
    [InlineData("VM_REVERT_FAILED")]
    public async Task Whatever_the_failure_is_lost_disks_are_told(string code)
    {
        await using var server = await SimulatedXenServer.StartAsync();
        var vm = Assert.Single(await server.ImportAsync(s_tinyVm));
        var plan = await server.Session.Snapshots.PlanRestoreAsync(await TakeAsync(server, new SnapshotRequest(vm, "first")), s_none);
        lock (server.Simulator.Host.Database.Gate)
        {
            var database = server.Simulator.Host.Database;
            foreach (var drive in server["web1"].Drives)
            {
                VbdCalls.Destroy(database, database.All("VBD").First(vbd => vbd.Uuid == drive.Uuid));
                VdiCalls.Destroy(server.Simulator.Host, database.All("VDI").First(vdi => vdi.Uuid == drive.VdiUuid));
            }
        }
        server.Simulator.Faults.FailCall("VM.revert", code, ["a", "b"]);
        var failed = await Assert.ThrowsAnyAsync<VmDeployException>(() => plan.RunAsync(s_quiet, s_none));
        Assert.Contains("may be without its disks", failed.Message);
    }

    [Fact]
    public async Task A_restore_whose_answer_is_lost_is_done_all_the_same()
    {
        await using var server = await SimulatedXenServer.StartAsync();
        var vm = Assert.Single(await server.ImportAsync(s_tinyVm));
        var content = await File.ReadAllBytesAsync(server["web1"].Drives[0].LocalPath!);
        var snapshot = await TakeAsync(server, new SnapshotRequest(vm, "first"));
        Write(server, "written later");
        server.Simulator.Faults.DropReply("VM.revert");
        await RestoreAsync(server, snapshot);
        Assert.Equal(content, await File.ReadAllBytesAsync(server["web1"].Drives[0].LocalPath!));
        Assert.Equal(0, server.Simulator.Faults.Left);
    }

    [Fact]
    public async Task A_suspended_VM_is_suspended_again_after_the_restore()
    {
        await using var server = await SimulatedXenServer.StartAsync(new XapiSimulatorOptions { Guest = _ => XapiGuest.WithTools });
        var vm = Assert.Single(await server.ImportAsync(s_tinyVm));
        await server.Session.Power.StartAsync(vm, s_none);
        await server.Session.Waiting.WaitAsync(vm, VmCondition.Tools, s_patience, s_none);
        await server.Session.Power.SuspendAsync(vm, s_none);
        var asleep = await TakeAsync(server, new SnapshotRequest(vm, "asleep") { Memory = true });
        Assert.Equal(("Suspended", true), (asleep.PowerState, asleep.HasMemory));
        Assert.Equal("Off", (await TakeAsync(server, new SnapshotRequest(vm, "disks only"))).PowerState);
        await server.Session.Power.ResumeAsync(vm, s_none);

        var plan = await server.Session.Snapshots.PlanRestoreAsync(asleep, s_none);
        Assert.EndsWith("; the VM is suspended afterwards", plan.Description);
        Assert.Equal("Suspended", (await plan.RunAsync(s_quiet, s_none)).PowerState);
        Assert.Equal("Suspended", server["web1"].PowerState);
    }

    [Fact]
    public async Task A_newer_disk_is_named_and_kept()
    {
        await using var server = await SimulatedXenServer.StartAsync();
        var vm = Assert.Single(await server.ImportAsync(s_tinyVm));
        var snapshot = await TakeAsync(server, new SnapshotRequest(vm, "one disk"));
        string uuid;
        lock (server.Simulator.Host.Database.Gate)
        {
            var host = server.Simulator.Host;
            var sr = host.Database.All("SR").First(one => one.Name == "Local storage");
            var vdi = VdiCalls.Create(host, new() { ["SR"] = sr.Ref, ["virtual_size"] = 1L << 21, ["type"] = "user", ["sharable"] = false, ["read_only"] = false, ["name_label"] = "newer", ["other_config"] = new Dictionary<string, object>() });
            VbdCalls.Create(host, new()
            {
                ["VM"] = host.Database.All("VM").First(one => one.Uuid == vm.Id).Ref,
                ["VDI"] = vdi.Ref,
                ["userdevice"] = "7",
                ["bootable"] = false,
                ["mode"] = "RW",
                ["type"] = "Disk",
                ["empty"] = false,
                ["other_config"] = new Dictionary<string, object>(),
            });
            uuid = vdi.Uuid;
        }
        var plan = await server.Session.Snapshots.PlanRestoreAsync(snapshot, s_none);
        Assert.Contains($"newer disks are detached and remain on the datastore: 'newer ({uuid})'", plan.Description);
        await plan.RunAsync(s_quiet, s_none);
        Assert.DoesNotContain(server["web1"].Drives, drive => drive.VdiUuid == uuid);
        Assert.Contains(server.Simulator.Inventory(), line => line.Contains(uuid, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Names_are_not_unique()
    {
        await using var server = await SimulatedXenServer.StartAsync(new XapiSimulatorOptions { VmCount = 1 });
        var vm = await server.FindAsync("vm-00001");
        var one = await TakeAsync(server, new SnapshotRequest(vm, "same"));
        var two = await TakeAsync(server, new SnapshotRequest(vm, "same"));
        var refused = await AssertRefusedAsync(() => server.Session.Snapshots.FindAsync(vm, "same", s_none), "AmbiguousSnapshot");
        Assert.Contains(one.Id, refused.Message);
        Assert.Equal(two.Id, (await server.Session.Snapshots.FindAsync(vm, two.Id, s_none)).Id);
        await AssertRefusedAsync(() => server.Session.Snapshots.FindAsync(vm, "other", s_none), "SnapshotNotFound");
        // The VM is removed with its snapshots.
        await server.Session.RemoveVmAsync(vm, force: false, s_none);
        Assert.DoesNotContain(server.Simulator.Inventory(), line => line.EndsWith(" same", StringComparison.Ordinal));
    }

    private static void Resize(SimulatedXenServer server, long bytes)
    {
        var database = server.Simulator.Host.Database;
        lock (database.Gate)
            database.Set(database.All("SR").First(one => one.Name == "Local storage"), "physical_size", bytes);
    }

    private static void Write(SimulatedXenServer server, string text) =>
        server.Simulator.Host.Files.Write(server["web1"].Drives[0].VdiUuid!, 512, Encoding.ASCII.GetBytes(text));

    private static async Task<VmSnapshot> TakeAsync(SimulatedXenServer server, SnapshotRequest request) =>
        await (await server.Session.Snapshots.PlanTakeAsync(request, s_none)).RunAsync(s_quiet, s_none);

    private static async Task<Vm> RestoreAsync(SimulatedXenServer server, VmSnapshot snapshot) =>
        await (await server.Session.Snapshots.PlanRestoreAsync(snapshot, s_none)).RunAsync(s_quiet, s_none);

    private static async Task<IReadOnlyList<VmSnapshot>> RemoveAsync(SimulatedXenServer server, VmSnapshot snapshot, bool withChildren) =>
        await (await server.Session.Snapshots.PlanRemoveAsync(snapshot, withChildren, s_none)).RunAsync(s_quiet, s_none);

    private static async Task<VmDeployException> AssertRefusedAsync(Func<Task> act, string id)
    {
        var refused = await Assert.ThrowsAnyAsync<VmDeployException>(act);
        Assert.True(refused.Code.Id == id, refused.ToString());
        return refused;
    }
}
