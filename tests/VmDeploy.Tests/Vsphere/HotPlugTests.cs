using VmDeploy.Simulator.Esxi;
using VmDeploy.Tests.Support;
using VmDeploy.Vmdk;
using VmDeploy.Vsphere;
using Xunit;

namespace VmDeploy.Tests.Vsphere;

/// <summary>Hardware of running VMs, which vcsim changes without any check.</summary>
public sealed class HotPlugTests
{
    private static readonly CancellationToken s_none = CancellationToken.None;
    private static readonly IProgress<OperationProgress> s_quiet = new OnProgress(_ => { });

    [Theory]
    [InlineData(EsxiMode.Esxi)]
    [InlineData(EsxiMode.VCenter)]
    public async Task CPUs_and_memory_are_added_to_a_running_VM_that_allows_it(EsxiMode mode)
    {
        await using var host = await SimulatedHost.StartAsync(new EsxiSimulatorOptions { Mode = mode });
        var vm = await MakeAsync(host, "hot");
        await AllowAsync(host, vm);
        await host.Session.Power.StartAsync(vm, s_none);

        await SetAsync(host, vm, new VmSettings { CpuCount = 4, MemoryMB = 1024 + 256 });
        Assert.Equal((4, 1280L, "On"), (vm.CpuCount, vm.MemoryMB, vm.PowerState));
        await RefusedAsync(new VmSettings { CpuCount = 2 }, "cpuHotRemoveEnabled is false");
        await RefusedAsync(new VmSettings { MemoryMB = 1280 + 64 }, "steps of 128 MB (hotPlugMemoryIncrementSize)");
        await RefusedAsync(new VmSettings { MemoryMB = 17 * 1024 }, "hotPlugMemoryLimit is 16384 MB");
        await RefusedAsync(new VmSettings { MemoryMB = 1024 }, "memory can't be removed");
        Assert.Equal((4, 1280L), (Assert.Single(host.Simulator.Vms).CpuCount, Assert.Single(host.Simulator.Vms).MemoryMB));

        async Task RefusedAsync(VmSettings settings, string words)
        {
            var refused = await Assert.ThrowsAsync<VmDeployException>(() => SetAsync(host, vm, settings));
            Assert.Equal("HardwareNeedsPowerOff", refused.Code.Id);
            Assert.Contains(words, refused.Message);
        }
    }

    [Fact]
    public async Task The_host_itself_refuses_what_the_client_did_not_foresee()
    {
        await using var host = await SimulatedHost.StartAsync(new EsxiSimulatorOptions());
        var vm = await MakeAsync(host, "hot");
        await AllowAsync(host, vm);
        await host.Session.Power.StartAsync(vm, s_none);
        var session = (VsphereSession)host.Session;
        foreach (var (name, value, fault) in new[] { ("numCPUs", "0", "InvalidArgument"), ("memoryMB", "1100", "MemoryHotPlugNotSupported"), ("cpuHotRemoveEnabled", "true", "InvalidPowerState") })
        {
            var refused = await Assert.ThrowsAsync<VimFault>(() => session.Tasks.RunAsync(new MoRef("VirtualMachine", vm.Id), "ReconfigVM_Task", vm.Name, s_none,
                VimXml.El("spec", VimXml.El(name, value))));
            Assert.Equal(fault, refused.Type);
        }
    }

