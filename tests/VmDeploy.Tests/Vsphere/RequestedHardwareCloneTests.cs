using VmDeploy.Simulator.Esxi;
using VmDeploy.Tests.Support;
using VmDeploy.Vsphere;
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

    [Theory]
    [InlineData(EsxiMode.Esxi, false)]
    [InlineData(EsxiMode.Esxi, true)]
    [InlineData(EsxiMode.VCenter, false)]
    [InlineData(EsxiMode.VCenter, true)]
    public async Task A_clone_has_an_address_of_its_own(EsxiMode mode, bool isFixed)
    {
        await using var host = await SimulatedHost.StartAsync(new EsxiSimulatorOptions { Mode = mode });
        var source = (await host.ImportAsync(new OvaImportRequest(Repository.Path("examples/tinyVM.ova"))
        {
            Names = ["model"],
            Datacenter = "ha-datacenter",
            Hardware = new() { MacAddresses = isFixed ? [Address] : [] },
        }))[0];
        var address = host.Simulator.Vms[0].Nics[0].MacAddress;
        Assert.Equal(isFixed, address == Address);
        await CloneAsync(new(source) { Names = ["plain"] });
        await CloneAsync(new(source) { Names = ["mapped"], Hardware = new() { NetworkMap = new Dictionary<string, string> { ["VM Network"] = "Lab" } } });
        await CloneAsync(new(source) { Names = ["moved"], Hardware = new() { Networks = ["Lab"] } });
        await CloneAsync(new(source) { Names = ["other"], Hardware = new() { NicModel = NicModel.E1000e, Networks = ["Lab"] } });
        if (mode == EsxiMode.VCenter)
        {
            await (await host.Session.Templates.PlanFromVmAsync(source, CancellationToken.None)).RunAsync(new OnProgress(_ => { }), CancellationToken.None);
            Assert.Single(await host.RunAsync(await host.Session.PlanTemplateAsync(new TemplateRequest("model") { Names = ["made"], Hardware = new() { Networks = ["Lab"] } }, CancellationToken.None)));
        }

        var nics = host.Simulator.Vms.ToDictionary(vm => vm.Name, vm => Assert.Single(vm.Nics));
        Assert.Equal(nics.Count, nics.Values.Select(nic => nic.MacAddress).Distinct().Count());
        Assert.Equal("VM Network", nics["plain"].Network);
        Assert.All(nics.Where(nic => nic.Key is "mapped" or "moved" or "other" or "made"), nic => Assert.Equal("Lab", nic.Value.Network));

        async Task CloneAsync(CloneRequest request)
        {
            Assert.Single(await host.RunAsync(await host.Session.PlanCloneAsync(request, CancellationToken.None)));
            Assert.Empty(host.Failures);
        }
    }

    [Fact]
    public async Task Another_model_keeps_the_connection_and_gets_a_port_of_its_own()
    {
        await using var host = await SimulatedHost.StartAsync(new EsxiSimulatorOptions { Mode = EsxiMode.VCenter });
        var source = (await host.ImportAsync(new OvaImportRequest(Repository.Path("examples/tinyVM.ova")) { Names = ["model"], Datacenter = "ha-datacenter" }))[0];
        var port = (await host.Session.Discovery.GetNetworksAsync(CancellationToken.None)).First(network => network.Type == "Distributed" && network.Datacenter == "ha-datacenter").Name;
        await (await host.Session.NetworkAdapters.PlanSetAsync(source.NetworkAdapters[0], new NetworkAdapterChange { Network = port, Connected = false }, CancellationToken.None)).RunAsync(new OnProgress(_ => { }), CancellationToken.None);
        Assert.Single(await host.RunAsync(await host.Session.PlanCloneAsync(new CloneRequest(source) { Names = ["copy"], Hardware = new() { NicModel = NicModel.E1000e } }, CancellationToken.None)));
        var nic = Assert.Single(host.Simulator.Vms.Single(vm => vm.Name == "copy").Nics);
        Assert.Equal(("VirtualE1000e", port, false), (nic.Type, nic.Network, nic.StartConnected));
    }

    [Theory]
    [InlineData(EsxiMode.Esxi)]
    [InlineData(EsxiMode.VCenter)]
    public async Task The_first_disk_is_the_boot_disk_whatever_the_order_in_the_record(EsxiMode mode)
    {
        await using var host = await SimulatedHost.StartAsync(new EsxiSimulatorOptions { Mode = mode });
        await File.WriteAllBytesAsync(host.Simulator.LocalPath("[datastore1] a.iso"), new byte[100]);
        var source = Assert.Single(await host.RunAsync(await host.Session.PlanIsoVmAsync(new IsoVmRequest("[datastore1] a.iso")
        {
            Names = ["model"],
            Datacenter = "ha-datacenter",
            Datastore = "datastore1",
            HostName = mode == EsxiMode.VCenter ? "cluster1" : null,
            Hardware = new() { DiskBytes = [], Networks = ["Lab"] },
        }, CancellationToken.None)));
        foreach (var (size, controller, bus, unit) in new[] { (3, DiskController.Sata, 0, 0), (2, DiskController.ParaVirtual, 1, 2), (4, DiskController.ParaVirtual, 0, 1), (1, DiskController.ParaVirtual, 0, 0) })
        {
            var disk = new NewDisk { SizeBytes = size * Megabyte, Controller = controller, ControllerNumber = bus, Unit = unit };
            await (await host.Session.Disks.PlanAddAsync(source, disk, CancellationToken.None)).RunAsync(new OnProgress(_ => { }), CancellationToken.None);
        }
        Assert.Equal(["SCSI 0:0", "SCSI 0:1", "SCSI 1:2", "SATA 0:0"], source.Disks.Select(disk => disk.Slot));
        var request = new CloneRequest(source) { Names = ["copy"], Hardware = new() { DiskBytes = [64 * Megabyte, null, 32 * Megabyte] } };

        var plan = await host.Session.PlanCloneAsync(request, CancellationToken.None);
        Assert.Contains("disks 64 MB + 4 MB + 32 MB + 3 MB", plan.Describe("copy"), StringComparison.Ordinal);
        var copy = Assert.Single(await host.RunAsync(plan));
        Assert.Equal([("SCSI 0:0", 64), ("SCSI 0:1", 4), ("SCSI 1:2", 32), ("SATA 0:0", 3)], copy.Disks.Select(disk => (disk.Slot, (int)(disk.CapacityBytes / Megabyte))));
        Assert.EndsWith(mode == EsxiMode.Esxi ? "/copy.vmdk" : ".vmdk", copy.Disks[0].Path, StringComparison.Ordinal);
        var refused = await Assert.ThrowsAsync<VmDeployException>(() => host.Session.PlanCloneAsync(request with { Hardware = new() { DiskBytes = [null, 2 * Megabyte] } }, CancellationToken.None));
        Assert.Contains("2 MB requested for disk 2 of VM 'model', which has 4 MB", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(EsxiMode.Esxi)]
    [InlineData(EsxiMode.VCenter)]
    public async Task Secure_boot_is_the_same_for_packages_clones_and_templates(EsxiMode mode)
    {
        await using var host = await SimulatedHost.StartAsync(new EsxiSimulatorOptions { Mode = mode });
        var wanted = new HardwareRequest { SecureBoot = true };
        var source = (await host.ImportAsync(new OvaImportRequest(Repository.Path("examples/tinyVM.ova")) { Names = ["model"], Datacenter = "ha-datacenter", Hardware = wanted }))[0];
        Assert.Empty(host.Failures);
        await host.RunAsync(await host.Session.PlanCloneAsync(new CloneRequest(source) { Names = ["copy"], Hardware = wanted }, CancellationToken.None));
        await host.RunAsync(await host.Session.PlanCloneAsync(new CloneRequest(source) { Names = ["as-it-is"] }, CancellationToken.None));
        var session = (VsphereSession)host.Session;
        foreach (var vm in await host.Session.GetVmsAsync(new VmQuery(), CancellationToken.None))
        {
            var config = await session.Properties.ReadAsync(MoRef.Of(vm), CancellationToken.None, "config.bootOptions", "config.firmware");
            Assert.Equal(("efi", "true"), (config.Text("config.firmware"), config["config.bootOptions"]!.Value("efiSecureBootEnabled")));
        }
    }
}
