using VmDeploy.Vsphere;
using Xunit;

namespace VmDeploy.Tests.Vsphere;

public abstract partial class VsphereBehaviour
{
    [SkippableFact]
    public async Task The_settings_of_a_VM_that_is_off_change_at_once()
    {
        var vm = (await MakeAsync((await ScratchAsync("before")) with { Annotation = "old" }))[0];
        var path = vm.Path;
        var plan = await Session.Configuration.PlanAsync(vm, new VmSettings
        {
            CpuCount = 3,
            MemoryMB = 512,
            NewName = "after",
            Annotation = "new <&> text",
            ExtraConfig = new Dictionary<string, string> { ["guestinfo.role"] = "web", ["disk.EnableUUID"] = "TRUE" },
        }, s_none);
        Assert.Contains("1 -> 3 vCPU", plan.Description);
        Assert.Contains("1 GB -> 512 MB memory", plan.Description);
        Assert.Contains("name 'before' -> 'after'", plan.Description);
        Assert.Equal("before", Assert.Single(await ListAsync(n => n is "before" or "after")).Name);

        var changed = await plan.RunAsync(s_noProgress, s_none);
        Assert.Same(vm, changed);
        Assert.Equal(("after", 3, 512L, "new <&> text", path), (vm.Name, vm.CpuCount, vm.MemoryMB, vm.Annotation, vm.Path));
        Assert.Equal("web", (await ExtraConfigAsync(vm))["guestinfo.role"]);
    }

    [SkippableFact]
    public async Task A_name_that_another_VM_has_is_refused_before_anything_changes()
    {
        var vms = (await MakeAsync(await ScratchAsync("one", "two"))).OrderBy(vm => vm.Name).ToList();
        var refused = await Assert.ThrowsAsync<VmDeployException>(() => SetAsync(vms[0], new VmSettings { CpuCount = 4, NewName = "TWO" }));
        Assert.Equal("VmNameExists", refused.Code.Id);
        await vms[0].RefreshAsync();
        Assert.Equal(("one", 1), (vms[0].Name, vms[0].CpuCount));
        // Its own name in capitals is not another VM's.
        await SetAsync(vms[0], new VmSettings { NewName = "ONE" });
        Assert.Equal("ONE", vms[0].Name);
    }

    [SkippableFact]
    public async Task A_running_VM_without_hot_plug_says_what_forbids_the_change()
    {
        var vm = (await MakeAsync(await ScratchAsync("busy")))[0];
        await Session.Power.StartAsync(vm, s_none);
        await RefusedAsync(new VmSettings { CpuCount = 2 }, "cpuHotAddEnabled");
        await RefusedAsync(new VmSettings { MemoryMB = 2048 }, "memoryHotAddEnabled");
        await RefusedAsync(new VmSettings { MemoryMB = 512 }, "memory can't be removed");
        // The rest does not depend on the power state.
        await SetAsync(vm, new VmSettings { NewName = "busier", Annotation = "runs", CpuCount = 1 });
        Assert.Equal(("busier", "runs", "On"), (vm.Name, vm.Annotation, vm.PowerState));

        async Task RefusedAsync(VmSettings settings, string words)
        {
            var refused = await Assert.ThrowsAsync<VmDeployException>(() => SetAsync(vm, settings));
            Assert.Equal("HardwareNeedsPowerOff", refused.Code.Id);
            Assert.Contains(words, refused.Message);
        }
    }

    [SkippableFact]
    public async Task Disks_are_added_beside_the_first_and_grow()
    {
        var vm = (await MakeAsync((await ScratchAsync("store")) with { Hardware = new() { DiskBytes = [1 << 20] }, DiskController = DiskController.ParaVirtual }))[0];
        Assert.Equal("SCSI 0:0", Assert.Single(vm.Disks).Slot);
        var second = await AddDiskAsync(vm, new NewDisk { SizeBytes = 3 << 20, Provisioning = DiskProvisioning.Thick });
        Assert.Equal(("SCSI 0:1", 3L << 20), (second.Slot, second.CapacityBytes));
        Assert.StartsWith("[datastore1] store/", second.Path);
        Assert.Same(vm, second.Vm);
        Assert.Equal(2, vm.Disks.Count);

        // Unit 7 is the controller's own.
        await AddDiskAsync(vm, new NewDisk { SizeBytes = 1 << 20, Unit = 6 });
        var next = await AddDiskAsync(vm, new NewDisk { SizeBytes = 1 << 20, Unit = 8 });
        Assert.Equal("SCSI 0:8", next.Slot);
        var other = await AddDiskAsync(vm, new NewDisk { SizeBytes = 1 << 20, ControllerNumber = 2 });
        Assert.Equal("SCSI 2:0", other.Slot);
        var nvme = await AddDiskAsync(vm, new NewDisk { SizeBytes = 1 << 20, Controller = DiskController.Nvme });
        Assert.Equal("NVMe 0:0", nvme.Slot);
        var ide = await AddDiskAsync(vm, new NewDisk { SizeBytes = 1 << 20, Controller = DiskController.Ide, ControllerNumber = 1 });
        Assert.StartsWith("IDE 1:", ide.Slot);

        var plan = await Session.Disks.PlanGrowAsync(second, 5 << 20, s_none);
        Assert.Equal("3 MB -> 5 MB", plan.Description);
        var grown = await plan.RunAsync(s_noProgress, s_none);
        Assert.Equal((second.Id, 5L << 20, second.Path), (grown.Id, grown.CapacityBytes, grown.Path));
        var shrunk = await Assert.ThrowsAsync<VmDeployException>(() => Session.Disks.PlanGrowAsync(grown, 2 << 20, s_none));
        Assert.Equal("HardwareInvalid", shrunk.Code.Id);
        Assert.Contains("2 MB", shrunk.Message);
        Assert.Contains("5 MB", shrunk.Message);
    }

