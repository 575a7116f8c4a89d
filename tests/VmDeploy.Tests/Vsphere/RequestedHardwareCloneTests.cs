using VmDeploy.Simulator.Esxi;
using VmDeploy.Tests.Support;
using Xunit;

namespace VmDeploy.Tests.Vsphere;

/// <summary>Hardware of clones; vcsim ignores most of a clone's spec, and changes the source's devices with the clone's.</summary>
public sealed class RequestedHardwareCloneTests
{
    private const string Address = "00:50:56:01:00:01";
    private const long Megabyte = 1 << 20;

    [Theory]
    [InlineData(EsxiMode.Esxi, false)]
    [InlineData(EsxiMode.Esxi, true)]
    [InlineData(EsxiMode.VCenter, false)]
    [InlineData(EsxiMode.VCenter, true)]
    public async Task A_clone_has_the_hardware_that_was_asked_for(EsxiMode mode, bool linked)
    {
        await using var host = await SimulatedHost.StartAsync(new EsxiSimulatorOptions { Mode = mode });
        var source = (await host.ImportAsync(new OvaImportRequest(Repository.Path("examples/tinyVM.ova")) { Names = ["model"], Datacenter = "ha-datacenter" }))[0];
        var before = host.Simulator.Vms.Single(vm => vm.Name == "model");
        var plan = await host.Session.PlanCloneAsync(new CloneRequest(source)
        {
            Names = ["copy"],
            Linked = linked,
            Hardware = new()
            {
                CpuCount = 2,
                MemoryMB = 1024,
                DiskBytes = linked ? null : [64 * Megabyte],
                ExtraDiskBytes = [32 * Megabyte, 16 * Megabyte],
                NicModel = NicModel.Vmxnet3,
                MacAddresses = [Address],
                GuestId = "otherLinux64Guest",
                ExtraConfig = new Dictionary<string, string> { ["guestinfo.role"] = "a & b" },
            },
        }, CancellationToken.None);

        var clone = Assert.Single(await host.RunAsync(plan));

        Assert.Equal("otherLinux64Guest", clone.GuestId);
        var made = host.Simulator.Vms.Single(vm => vm.Name == "copy");
        Assert.Equal((2, 1024L, "a & b"), (made.CpuCount, made.MemoryMB, made.ExtraConfig["guestinfo.role"]));
        Assert.Equal([linked ? before.Disks[0].CapacityBytes : 64 * Megabyte, 32 * Megabyte, 16 * Megabyte], made.Disks.Select(disk => disk.CapacityBytes));
        var adapter = Assert.Single(made.Nics);
        Assert.Equal(("VirtualVmxnet3", Address, "VM Network"), (adapter.Type, adapter.MacAddress, adapter.Network));
        var after = host.Simulator.Vms.Single(vm => vm.Name == "model");
        Assert.Equal(before.Disks[0].CapacityBytes, after.Disks[0].CapacityBytes);
        Assert.Equal(before.Nics[0].MacAddress, after.Nics[0].MacAddress);
    }
}