    [Fact]
    public async Task A_suspended_VM_changes_only_what_its_guest_does_not_see()
    {
        await using var host = await SimulatedHost.StartAsync(new EsxiSimulatorOptions());
        var vm = await MakeAsync(host, "sleeper");
        await host.Session.Power.StartAsync(vm, s_none);
        await ((VsphereSession)host.Session).Tasks.RunAsync(new MoRef("VirtualMachine", vm.Id), "SuspendVM_Task", vm.Name, s_none);
        await RefusedAsync(() => SetAsync(host, vm, new VmSettings { CpuCount = 2 }));
        await RefusedAsync(() => SetAsync(host, vm, new VmSettings { MemoryMB = 2048 }));
        await RefusedAsync(() => host.Session.Disks.PlanAddAsync(vm, new NewDisk { SizeBytes = 1 << 20 }, s_none));
        await RefusedAsync(() => host.Session.NetworkAdapters.PlanAddAsync(vm, new NewNetworkAdapter("VM Network"), s_none));
        await RefusedAsync(() => host.Session.NetworkAdapters.PlanRemoveAsync(vm.NetworkAdapters[0], s_none));
        await SetAsync(host, vm, new VmSettings { Annotation = "asleep" });
        Assert.Equal(("asleep", "Suspended"), (vm.Annotation, vm.PowerState));

        async Task RefusedAsync(Func<Task> act)
        {
            var refused = await Assert.ThrowsAnyAsync<VmDeployException>(act);
            Assert.Equal("HardwareNeedsPowerOff", refused.Code.Id);
            Assert.Contains("sleeper is suspended", refused.Message);
        }
    }

    [Fact]
    public async Task An_empty_text_clears_the_annotation_and_an_empty_value_removes_a_key()
    {
        await using var host = await SimulatedHost.StartAsync(new EsxiSimulatorOptions());
        var vm = await MakeAsync(host, "notes");
        await SetAsync(host, vm, new VmSettings { Annotation = "text", ExtraConfig = new Dictionary<string, string> { ["guestinfo.a"] = "1", ["guestinfo.b"] = "2" } });
        await SetAsync(host, vm, new VmSettings { Annotation = "", ExtraConfig = new Dictionary<string, string> { ["guestinfo.a"] = "" } });
        var there = Assert.Single(host.Simulator.Vms);
        Assert.Equal("", there.Annotation);
        Assert.Equal(["guestinfo.b"], there.ExtraConfig.Keys.Where(key => key.StartsWith("guestinfo", StringComparison.Ordinal)));
        await SetAsync(host, vm, new VmSettings());
        Assert.Equal("notes", vm.Name);
    }

    [Fact]
    public async Task Cores_of_a_running_VM_stay_whole_sockets()
    {
        await using var host = await SimulatedHost.StartAsync(new EsxiSimulatorOptions());
        var vm = await MakeAsync(host, "hot");
        await AllowAsync(host, vm, VimXml.El("numCPUs", 2), VimXml.El("numCoresPerSocket", 2));
        await host.Session.Power.StartAsync(vm, s_none);
        var refused = await Assert.ThrowsAnyAsync<VmDeployException>(() => SetAsync(host, vm, new VmSettings { CpuCount = 3 }));
        Assert.Contains("each socket has 2 cores", refused.Message);
        await SetAsync(host, vm, new VmSettings { CpuCount = 4 });
        Assert.Equal(4, vm.CpuCount);
    }

    [Fact]
    public async Task A_disk_grows_and_keeps_its_bytes()
    {
        await using var host = await SimulatedHost.StartAsync(new EsxiSimulatorOptions());
        var vm = Assert.Single(await host.ImportAsync(new OvaImportRequest(Support.Repository.Path("examples/tinyVM.ova")) { Names = ["grows"] }));
        var before = await RawAsync(Assert.Single(Assert.Single(host.Simulator.Vms).Disks).LocalPath);
        var disk = vm.Disks[0];
        var grown = await (await host.Session.Disks.PlanGrowAsync(disk, disk.CapacityBytes + (100 << 20), s_none)).RunAsync(s_quiet, s_none);
        var there = Assert.Single(Assert.Single(host.Simulator.Vms).Disks);
        Assert.Equal(grown.CapacityBytes, there.CapacityBytes);
        var after = await RawAsync(there.LocalPath);
        Assert.Equal(there.CapacityBytes, after.Length);
        Assert.Equal(before, after[..before.Length]);
        Assert.All(after.AsSpan(before.Length).ToArray().Distinct(), one => Assert.Equal(0, one));

        static async Task<byte[]> RawAsync(string path)
        {
            using var file = File.OpenRead(path);
            var disk = new StreamOptimizedReader(file, Path.GetFileName(path));
            var raw = new byte[(await disk.ReadHeaderAsync(s_none)).CapacityBytes];
            while (await disk.ReadAsync(s_none))
                disk.Data.CopyTo(raw, (int)disk.Offset);
            return raw;
        }
    }

