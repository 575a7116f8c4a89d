using VmDeploy.Simulator.Xapi;
using VmDeploy.Tests.Vmdk;
using Xunit;

namespace VmDeploy.Tests.Xapi;

/// <summary>Hardware of existing VMs on XenServer.</summary>
public sealed class XapiHardwareTests
{
    private static readonly CancellationToken s_none = CancellationToken.None;
    private static readonly IProgress<OperationProgress> s_quiet = new SimulatedXenServer.Quiet();

    [Fact]
    public async Task The_settings_of_a_halted_VM_change()
    {
        await using var server = await SimulatedXenServer.StartAsync(new XapiSimulatorOptions { VmCount = 2 });
        var vm = await server.FindAsync("vm-00001");
        var settings = new VmSettings { CpuCount = 4, MemoryMB = 2048, NewName = "web1", Annotation = "a <&> b" };
        var plan = await server.Session.Configuration.PlanAsync(vm, settings, s_none);
        Assert.Equal("1 -> 4 vCPU, 1 GB -> 2 GB memory, name 'vm-00001' -> 'web1', annotation", plan.Description);
        Assert.Same(vm, await plan.RunAsync(s_quiet, s_none));
        Assert.Equal(("web1", 4, 2048L, "a <&> b"), (vm.Name, vm.CpuCount, vm.MemoryMB, vm.Annotation));
        var there = server["web1"];
        Assert.Equal((4, 4), there.Cpus);
        Assert.Equal(2L << 30, there.Memory[3]);

        await SetAsync(server, vm, new VmSettings { CpuCount = 2, Annotation = "" });
        Assert.Equal((2, 4), server["web1"].Cpus);
        Assert.Null(vm.Annotation);

        Assert.Equal("VmNameExists", (await Assert.ThrowsAnyAsync<VmDeployException>(() => SetAsync(server, vm, new VmSettings { CpuCount = 1, NewName = "vm-00002" }))).Code.Id);
        Assert.Equal("ValueRefused", (await Assert.ThrowsAnyAsync<VmDeployException>(
            () => SetAsync(server, vm, new VmSettings { CpuCount = 1, ExtraConfig = new Dictionary<string, string> { ["a"] = "b" } }))).Code.Id);
        Assert.Equal((2, 4), server["web1"].Cpus);

        await SetAsync(server, vm, new VmSettings { ExtraConfig = new Dictionary<string, string> { ["platform:nested-virt"] = "true", ["xenstore-data:vm-data/role"] = "web", ["other-config:role"] = "web" } });
        there = server["web1"];
        Assert.Equal(("true", "web", "web"), (there.Platform["nested-virt"], there.XenstoreData["vm-data/role"], there.OtherConfig["role"]));
        await SetAsync(server, vm, new VmSettings { ExtraConfig = new Dictionary<string, string> { ["platform:nested-virt"] = "", ["other-config:role"] = "db" } });
        there = server["web1"];
        Assert.Equal((false, "web", "db"), (there.Platform.ContainsKey("nested-virt"), there.XenstoreData["vm-data/role"], there.OtherConfig["role"]));
    }