    [SkippableFact]
    public async Task A_place_for_a_disk_that_can_not_be_is_refused()
    {
        var vm = (await MakeAsync((await ScratchAsync("store")) with { Hardware = new() { DiskBytes = [1 << 20] }, DiskController = DiskController.LsiLogic }))[0];
        await RefusedAsync(new NewDisk { SizeBytes = 1 << 20, Unit = 7 }, "DiskSlotInvalid", "without 7");
        await RefusedAsync(new NewDisk { SizeBytes = 1 << 20, Unit = 16 }, "DiskSlotInvalid", "0 to 15");
        await RefusedAsync(new NewDisk { SizeBytes = 1 << 20, ControllerNumber = 0, Unit = 0 }, "DiskSlotInvalid", "SCSI 0:0 of store is in use");
        await RefusedAsync(new NewDisk { SizeBytes = 1 << 20, ControllerNumber = 0, Controller = DiskController.ParaVirtual }, "DiskSlotInvalid", "is a VirtualLsiLogicController");
        await RefusedAsync(new NewDisk { SizeBytes = 1 << 20, Controller = DiskController.Sata, Unit = 30 }, "DiskSlotInvalid", "0 to 29");
        await RefusedAsync(new NewDisk { SizeBytes = 1 << 20, Controller = DiskController.Ide, ControllerNumber = 2 }, "DiskSlotInvalid", "0 to 1");
        await RefusedAsync(new NewDisk { SizeBytes = 1 << 20, Datastore = "nowhere" }, "DatastoreNotFound", "'datastore1'");
        await RefusedAsync(new NewDisk { SizeBytes = 63L << 40 }, "HardwareInvalid", "62 TB");
        await RefusedAsync(new NewDisk { Path = "[datastore1] none/none.vmdk" }, "HostFileNotFound", "none.vmdk");
        await RefusedAsync(new NewDisk { Path = "[datastore1] iso/tiny.iso" }, "DatastorePathInvalid", "tiny.iso");
        await RefusedAsync(new NewDisk { Path = vm.Disks[0].Path }, "DiskInUse", "store");
        Assert.Single(vm.Disks);

        async Task RefusedAsync(NewDisk disk, string id, string words)
        {
            var refused = await Assert.ThrowsAsync<VmDeployException>(() => Session.Disks.PlanAddAsync(vm, disk, s_none));
            Assert.Equal(id, refused.Code.Id);
            Assert.Contains(words, refused.Message);
        }
    }

    [SkippableFact]
    public async Task IDE_is_full_after_four_devices()
    {
        var vm = (await MakeAsync((await ScratchAsync("store")) with { Hardware = new() { DiskBytes = [] } }))[0];
        var places = new List<string>();
        for (var i = 0; i < 3; i++)
            places.Add((await AddDiskAsync(vm, new NewDisk { SizeBytes = 1 << 20, Controller = DiskController.Ide })).Slot);
        Assert.Equal(3, places.Distinct().Count());
        var full = await Assert.ThrowsAsync<VmDeployException>(() => Session.Disks.PlanAddAsync(vm, new NewDisk { SizeBytes = 1 << 20, Controller = DiskController.Ide }, s_none));
        Assert.Equal("DiskSlotsFull", full.Code.Id);
        await Session.Power.StartAsync(vm, s_none);
        var refused = await Assert.ThrowsAsync<VmDeployException>(() => Session.Disks.PlanRemoveAsync(vm.Disks[0], keepFile: true, s_none));
        Assert.Equal("HardwareNeedsPowerOff", refused.Code.Id);
        Assert.Contains("IDE", refused.Message);
    }

