using Xunit;

namespace VmDeploy.Tests.Vsphere;

public abstract partial class VsphereBehaviour
{
    private const long Megabyte = 1 << 20;

    private static readonly string[] s_addresses = ["00:50:56:01:00:01", "00:50:56:01:00:02", "00:50:56:01:00:03"];

    private static readonly HardwareRequest s_hardware = new()
    {
        CpuCount = 2,
        MemoryMB = 1024,
        DiskBytes = [64 * Megabyte],
        ExtraDiskBytes = [32 * Megabyte, 16 * Megabyte],
        NicModel = NicModel.Vmxnet3,
        GuestId = "otherLinux64Guest",
        ExtraConfig = new Dictionary<string, string> { ["guestinfo.role"] = "a & b" },
    };

    [SkippableFact]
    public async Task VMs_of_a_package_have_the_hardware_that_was_asked_for()
    {
        var vms = await ImportAsync(TinyVm("hw1", "hw2", "hw3") with { Hardware = s_hardware with { MacAddresses = s_addresses } });
        foreach (var vm in vms)
        {
            AssertHardware(vm, vm.NetworkAdapters[0].MacAddress!);
            Assert.Equal(s_addresses[vm.Name[^1] - '1'], vm.NetworkAdapters[0].MacAddress);
            Assert.Equal("a & b", await ExtraConfigAsync(vm, "guestinfo.role"));
        }
    }

    [SkippableFact]
    public async Task A_list_of_networks_is_for_the_adapters_in_order_and_those_that_are_left_make_more()
    {
        var source = Assert.Single(await ImportAsync(TinyVm("model")));
        var clone = await CloneOfAsync(new CloneRequest(source)
        {
            Names = ["nets"],
            Hardware = new() { Networks = ["VM Network", "VM Network", "VM Network"], MacAddresses = [s_addresses[0], s_addresses[1]] },
        });
        Assert.Equal(["VM Network", "VM Network", "VM Network"], clone.NetworkAdapters.Select(adapter => adapter.NetworkName));
        Assert.Equal([s_addresses[0], s_addresses[1]], clone.NetworkAdapters.Take(2).Select(adapter => adapter.MacAddress));
        Assert.DoesNotContain(clone.NetworkAdapters[2].MacAddress, s_addresses);
    }

    [SkippableFact]
    public async Task Hardware_that_a_source_rules_out_is_refused_before_anything_is_made()
    {
        var source = Assert.Single(await ImportAsync(TinyVm("model")));
        var count = (await ListAsync()).Count;
        var request = new CloneRequest(source) { Names = ["one"] };
        await RefusedAsync(new() { DiskBytes = [Megabyte] }, "HardwareInvalid", "1 MB requested for disk 1 of VM 'model', which has 4 MB and can't shrink.");
        await RefusedAsync(new() { DiskBytes = [null, Megabyte] }, "HardwareInvalid", "A size for disk 2 requested; VM 'model' has 1 disk.");
        await RefusedAsync(new() { Networks = [] }, "HardwareInvalid", "can't be removed");
        await RefusedAsync(new() { Networks = ["Moon"] }, "NetworkNotFound", "'VM Network'");
        await RefusedAsync(new() { Networks = [.. Enumerable.Repeat("VM Network", 11)] }, "HardwareInvalid", "11 network adapters requested; this host allows 10");
        await RefusedAsync(new() { MacAddresses = s_addresses }, "MacAddressInvalid", "3 MAC addresses given for a VM with 1 network adapter.");
        await RefusedAsync(new() { MacAddresses = ["01:00:5e:00:00:01"] }, "MacAddressInvalid", "group");
        await RefusedAsync(new() { MacAddresses = ["00:50:56:01"] }, "MacAddressInvalid", "not a valid MAC address");
        await RefusedAsync(new() { GuestId = "ubuntoo64Guest" }, "GuestIdUnknown", "'ubuntu64Guest'");
        await RefusedAsync(new() { Firmware = Firmware.Efi }, "HardwareInvalid", "EFI firmware requested; the guest of VM 'model' was installed with BIOS");
        await RefusedAsync(new() { ExtraDiskBytes = [.. Enumerable.Repeat(Megabyte, 400)] }, "HardwareInvalid", "400 more disks requested");
        await RefusedAsync(new() { ExtraConfig = new Dictionary<string, string> { [" "] = "x" } }, "ValueRefused", "empty");
        request = request with { Linked = true };
        await RefusedAsync(new() { DiskBytes = [64 * Megabyte] }, "HardwareInvalid", "a shared disk of 4 MB can't grow");
        request = request with { Linked = false, Names = ["one", "two"] };
        await RefusedAsync(new() { MacAddresses = [s_addresses[0]] }, "MacAddressInvalid", "2 VMs with 1 network adapter each need 2");
        await RefusedAsync(new() { MacAddresses = ["00:50:56:01:00:0a", "00-50-56-01-00-0A"] }, "MacAddressInvalid", "given 2 times");
        Assert.Equal(count, (await ListAsync()).Count);

        async Task RefusedAsync(HardwareRequest hardware, string id, string message)
        {
            var refused = await Assert.ThrowsAsync<VmDeployException>(() => Session.PlanCloneAsync(request with { Hardware = hardware }, s_none));
            Assert.Equal(id, refused.Code.Id);
            Assert.Contains(message, refused.Message);
        }
    }

    private async Task<Vm> CloneOfAsync(CloneRequest request)
    {
        var plan = await Session.PlanCloneAsync(request, s_none);
        var vms = new List<Vm>();
        var failures = new List<VmDeployException>();
        await plan.RunAsync(plan.Names, vms.Add, (_, e) => failures.Add(e), s_noProgress, s_none);
        Assert.Empty(failures);
        return Assert.Single(vms);
    }

    private static void AssertHardware(Vm vm, string mac, long firstDisk = 64 * Megabyte)
    {
        Assert.Equal((2, 1024L, "otherLinux64Guest", "Off"), (vm.CpuCount, vm.MemoryMB, vm.GuestId, vm.PowerState));
        Assert.Equal([firstDisk, 32 * Megabyte, 16 * Megabyte], vm.Disks.Select(disk => disk.CapacityBytes));
        var adapter = Assert.Single(vm.NetworkAdapters);
        Assert.Equal(("VM Network", mac), (adapter.NetworkName, adapter.MacAddress));
    }

    private async Task<string?> ExtraConfigAsync(Vm vm, string key)
    {
        var config = await ((VmDeploy.Vsphere.VsphereSession)Session).Properties.ReadAsync(new VmDeploy.Vsphere.MoRef("VirtualMachine", vm.Id), s_none, "config.extraConfig");
        return config["config.extraConfig"]!.Elements().FirstOrDefault(entry => entry.Elements().First(e => e.Name.LocalName == "key").Value == key)
            ?.Elements().First(e => e.Name.LocalName == "value").Value;
    }
}