    [Fact]
    public async Task A_running_VM_takes_a_disk_and_one_that_is_not_on_IDE_grows()
    {
        await using var host = await SimulatedHost.StartAsync(new EsxiSimulatorOptions());
        var vm = Assert.Single(await host.ImportAsync(new OvaImportRequest(Support.Repository.Path("examples/tinyVM.ova")) { Names = ["runs"] }));
        await host.Session.Power.StartAsync(vm, s_none);
        Assert.StartsWith("IDE", vm.Disks[0].Slot, StringComparison.Ordinal);
        Assert.Equal("HardwareNeedsPowerOff", (await Assert.ThrowsAnyAsync<VmDeployException>(() => host.Session.Disks.PlanGrowAsync(vm.Disks[0], 1L << 30, s_none))).Code.Id);
        var disk = await AddDiskAsync(host, vm, new NewDisk { SizeBytes = 1 << 20 });
        Assert.StartsWith("SCSI 0:0", disk.Slot, StringComparison.Ordinal);
        disk = await (await host.Session.Disks.PlanGrowAsync(disk, 3 << 20, s_none)).RunAsync(s_quiet, s_none);
        Assert.Equal(3 << 20, disk.CapacityBytes);
    }

    [Theory]
    [InlineData(EsxiMode.Esxi)]
    [InlineData(EsxiMode.VCenter)]
    public async Task The_disk_of_a_linked_clone_neither_grows_nor_is_deleted_and_its_parent_stays(EsxiMode mode)
    {
        await using var host = await SimulatedHost.StartAsync(new EsxiSimulatorOptions { Mode = mode });
        var source = await MakeAsync(host, "source");
        var plan = await host.Session.PlanCloneAsync(new CloneRequest(source) { Names = ["linked"], Linked = true }, s_none);
        var clone = Assert.Single(await host.RunAsync(plan));
        var disk = clone.Disks[0];
        Assert.Equal("DiskHasParent", (await Assert.ThrowsAnyAsync<VmDeployException>(() => host.Session.Disks.PlanGrowAsync(disk, disk.CapacityBytes * 2, s_none))).Code.Id);
        Assert.Equal("DiskHasParent", (await Assert.ThrowsAnyAsync<VmDeployException>(() => host.Session.Disks.PlanRemoveAsync(disk, keepFile: false, s_none))).Code.Id);
        await source.RefreshAsync();
        var parent = source.Disks[0];
        var refused = await Assert.ThrowsAnyAsync<VmDeployException>(() => host.Session.Disks.PlanRemoveAsync(parent, keepFile: false, s_none));
        Assert.Equal(mode == EsxiMode.Esxi ? "LinkedClonesDepend" : "DiskHasParent", refused.Code.Id);
        // The clone's disk can be deleted, with its file.
        await (await host.Session.Disks.PlanRemoveAsync(disk, keepFile: true, s_none)).RunAsync(s_quiet, s_none);
        Assert.Empty(clone.Disks);
        Assert.Contains(host.Simulator.DatastoreFiles(), file => disk.Path!.EndsWith(file[(file.IndexOf(' ', StringComparison.Ordinal) + 1)..], StringComparison.Ordinal));
    }