    [SkippableFact]
    public async Task A_detached_disk_goes_to_another_VM_and_a_removed_one_is_gone()
    {
        var vms = (await MakeAsync((await ScratchAsync("giver", "taker")) with { Hardware = new() { DiskBytes = [1 << 20] } })).OrderBy(vm => vm.Name).ToList();
        var disk = await AddDiskAsync(vms[0], new NewDisk { SizeBytes = 2 << 20 });
        await Session.Power.StartAsync(vms[0], s_none);

        await (await Session.Disks.PlanRemoveAsync(disk, keepFile: true, s_none)).RunAsync(s_noProgress, s_none);
        Assert.Single(vms[0].Disks);
        var gone = await Assert.ThrowsAsync<VmDeployException>(() => Session.Disks.PlanRemoveAsync(disk, keepFile: true, s_none));
        Assert.Equal("DiskNotFound", gone.Code.Id);

        var attached = await AddDiskAsync(vms[1], new NewDisk { Path = disk.Path });
        Assert.Equal(disk.Path, attached.Path);
        await (await Session.Disks.PlanRemoveAsync(attached, keepFile: false, s_none)).RunAsync(s_noProgress, s_none);
        Assert.Single(vms[1].Disks);
        var deleted = await Assert.ThrowsAsync<VmDeployException>(() => Session.Disks.PlanAddAsync(vms[1], new NewDisk { Path = disk.Path }, s_none));
        Assert.Equal("HostFileNotFound", deleted.Code.Id);
    }

    [SkippableFact]
    public async Task Network_adapters_are_added_changed_and_removed()
    {
        var vm = (await MakeAsync((await ScratchAsync("wired")) with { Hardware = new() { Networks = ["VM Network"], NicModel = NicModel.Vmxnet3 } }))[0];
        var added = await AddAdapterAsync(vm, new NewNetworkAdapter("VM Network") { MacAddress = "00-50-56-01-02-AB", Connected = false });
        Assert.Equal(("Vmxnet3", "00:50:56:01:02:ab", "VM Network", false), (added.Model, added.MacAddress, added.NetworkName, added.StartConnected));
        var second = await AddAdapterAsync(vm, new NewNetworkAdapter("VM Network") { Model = NicModel.E1000e });
        Assert.Equal(("E1000e", true), (second.Model, second.StartConnected));
        Assert.Equal(3, vm.NetworkAdapters.Select(a => a.MacAddress).Distinct().Count());
        var units = (await HardwareAsync(vm)).Devices.Where(NetworkCard.Is).ToDictionary(d => d.Value("key")!, d => d.Number("unitNumber")!.Value);
        Assert.Equal(3, units.Values.Distinct().Count());
        Assert.All([added, second], one => Assert.InRange(units[one.Id], 7, 16));

        var changed = await SetAdapterAsync(added, new NetworkAdapterChange { MacAddress = "00:50:56:01:02:cd", Connected = true });
        Assert.Equal((added.Id, "00:50:56:01:02:cd", true), (changed.Id, changed.MacAddress, changed.StartConnected));

        await (await Session.NetworkAdapters.PlanRemoveAsync(changed, s_none)).RunAsync(s_noProgress, s_none);
        Assert.Equal(2, vm.NetworkAdapters.Count);
        var gone = await Assert.ThrowsAsync<VmDeployException>(() => Session.NetworkAdapters.PlanRemoveAsync(changed, s_none));
        Assert.Equal("NetworkAdapterNotFound", gone.Code.Id);
        // Its place is free again.
        await AddAdapterAsync(vm, new NewNetworkAdapter("VM Network"));
        await Session.Power.StartAsync(vm, s_none);
    }

    [SkippableFact]
    public async Task An_adapter_of_a_running_VM_is_connected_and_disconnected()
    {
        var vm = (await MakeAsync((await ScratchAsync("wired")) with { Hardware = new() { Networks = ["VM Network"] } }))[0];
        await Session.Power.StartAsync(vm, s_none);
        var adapter = await SetAdapterAsync(vm.NetworkAdapters[0], new NetworkAdapterChange { Connected = false });
        Assert.Equal((false, false), (adapter.IsConnected, adapter.StartConnected));
        adapter = await SetAdapterAsync(adapter, new NetworkAdapterChange { Connected = true });
        Assert.Equal((true, true), (adapter.IsConnected, adapter.StartConnected));
        Assert.True((await AddAdapterAsync(vm, new NewNetworkAdapter("VM Network"))).IsConnected);
        var refused = await Assert.ThrowsAsync<VmDeployException>(() => SetAdapterAsync(adapter, new NetworkAdapterChange { MacAddress = "00:50:56:00:00:01" }));
        Assert.Equal("HardwareNeedsPowerOff", refused.Code.Id);
    }