    [Fact]
    public async Task A_running_VM_changes_within_its_limits()
    {
        await using var server = await SimulatedXenServer.StartAsync(new XapiSimulatorOptions { VmCount = 1 });
        var vm = await server.FindAsync("vm-00001");
        await SetAsync(server, vm, new VmSettings { CpuCount = 4 });
        await SetAsync(server, vm, new VmSettings { CpuCount = 1 });
        await server.Session.Power.StartAsync(vm, s_none);
        await SetAsync(server, vm, new VmSettings { CpuCount = 3, MemoryMB = 512 });
        Assert.Equal((3, 512L, "On"), (vm.CpuCount, vm.MemoryMB, vm.PowerState));
        await RefusedAsync(new VmSettings { CpuCount = 5 }, "VCPUs_max is 4");
        await RefusedAsync(new VmSettings { MemoryMB = 2048 }, "memory_static_max 1 GB");
        await RefusedAsync(new VmSettings { MemoryMB = 64 }, "memory_static_min is 128 MB");
        await SetAsync(server, vm, new VmSettings { MemoryMB = 1024 });
        Assert.Equal(1024, vm.MemoryMB);

        async Task RefusedAsync(VmSettings settings, string words)
        {
            var refused = await Assert.ThrowsAnyAsync<VmDeployException>(() => SetAsync(server, vm, settings));
            Assert.Equal("HardwareNeedsPowerOff", refused.Code.Id);
            Assert.Contains(words, refused.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("VM.set_VCPUs_max")]
    [InlineData("VM.set_VCPUs_at_startup")]
    [InlineData("VM.set_memory_limits")]
    [InlineData("VM.set_name_description")]
    [InlineData("VM.set_name_label")]
    public async Task A_setting_that_fails_takes_the_others_back(string method)
    {
        await using var server = await SimulatedXenServer.StartAsync(new XapiSimulatorOptions { VmCount = 1 });
        var vm = await server.FindAsync("vm-00001");
        var before = server["vm-00001"];
        server.Simulator.Faults.FailCall(method, "INTERNAL_ERROR", ["by order"]);
        await Assert.ThrowsAnyAsync<VmDeployException>(() => SetAsync(server, vm, new VmSettings { CpuCount = 4, MemoryMB = 2048, NewName = "web1", Annotation = "new" }));
        var after = server["vm-00001"];
        Assert.Equal((before.Cpus, before.Description), (after.Cpus, after.Description));
        Assert.Equal(before.Memory, after.Memory);
    }

    [Fact]
    public async Task Disks_are_created_attached_grown_detached_and_deleted()
    {
        await using var server = await SimulatedXenServer.StartAsync(new XapiSimulatorOptions { VmCount = 2 });
        var vm = await server.FindAsync("vm-00001");
        var first = await AddDiskAsync(server, vm, new NewDisk { SizeBytes = 4 << 20, Datastore = "NFS virtual disk storage" });
        Assert.Equal(("Disk 0", "0", 4L << 20), (first.Label, first.Slot, first.CapacityBytes));
        // The next one goes to the storage of the first.
        var second = await AddDiskAsync(server, vm, new NewDisk { SizeBytes = 2 << 20, Unit = 5 });
        Assert.Equal("5", second.Slot);
        Assert.All(server["vm-00001"].Drives, d => Assert.Equal("NFS virtual disk storage", d.SrName));
        Assert.Equal("vm-00001 disk 5", server["vm-00001"].Drives[1].VdiName);
        var content = DiskImages.Mixed(2 << 20, 7);
        File.WriteAllBytes(server["vm-00001"].Drives[1].LocalPath!, content);

        var grown = await (await server.Session.Disks.PlanGrowAsync(second, 6 << 20, s_none)).RunAsync(s_quiet, s_none);
        Assert.Equal(6L << 20, grown.CapacityBytes);
        SimulatedXenServer.AssertHolds(server["vm-00001"].Drives[1].LocalPath!, content);
        var refused = await Assert.ThrowsAnyAsync<VmDeployException>(() => server.Session.Disks.PlanGrowAsync(grown, 2 << 20, s_none));
        Assert.Equal("HardwareInvalid", refused.Code.Id);

        await (await server.Session.Disks.PlanRemoveAsync(grown, keepFile: true, s_none)).RunAsync(s_quiet, s_none);
        Assert.Single(vm.Disks);
        var other = await server.FindAsync("vm-00002");
        var attached = await AddDiskAsync(server, other, new NewDisk { Path = "vm-00001 disk 5" });
        Assert.Equal(second.Path, attached.Path);
        SimulatedXenServer.AssertHolds(server["vm-00002"].Drives[0].LocalPath!, content);
        Assert.Equal("DiskInUse", (await Assert.ThrowsAnyAsync<VmDeployException>(() => AddDiskAsync(server, vm, new NewDisk { Path = attached.Path }))).Code.Id);

        await (await server.Session.Disks.PlanRemoveAsync(attached, keepFile: false, s_none)).RunAsync(s_quiet, s_none);
        await (await server.Session.Disks.PlanRemoveAsync(first, keepFile: false, s_none)).RunAsync(s_quiet, s_none);
        server.AssertNothingIsLeft();
        Assert.Equal("DiskNotFound", (await Assert.ThrowsAnyAsync<VmDeployException>(() => server.Session.Disks.PlanRemoveAsync(first, keepFile: false, s_none))).Code.Id);
    }

    [Fact]
    public async Task What_can_not_be_is_refused()
    {
        await using var server = await SimulatedXenServer.StartAsync(new XapiSimulatorOptions { VmCount = 1 });
        var vm = await server.FindAsync("vm-00001");
        await AddDiskAsync(server, vm, new NewDisk { SizeBytes = 1 << 20 });
        await RefusedAsync(new NewDisk { SizeBytes = 1 << 20, Unit = 0 }, "DiskSlotInvalid", "Available: '1'");
        await RefusedAsync(new NewDisk { SizeBytes = 1 << 20, Unit = 16 }, "DiskSlotInvalid", "Position 16");
        await RefusedAsync(new NewDisk { SizeBytes = 1 << 20, Datastore = "ISO library" }, "StorageNotFound", "'Local storage'");
        await RefusedAsync(new NewDisk { Path = "nothing" }, "DiskNotFound", "'nothing'");
        await RefusedAsync(new NewDisk { Path = "tiny.iso" }, "DiskNotFound", "'tiny.iso'");
        await RefusedAsync(new NewDisk { Path = "alpine-template disk 0" }, "DiskInUse", "'alpine-template'");
        for (var i = 0; i < 15; i++)
            await AddDiskAsync(server, vm, new NewDisk { SizeBytes = 1 << 20 });
        await RefusedAsync(new NewDisk { SizeBytes = 1 << 20 }, "DiskSlotsFull", "vm-00001");
        for (var i = 0; i < 7; i++)
            await AddAdapterAsync(server, vm, new NewNetworkAdapter(SimulatedXenServer.Network));
        Assert.Equal("NetworkAdapterSlotsFull", (await Assert.ThrowsAnyAsync<VmDeployException>(() => AddAdapterAsync(server, vm, new NewNetworkAdapter(SimulatedXenServer.Network)))).Code.Id);

        async Task RefusedAsync(NewDisk disk, string id, string words)
        {
            var refused = await Assert.ThrowsAnyAsync<VmDeployException>(() => server.Session.Disks.PlanAddAsync(vm, disk, s_none));
            Assert.Equal(id, refused.Code.Id);
            Assert.Contains(words, refused.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Adapters_are_added_moved_switched_and_removed()
    {
        await using var server = await SimulatedXenServer.StartAsync(new XapiSimulatorOptions { VmCount = 1 });
        var vm = await server.FindAsync("vm-00001");
        var adapter = await AddAdapterAsync(server, vm, new NewNetworkAdapter(SimulatedXenServer.Network) { MacAddress = "02-00-00-00-00-AA", Connected = false });
        Assert.Equal(("Interface 0", "02:00:00:00:00:aa", SimulatedXenServer.Network, false), (adapter.Label, adapter.MacAddress, adapter.NetworkName, adapter.StartConnected));
        Assert.Equal("disabled", server["vm-00001"].Vifs[0].LockingMode);

        adapter = await SetAdapterAsync(server, adapter, new NetworkAdapterChange { Connected = true, Network = "Pool-wide network associated with eth1" });
        Assert.Equal(("Pool-wide network associated with eth1", true), (adapter.NetworkName, adapter.StartConnected));
        adapter = await SetAdapterAsync(server, adapter, new NetworkAdapterChange { MacAddress = "02:00:00:00:00:bb" });
        Assert.Equal(("02:00:00:00:00:bb", "Pool-wide network associated with eth1"), (adapter.MacAddress, adapter.NetworkName));
        Assert.Equal("02:00:00:00:00:bb", Assert.Single(server["vm-00001"].Vifs).MacAddress);

        await (await server.Session.NetworkAdapters.PlanRemoveAsync(adapter, s_none)).RunAsync(s_quiet, s_none);
        Assert.Empty(vm.NetworkAdapters);
        Assert.Equal("NetworkAdapterNotFound", (await Assert.ThrowsAnyAsync<VmDeployException>(() => server.Session.NetworkAdapters.PlanRemoveAsync(adapter, s_none))).Code.Id);
    }

    [Theory]
    [InlineData("locked")]
    [InlineData("unlocked")]
    [InlineData("network_default")]
    public async Task A_connection_comes_back_with_the_mode_that_it_had(string mode)
    {
        await using var server = await SimulatedXenServer.StartAsync(new XapiSimulatorOptions { VmCount = 1 });
        var vm = await server.FindAsync("vm-00001");
        var adapter = await AddAdapterAsync(server, vm, new NewNetworkAdapter(SimulatedXenServer.Network));
        await CallAsync(server, "VIF.set_locking_mode", adapter, mode);
        var before = server["vm-00001"].Vifs;

        adapter = await SetAdapterAsync(server, adapter, new NetworkAdapterChange { Connected = false });
        Assert.False(adapter.StartConnected);
        Assert.Equal("disabled", server["vm-00001"].Vifs[0].LockingMode);
        // Once more changes nothing, and forgets nothing.
        await SetAdapterAsync(server, adapter, new NetworkAdapterChange { Connected = false });
        adapter = await SetAdapterAsync(server, adapter, new NetworkAdapterChange { Connected = true });
        Assert.True(adapter.StartConnected);
        Assert.Equal(before, server["vm-00001"].Vifs);

        // The same with another address, which makes a new VIF.
        adapter = await SetAdapterAsync(server, adapter, new NetworkAdapterChange { Connected = false, MacAddress = "02:00:00:00:00:bb" });
        adapter = await SetAdapterAsync(server, adapter, new NetworkAdapterChange { Connected = true, MacAddress = before[0].MacAddress });
        Assert.Equal(before, server["vm-00001"].Vifs);
    }

    [Fact]
    public async Task Another_MAC_address_changes_nothing_else_of_an_adapter()
    {
        await using var server = await SimulatedXenServer.StartAsync(new XapiSimulatorOptions { VmCount = 1 });
        var vm = await server.FindAsync("vm-00001");
        var adapter = await ConfiguredAdapterAsync(server, vm);
        var before = Assert.Single(server["vm-00001"].Vifs);
        Assert.Contains("ipv4_addresses=192.0.2.7/24; ipv4_gateway=192.0.2.1", before.Settings, StringComparison.Ordinal);

        adapter = await SetAdapterAsync(server, adapter, new NetworkAdapterChange { MacAddress = "02:00:00:00:00:bb", Network = "Pool-wide network associated with eth1" });
        Assert.Equal(before with { MacAddress = "02:00:00:00:00:bb", Network = "Pool-wide network associated with eth1" }, Assert.Single(server["vm-00001"].Vifs));

        // A failure on the way brings all of it back.
        before = server["vm-00001"].Vifs[0];
        server.Simulator.Faults.FailCall("VIF.configure_ipv6", "INTERNAL_ERROR", ["by order"]);
        await Assert.ThrowsAnyAsync<VmDeployException>(() => SetAdapterAsync(server, adapter, new NetworkAdapterChange { MacAddress = "02:00:00:00:00:cc", Network = SimulatedXenServer.Network, Connected = false }));
        Assert.Equal(before, Assert.Single(server["vm-00001"].Vifs));
    }

    [Fact]
    public async Task A_clone_with_another_MAC_address_keeps_the_settings_of_its_adapter()
    {
        await using var server = await SimulatedXenServer.StartAsync(new XapiSimulatorOptions { VmCount = 1 });
        var vm = await server.FindAsync("vm-00001");
        await ConfiguredAdapterAsync(server, vm);
        await server.DeployAsync(server.Session.PlanCloneAsync(new CloneRequest(vm) { Names = ["copy"], Hardware = new() { MacAddresses = ["02:00:00:00:00:dd"] } }, s_none));
        Assert.Equal(server["vm-00001"].Vifs[0] with { MacAddress = "02:00:00:00:00:dd" }, Assert.Single(server["copy"].Vifs));
    }

    [Fact]
    public async Task Without_permission_for_more_a_running_adapter_is_unplugged()
    {
        await using var server = await SimulatedXenServer.StartAsync(new XapiSimulatorOptions { VmCount = 1, Guest = _ => XapiGuest.WithTools });
        var vm = await server.FindAsync("vm-00001");
        var adapter = await AddAdapterAsync(server, vm, new NewNetworkAdapter(SimulatedXenServer.Network));
        server.Simulator.Faults.FailCall("VIF.set_locking_mode", "RBAC_PERMISSION_DENIED", ["VIF.set_locking_mode", "no"], times: 2);
        Assert.Equal("NoPermission", (await Assert.ThrowsAnyAsync<VmDeployException>(() => SetAdapterAsync(server, adapter, new NetworkAdapterChange { Connected = false }))).Code.Id);

        await server.Session.Power.StartAsync(vm, s_none);
        await server.Session.Waiting.WaitAsync(vm, VmCondition.Tools, TimeSpan.FromMinutes(1), s_none);
        var before = server["vm-00001"].Vifs;
        adapter = await SetAdapterAsync(server, adapter, new NetworkAdapterChange { Connected = false });
        Assert.Equal((false, true), (adapter.IsConnected, adapter.StartConnected));
        Assert.False(server["vm-00001"].Vifs[0].IsAttached);
        Assert.True((await SetAdapterAsync(server, adapter, new NetworkAdapterChange { Connected = true })).IsConnected);
        Assert.Equal(before, server["vm-00001"].Vifs);
    }

    [Fact]
    public async Task A_guest_with_drivers_gets_and_gives_back_devices_while_it_runs()
    {
        await using var server = await SimulatedXenServer.StartAsync(new XapiSimulatorOptions { VmCount = 1, Guest = _ => XapiGuest.WithTools });
        var vm = await server.FindAsync("vm-00001");
        await server.Session.Power.StartAsync(vm, s_none);
        await server.Session.Waiting.WaitAsync(vm, VmCondition.Tools, TimeSpan.FromMinutes(1), s_none);
        var disk = await AddDiskAsync(server, vm, new NewDisk { SizeBytes = 1 << 20 });
        var adapter = await AddAdapterAsync(server, vm, new NewNetworkAdapter(SimulatedXenServer.Network));
        Assert.True(Assert.Single(server["vm-00001"].Drives).IsAttached);
        Assert.True(adapter.IsConnected);
        adapter = await SetAdapterAsync(server, adapter, new NetworkAdapterChange { Connected = false });
        Assert.False(adapter.IsConnected);
        Assert.True((await SetAdapterAsync(server, adapter, new NetworkAdapterChange { Connected = true, Network = "Pool-wide network associated with eth1" })).IsConnected);
        Assert.Equal("HardwareNeedsPowerOff", (await Assert.ThrowsAnyAsync<VmDeployException>(() => server.Session.Disks.PlanGrowAsync(disk, 4 << 20, s_none))).Code.Id);
        Assert.Equal("HardwareNeedsPowerOff", (await Assert.ThrowsAnyAsync<VmDeployException>(
            () => SetAdapterAsync(server, adapter, new NetworkAdapterChange { MacAddress = "02:00:00:00:00:bb" }))).Code.Id);

        await (await server.Session.Disks.PlanRemoveAsync(disk, keepFile: false, s_none)).RunAsync(s_quiet, s_none);
        await (await server.Session.NetworkAdapters.PlanRemoveAsync(adapter, s_none)).RunAsync(s_quiet, s_none);
        server.AssertNothingIsLeft();
    }

    [Fact]
    public async Task A_guest_without_drivers_or_that_holds_its_disks_is_named()
    {
        await using var server = await SimulatedXenServer.StartAsync(new XapiSimulatorOptions
        {
            VmCount = 2,
            Guest = name => name == "vm-00001" ? XapiGuest.NoTools : new XapiGuest { HasTools = true, HoldsDevices = true },
        });
        var mute = await server.FindAsync("vm-00001");
        var disk = await AddDiskAsync(server, mute, new NewDisk { SizeBytes = 1 << 20 });
        await server.Session.Power.StartAsync(mute, s_none);
        foreach (var act in new Func<Task>[]
        {
            () => server.Session.Disks.PlanAddAsync(mute, new NewDisk { SizeBytes = 1 << 20 }, s_none),
            () => server.Session.Disks.PlanRemoveAsync(disk, keepFile: true, s_none),
            () => server.Session.NetworkAdapters.PlanAddAsync(mute, new NewNetworkAdapter(SimulatedXenServer.Network), s_none),
        })
        {
            var refused = await Assert.ThrowsAnyAsync<VmDeployException>(act);
            Assert.Equal(("ToolsNotRunning", ErrorHint.PlugNeedsGuestDrivers), (refused.Code.Id, refused.Hint));
        }

        var holder = await server.FindAsync("vm-00002");
        await AddDiskAsync(server, holder, new NewDisk { SizeBytes = 1 << 20 });
        await server.Session.Power.StartAsync(holder, s_none);
        await server.Session.Waiting.WaitAsync(holder, VmCondition.Tools, TimeSpan.FromMinutes(1), s_none);
        var before = server.Simulator.Inventory();
        var plan = await server.Session.Disks.PlanRemoveAsync(holder.Disks[0], keepFile: false, s_none);
        var held = await Assert.ThrowsAnyAsync<VmDeployException>(() => plan.RunAsync(s_quiet, s_none));
        Assert.Equal("DeviceInUse", held.Code.Id);
        Assert.Equal(before, server.Simulator.Inventory());
        Assert.True(Assert.Single(server["vm-00002"].Drives).IsAttached);
    }

    [Theory]
    [InlineData("VDI.create")]
    [InlineData("VBD.create")]
    [InlineData("VBD.plug")]
    public async Task A_disk_that_can_not_be_added_leaves_nothing(string method)
    {
        await using var server = await SimulatedXenServer.StartAsync(new XapiSimulatorOptions { VmCount = 1, Guest = _ => XapiGuest.WithTools });
        var vm = await server.FindAsync("vm-00001");
        await server.Session.Power.StartAsync(vm, s_none);
        await server.Session.Waiting.WaitAsync(vm, VmCondition.Tools, TimeSpan.FromMinutes(1), s_none);
        server.Simulator.Faults.FailCall(method, "INTERNAL_ERROR", ["by order"]);
        await Assert.ThrowsAnyAsync<VmDeployException>(() => AddDiskAsync(server, vm, new NewDisk { SizeBytes = 1 << 20 }));
        server.AssertNothingIsLeft();
    }

    [Fact]
    public async Task A_disk_that_is_detached_but_not_deleted_is_named()
    {
        await using var server = await SimulatedXenServer.StartAsync(new XapiSimulatorOptions { VmCount = 1 });
        var vm = await server.FindAsync("vm-00001");
        var disk = await AddDiskAsync(server, vm, new NewDisk { SizeBytes = 1 << 20 });
        server.Simulator.Faults.FailCall("VDI.destroy", "SR_BACKEND_FAILURE_80", ["", "gone", ""]);
        var plan = await server.Session.Disks.PlanRemoveAsync(disk, keepFile: false, s_none);
        var failed = await Assert.ThrowsAnyAsync<VmDeployException>(() => plan.RunAsync(s_quiet, s_none));
        Assert.Equal("DiskNotRemoved", failed.Code.Id);
        Assert.Contains(disk.Path!, failed.Message, StringComparison.Ordinal);
    }

    private static async Task<VmNetworkAdapter> ConfiguredAdapterAsync(SimulatedXenServer server, Vm vm)
    {
        var adapter = await AddAdapterAsync(server, vm, new NewNetworkAdapter(SimulatedXenServer.Network) { MacAddress = "02:00:00:00:00:aa" });
        await CallAsync(server, "VIF.set_locking_mode", adapter, "locked");
        await CallAsync(server, "VIF.set_ipv4_allowed", adapter, new List<object> { "192.0.2.7" });
        await CallAsync(server, "VIF.set_ipv6_allowed", adapter, new List<object> { "2001:db8::7" });
        await CallAsync(server, "VIF.add_to_other_config", adapter, "ethtool-tx", "off");
        await CallAsync(server, "VIF.set_qos_algorithm_type", adapter, "ratelimit");
        await CallAsync(server, "VIF.set_qos_algorithm_params", adapter, new Dictionary<string, object> { ["kbps"] = "1000" });
        await CallAsync(server, "VIF.configure_ipv4", adapter, "Static", "192.0.2.7/24", "192.0.2.1");
        await CallAsync(server, "VIF.configure_ipv6", adapter, "Static", "2001:db8::7/64", "");
        return adapter;
    }

    private static async Task CallAsync(SimulatedXenServer server, string method, VmNetworkAdapter adapter, params object[] arguments)
    {
        var client = ((VmDeploy.Xapi.XapiSession)server.Session).Client;
        await client.CallAsync(method, s_none, [await client.TextAsync("VIF.get_by_uuid", s_none, adapter.Id), .. arguments]);
    }

    private static async Task SetAsync(SimulatedXenServer server, Vm vm, VmSettings settings) =>
        await (await server.Session.Configuration.PlanAsync(vm, settings, s_none)).RunAsync(s_quiet, s_none);

    private static async Task<VmDisk> AddDiskAsync(SimulatedXenServer server, Vm vm, NewDisk disk) =>
        await (await server.Session.Disks.PlanAddAsync(vm, disk, s_none)).RunAsync(s_quiet, s_none);

    private static async Task<VmNetworkAdapter> AddAdapterAsync(SimulatedXenServer server, Vm vm, NewNetworkAdapter adapter) =>
        await (await server.Session.NetworkAdapters.PlanAddAsync(vm, adapter, s_none)).RunAsync(s_quiet, s_none);

    private static async Task<VmNetworkAdapter> SetAdapterAsync(SimulatedXenServer server, VmNetworkAdapter adapter, NetworkAdapterChange change) =>
        await (await server.Session.NetworkAdapters.PlanSetAsync(adapter, change, s_none)).RunAsync(s_quiet, s_none);
}