    [Fact]
    public async Task Paravirtual_controllers_have_64_units_and_a_full_one_is_followed_by_another()
    {
        await using var host = await SimulatedHost.StartAsync(new EsxiSimulatorOptions());
        var vm = await MakeAsync(host, "wide", DiskController.ParaVirtual);
        Assert.Equal("SCSI 0:63", (await AddDiskAsync(host, vm, new NewDisk { SizeBytes = 1 << 20, Unit = 63 })).Slot);
        Assert.Equal("SCSI 0:20", (await AddDiskAsync(host, vm, new NewDisk { SizeBytes = 1 << 20, Unit = 20 })).Slot);
        var small = await MakeAsync(host, "narrow", DiskController.LsiLogic);
        for (var i = 0; i < 14; i++)
            await AddDiskAsync(host, small, new NewDisk { SizeBytes = 1 << 20 });
        Assert.Equal(15, small.Disks.Count);
        Assert.DoesNotContain("SCSI 0:7", small.Disks.Select(d => d.Slot));
        await host.Session.Power.StartAsync(small, s_none);
        var plan = await host.Session.Disks.PlanAddAsync(small, new NewDisk { SizeBytes = 1 << 20 }, s_none);
        Assert.EndsWith("SCSI 1:0 on a new controller", plan.Description);
        Assert.Equal("SCSI 1:0", (await plan.RunAsync(s_quiet, s_none)).Slot);
    }

    [Fact]
    public async Task An_adapter_moves_between_standard_distributed_and_opaque_networks_while_the_VM_runs()
    {
        await using var host = await SimulatedHost.StartAsync(new EsxiSimulatorOptions { Mode = EsxiMode.VCenter, OpaqueNetworks = ["nsx-blue"] });
        var vm = await MakeAsync(host, "mover");
        await host.Session.Power.StartAsync(vm, s_none);
        var adapter = vm.NetworkAdapters[0];
        var mac = adapter.MacAddress;
        foreach (var network in new[] { "dvs1-production", "nsx-blue", "Lab" })
        {
            var plan = await host.Session.NetworkAdapters.PlanSetAsync(adapter, new NetworkAdapterChange { Network = network }, s_none);
            Assert.Equal($"network '{adapter.NetworkName}' -> '{network}'", plan.Description);
            adapter = await plan.RunAsync(s_quiet, s_none);
            Assert.Equal((network, mac, true), (adapter.NetworkName, adapter.MacAddress, adapter.IsConnected));
            Assert.Equal(network, Assert.Single(Assert.Single(host.Simulator.Vms).Nics).Network);
        }
        Assert.Contains(await host.Session.Discovery.GetNetworksAsync(s_none), n => n is { Name: "nsx-blue", Type: "Opaque" });
    }

    private static async Task<Vm> MakeAsync(SimulatedHost host, string name, DiskController controller = DiskController.ParaVirtual)
    {
        if (!host.Simulator.DatastoreFiles().Any(f => f.EndsWith("any.iso", StringComparison.Ordinal)))
        {
            await host.Session.DatastoreFiles.SendAsync(new SendFileRequest(Support.Repository.Path("examples/tiny.iso"), "datastore1")
            { Path = "iso/any.iso", Datacenter = "ha-datacenter" }, s_quiet, s_none);
        }
        var request = new IsoVmRequest("[datastore1] iso/any.iso")
        {
            Names = [name],
            Datacenter = "ha-datacenter",
            HostName = "localhost.localdomain",
            Datastore = "datastore1",
            Hardware = new() { DiskBytes = [1 << 20], Networks = ["VM Network"] },
            DiskController = controller,
        };
        return Assert.Single(await host.RunAsync(await host.Session.PlanIsoVmAsync(request, s_none)));
    }

    // No request of the client sets it.
    private static Task AllowAsync(SimulatedHost host, Vm vm, params System.Xml.Linq.XElement[] more) => ((VsphereSession)host.Session).Tasks.RunAsync(
        new MoRef("VirtualMachine", vm.Id), "ReconfigVM_Task", vm.Name, s_none,
        ConfigSpec.Create("spec", [.. more, VimXml.El("memoryHotAddEnabled", true), VimXml.El("cpuHotAddEnabled", true)]));

    private static async Task SetAsync(SimulatedHost host, Vm vm, VmSettings settings) =>
        await (await host.Session.Configuration.PlanAsync(vm, settings, s_none)).RunAsync(s_quiet, s_none);

    private static async Task<VmDisk> AddDiskAsync(SimulatedHost host, Vm vm, NewDisk disk) => await (await host.Session.Disks.PlanAddAsync(vm, disk, s_none)).RunAsync(s_quiet, s_none);
}