    [SkippableTheory]
    [InlineData("00:50:56:00:00", "MacAddressInvalid")]
    [InlineData("00:50:56:00:00:zz", "MacAddressInvalid")]
    [InlineData("01:50:56:00:00:01", "MacAddressInvalid")]
    [InlineData("00:00:00:00:00:00", "MacAddressInvalid")]
    [InlineData("nowhere", "NetworkNotFound")]
    public async Task An_adapter_that_can_not_be_is_refused(string value, string id)
    {
        var vm = (await MakeAsync(await ScratchAsync("wired")))[0];
        var request = id == "NetworkNotFound" ? new NewNetworkAdapter(value) : new NewNetworkAdapter("VM Network") { MacAddress = value };
        var refused = await Assert.ThrowsAsync<VmDeployException>(() => Session.NetworkAdapters.PlanAddAsync(vm, request, s_none));
        Assert.Equal(id, refused.Code.Id);
        Assert.Contains($"'{value}'", refused.Message);
    }

    [SkippableFact]
    public async Task The_eleventh_adapter_is_refused()
    {
        var vm = (await MakeAsync((await ScratchAsync("wired")) with { Hardware = new() { Networks = Enumerable.Repeat("VM Network", 10).ToList() } }))[0];
        var full = await Assert.ThrowsAsync<VmDeployException>(() => Session.NetworkAdapters.PlanAddAsync(vm, new NewNetworkAdapter("VM Network"), s_none));
        Assert.Equal("NetworkAdapterSlotsFull", full.Code.Id);
    }

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Wherever_adding_a_disk_or_an_adapter_breaks_nothing_is_left(bool late)
    {
        var vm = (await MakeAsync((await ScratchAsync("fragile")) with { Hardware = new() { DiskBytes = [1 << 20] } }))[0];
        await BreakEverywhereAsync(late, async session => await (await session.Disks.PlanAddAsync(
                new Vm(session, vm.Id, new VmState { Name = vm.Name }), new NewDisk { SizeBytes = 2 << 20, Controller = DiskController.Nvme }, s_none)).RunAsync(s_noProgress, s_none),
            async () =>
            {
                await vm.RefreshAsync();
                await (await Session.Disks.PlanRemoveAsync(vm.Disks[^1], keepFile: false, s_none)).RunAsync(s_noProgress, s_none);
                var hardware = await HardwareAsync(vm);
                var changes = hardware.Devices.Where(d => d.TypeName() == "VirtualNVMEController").Select(d => ConfigSpec.Change("remove", d)).ToArray();
                await ((VsphereSession)Session).Tasks.RunAsync(hardware.Reference, "ReconfigVM_Task", vm.Name, s_none, VimXml.El("spec", changes));
            }, least: 1);
        await BreakEverywhereAsync(late, async session => await (await session.NetworkAdapters.PlanAddAsync(
                new Vm(session, vm.Id, new VmState { Name = vm.Name }), new NewNetworkAdapter("VM Network"), s_none)).RunAsync(s_noProgress, s_none),
            async () =>
            {
                await vm.RefreshAsync();
                await (await Session.NetworkAdapters.PlanRemoveAsync(vm.NetworkAdapters[^1], s_none)).RunAsync(s_noProgress, s_none);
            }, least: 1);
    }

    private async Task SetAsync(Vm vm, VmSettings settings) => await (await Session.Configuration.PlanAsync(vm, settings, s_none)).RunAsync(s_noProgress, s_none);

    private protected async Task<VmDisk> AddDiskAsync(Vm vm, NewDisk disk) => await (await Session.Disks.PlanAddAsync(vm, disk, s_none)).RunAsync(s_noProgress, s_none);

    private protected async Task<VmNetworkAdapter> AddAdapterAsync(Vm vm, NewNetworkAdapter adapter) =>
        await (await Session.NetworkAdapters.PlanAddAsync(vm, adapter, s_none)).RunAsync(s_noProgress, s_none);

    private protected async Task<VmNetworkAdapter> SetAdapterAsync(VmNetworkAdapter adapter, NetworkAdapterChange change) =>
        await (await Session.NetworkAdapters.PlanSetAsync(adapter, change, s_none)).RunAsync(s_noProgress, s_none);

    private async Task<Dictionary<string, string>> ExtraConfigAsync(Vm vm)
    {
        var config = await ((VsphereSession)Session).Properties.ReadAsync(new MoRef("VirtualMachine", vm.Id), s_none, "config.extraConfig");
        return config["config.extraConfig"]!.Elements().GroupBy(e => e.Value("key")!).ToDictionary(g => g.Key, g => g.Last().Value("value") ?? "");
    }
}
