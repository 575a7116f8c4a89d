using VmDeploy.Simulator.Xapi;
using VmDeploy.Tests.Support;
using Xunit;

namespace VmDeploy.Tests.Xapi;

/// <summary>Hardware of new VMs on XenServer.</summary>
public sealed class XapiRequestedHardwareTests
{
    private const string OtherNetwork = "Pool-wide network associated with eth1";
    private const long Mebibyte = 1 << 20;

    private static readonly CancellationToken s_none = CancellationToken.None;
    private static readonly string[] s_addresses = ["00:50:56:01:00:01", "00:50:56:01:00:02", "00:50:56:01:00:03"];

    private static readonly HardwareRequest s_hardware = new()
    {
        CpuCount = 2,
        MemoryMB = 1024,
        DiskBytes = [64 * Mebibyte],
        ExtraDiskBytes = [32 * Mebibyte, 16 * Mebibyte],
        Networks = [OtherNetwork],
        ExtraConfig = new Dictionary<string, string> { ["platform:nested-virt"] = "true", ["other-config:role"] = "web", ["xenstore-data:vm-data/role"] = "web" },
    };

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task VMs_of_a_package_have_the_hardware_that_was_asked_for(bool uploadEach)
    {
        await using var server = await SimulatedXenServer.StartAsync();
        await server.ImportAsync(Tiny("plain"));
        var original = File.ReadAllBytes(Disk(server["plain"], 0).LocalPath!);

        await server.ImportAsync(Tiny("hw1", "hw2", "hw3") with { UploadEach = uploadEach, Hardware = s_hardware with { MacAddresses = s_addresses, Firmware = Firmware.Efi } });

        Assert.Empty(server.Failures);
        for (var i = 0; i < 3; i++)
        {
            var vm = server[$"hw{i + 1}"];
            AssertHardware(vm, s_addresses[i]);
            Assert.Equal("uefi", vm.BootParams["firmware"]);
            SimulatedXenServer.AssertHolds(Disk(vm, 0).LocalPath!, original);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_clone_and_a_VM_from_a_template_have_the_hardware_that_was_asked_for(bool linked)
    {
        await using var server = await SimulatedXenServer.StartAsync();
        var source = (await server.ImportAsync(Tiny("model")))[0];
        await server.DeployAsync(server.Session.PlanCloneAsync(new CloneRequest(source)
        {
            Names = ["copy"],
            Linked = linked,
            Hardware = s_hardware with { MacAddresses = [s_addresses[0]] },
        }, s_none));
        AssertHardware(server["copy"], s_addresses[0]);

        await server.DeployAsync(server.Session.PlanTemplateAsync(new TemplateRequest("alpine-template")
        {
            Names = ["made"],
            FullCopy = !linked,
            Hardware = s_hardware with { MacAddresses = [s_addresses[1]], DiskBytes = [4L << 30] },
        }, s_none));
        AssertHardware(server["made"], s_addresses[1], 4L << 30);
    }

    [Fact]
    public async Task A_VM_from_scratch_has_the_hardware_that_was_asked_for()
    {
        await using var server = await SimulatedXenServer.StartAsync();
        await server.DeployAsync(server.Session.PlanIsoVmAsync(new IsoVmRequest(Repository.Path("examples/tiny.iso"))
        {
            Names = ["scratch"],
            Hardware = s_hardware with { Networks = [OtherNetwork, SimulatedXenServer.Network], MacAddresses = [s_addresses[0]] },
        }, s_none));
        var vm = server["scratch"];
        Assert.Equal([OtherNetwork, SimulatedXenServer.Network], vm.Vifs.Select(vif => vif.Network));
        Assert.Equal(s_addresses[0], vm.Vifs[0].MacAddress);
        Assert.Equal([64 * Mebibyte, 32 * Mebibyte, 16 * Mebibyte], vm.Drives.Where(drive => drive.Type == "Disk").Select(drive => drive.VirtualSize));
        Assert.Equal("true", vm.Platform["nested-virt"]);
    }

    [Fact]
    public async Task Hardware_that_a_source_rules_out_is_refused_before_anything_is_made()
    {
        await using var server = await SimulatedXenServer.StartAsync();
        var source = (await server.ImportAsync(Tiny("model")))[0];
        var calls = server.Simulator.Inventory();
        await RefusedAsync(new() { DiskBytes = [Mebibyte] }, "HardwareInvalid", "1 MB requested for disk 1 of VM 'model', which has 4 MB and can't shrink.");
        await RefusedAsync(new() { DiskBytes = [null, Mebibyte] }, "HardwareInvalid", "A size for disk 2 requested");
        await RefusedAsync(new() { Networks = ["Moon"] }, "NetworkNotFound", "eth0");
        await RefusedAsync(new() { Networks = [.. Enumerable.Repeat(OtherNetwork, 8)] }, "HardwareInvalid", "this host allows 7");
        await RefusedAsync(new() { MacAddresses = s_addresses }, "MacAddressInvalid", "3 MAC addresses given for a VM with 1 network adapter.");
        await RefusedAsync(new() { ExtraDiskBytes = [.. Enumerable.Repeat(Mebibyte, 15)] }, "HardwareInvalid", "16 disks requested; this host allows 15");
        await RefusedAsync(new() { Firmware = Firmware.Efi }, "HardwareInvalid", "installed with BIOS");
        await RefusedAsync(new() { ExtraConfig = new Dictionary<string, string> { ["guestinfo.role"] = "x" } }, "ValueRefused", "'platform:KEY'");
        Assert.Equal(calls, server.Simulator.Inventory());

        async Task RefusedAsync(HardwareRequest hardware, string id, string message)
        {
            var refused = await Assert.ThrowsAsync<VmDeployException>(() => server.Session.PlanCloneAsync(new CloneRequest(source) { Names = ["one"], Hardware = hardware }, s_none));
            Assert.Equal(id, refused.Code.Id);
            Assert.Contains(message, refused.Message);
        }
    }

    [Fact]
    public async Task CPUs_fill_their_sockets_and_the_device_model_fits_the_firmware()
    {
        await using var server = await SimulatedXenServer.StartAsync();
        var source = (await server.ImportAsync(Tiny("model") with { Hardware = new() { CpuCount = 4, ExtraConfig = new Dictionary<string, string> { ["platform:cores-per-socket"] = "2" } } }))[0];
        await server.DeployAsync(server.Session.PlanCloneAsync(new CloneRequest(source) { Names = ["odd"], Hardware = new() { CpuCount = 3 }, PowerOn = true }, s_none));
        await server.DeployAsync(server.Session.PlanCloneAsync(new CloneRequest(source) { Names = ["even"], Hardware = new() { CpuCount = 2 }, PowerOn = true }, s_none));
        Assert.Equal(("1", "2"), (server["odd"].Platform["cores-per-socket"], server["even"].Platform["cores-per-socket"]));

        // The same template as an administrator has made it for UEFI.
        var database = server.Simulator.Host.Database;
        lock (database.Gate)
        {
            var template = database.All("VM").Single(vm => vm.Name == "Debian Bookworm 12");
            database.Set(template, "HVM_boot_params", new Dictionary<string, object> { ["order"] = "cdn", ["firmware"] = "uefi" });
            database.Set(template, "platform", new Dictionary<string, object> { ["device-model"] = "qemu-upstream-uefi", ["secureboot"] = "true" });
        }
        foreach (var (name, hardware) in new (string, HardwareRequest)[] { ("bios", new() { Firmware = Firmware.Bios }), ("efi", new()), ("secure", new() { SecureBoot = true }) })
        {
            await server.DeployAsync(server.Session.PlanTemplateAsync(new TemplateRequest("Debian Bookworm 12")
            {
                Names = [name],
                PowerOn = true,
                Hardware = hardware with { Networks = [SimulatedXenServer.Network] },
            }, s_none));
        }
        Assert.Equal(("bios", "qemu-upstream-compat", false), (server["bios"].BootParams["firmware"], server["bios"].Platform["device-model"], server["bios"].Platform.ContainsKey("secureboot")));
        Assert.Equal(("uefi", "true"), (server["secure"].BootParams["firmware"], server["secure"].Platform["secureboot"]));
    }

    [Fact]
    public async Task Every_adapter_has_a_network_that_was_named()
    {
        await using var server = await SimulatedXenServer.StartAsync();
        var source = (await server.ImportAsync(Tiny("model") with { Hardware = new() { Networks = [OtherNetwork, SimulatedXenServer.Network, OtherNetwork] } }))[0];
        await RefusedAsync(new() { Networks = [OtherNetwork, OtherNetwork] }, "2 networks requested; VM 'model' has 3 network adapters, and each needs one.");
        await RefusedAsync(new() { NetworkMap = new Dictionary<string, string> { ["VM Netwrok"] = OtherNetwork } }, "Network 'VM Netwrok' not found on VM 'model'. Available: ");
        await server.DeployAsync(server.Session.PlanCloneAsync(new CloneRequest(source) { Names = ["one"], Hardware = new() { NetworkMap = new Dictionary<string, string> { ["*"] = OtherNetwork } } }, s_none));
        Assert.All(server["one"].Vifs, vif => Assert.Equal(OtherNetwork, vif.Network));

        async Task RefusedAsync(HardwareRequest hardware, string message)
        {
            var refused = await Assert.ThrowsAsync<VmDeployException>(() => server.Session.PlanCloneAsync(new CloneRequest(source) { Names = ["one"], Hardware = hardware }, s_none));
            Assert.Equal("HardwareInvalid", refused.Code.Id);
            Assert.Contains(message, refused.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Clones_of_a_suspended_VM_are_as_it_is_or_refused()
    {
        await using var server = await SimulatedXenServer.StartAsync(new XapiSimulatorOptions { Guest = _ => XapiGuest.WithTools });
        var sources = (await server.ImportAsync(Tiny("model") with { Hardware = s_hardware with { CpuCount = 1 } })).Concat(
            await server.ImportAsync(Tiny("seeded") with { CloudInit = new CloudInitData { UserData = "#!/bin/sh\n" } })).ToList();
        foreach (var vm in sources)
        {
            await server.Session.Power.StartAsync(vm, s_none);
            await server.Session.Waiting.WaitAsync(vm, VmCondition.Tools, TimeSpan.FromMinutes(1), s_none);
            await server.Session.Power.SuspendAsync(vm, s_none);
        }
        var before = server.Simulator.Inventory();
        var request = new CloneRequest(sources[0]) { Names = ["one"] };

        await RefusedAsync(request with { Hardware = new() { CpuCount = 2 } }, "HardwareNeedsPowerOff", "model is suspended: its clones are suspended too, and their hardware can't be changed.");
        await RefusedAsync(request with { Hardware = new() { ExtraDiskBytes = [Mebibyte] } }, "HardwareNeedsPowerOff", "hardware");
        await RefusedAsync(request with { Hardware = new() { MacAddresses = [s_addresses[0]] } }, "HardwareNeedsPowerOff", "hardware");
        await RefusedAsync(request with { CloudInit = new CloudInitData { UserData = "#!/bin/sh\n" } }, "HardwareNeedsPowerOff", "cloud-init");
        await RefusedAsync(new CloneRequest(sources[1]) { Names = ["one"] }, "HardwareNeedsPowerOff", "cloud-init");
        await RefusedAsync(request with { Linked = true }, "CloneSourceRunning", "linked clones");
        Assert.Equal(before, server.Simulator.Inventory());
        await server.DeployAsync(server.Session.PlanCloneAsync(request, s_none));

        async Task RefusedAsync(CloneRequest wrong, string id, string words)
        {
            var refused = await Assert.ThrowsAsync<VmDeployException>(() => server.Session.PlanCloneAsync(wrong, s_none));
            Assert.Equal(id, refused.Code.Id);
            Assert.Contains(words, refused.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Further_adapters_and_disks_take_the_positions_that_are_free()
    {
        await using var server = await SimulatedXenServer.StartAsync();
        var source = (await server.ImportAsync(Tiny("model") with { Hardware = new() { Networks = [OtherNetwork, SimulatedXenServer.Network, OtherNetwork], ExtraDiskBytes = [2 * Mebibyte, 4 * Mebibyte] } }))[0];
        await (await server.Session.NetworkAdapters.PlanRemoveAsync(source.NetworkAdapters[0], s_none)).RunAsync(new SimulatedXenServer.Quiet(), s_none);
        await (await server.Session.Disks.PlanRemoveAsync(source.Disks[1], keepFile: false, s_none)).RunAsync(new SimulatedXenServer.Quiet(), s_none);

        var copy = (await server.DeployAsync(server.Session.PlanCloneAsync(new CloneRequest(source)
        {
            Names = ["copy"],
            Hardware = new()
            {
                Networks = [SimulatedXenServer.Network, OtherNetwork, OtherNetwork, OtherNetwork],
                MacAddresses = [s_addresses[0], "00:50:56:01:00:0a", s_addresses[1], s_addresses[2]],
                DiskBytes = [null, 6 * Mebibyte],
                ExtraDiskBytes = [8 * Mebibyte],
            },
        }, s_none)))[0];

        Assert.Equal([("Interface 0", s_addresses[1]), ("Interface 1", s_addresses[0]), ("Interface 2", "00:50:56:01:00:0a"), ("Interface 3", s_addresses[2])],
            copy.NetworkAdapters.Select(adapter => (adapter.Label, adapter.MacAddress)));
        Assert.Equal([("0", 4), ("1", 8), ("2", 6)], copy.Disks.Select(disk => (disk.Slot, (int)(disk.CapacityBytes / Mebibyte))));
    }

    private static OvaImportRequest Tiny(params string[] names) => new(Repository.Path("examples/tinyVM.ova")) { Names = names, Datastore = "Local storage" };

    private static SimulatedVbd Disk(SimulatedXapiVm vm, int number) => vm.Drives.Where(drive => drive.Type == "Disk").ElementAt(number);

    private static void AssertHardware(SimulatedXapiVm vm, string mac, long firstDisk = 64 * Mebibyte)
    {
        Assert.Equal((2, 2), vm.Cpus);
        Assert.Equal(1L << 30, vm.Memory[^1]);
        Assert.Equal([firstDisk, 32 * Mebibyte, 16 * Mebibyte], vm.Drives.Where(drive => drive.Type == "Disk").Select(drive => drive.VirtualSize));
        var vif = Assert.Single(vm.Vifs);
        Assert.Equal((OtherNetwork, mac), (vif.Network, vif.MacAddress));
        Assert.Equal(("true", "web", "web"), (vm.Platform["nested-virt"], vm.OtherConfig["role"], vm.XenstoreData["vm-data/role"]));
    }
}
