using VmDeploy.Tests.Support;
using VmDeploy.Vsphere;
using Xunit;

namespace VmDeploy.Tests.Vsphere;

public abstract partial class VsphereBehaviour
{
    [SkippableFact]
    public async Task A_VM_from_scratch_has_what_was_asked_for_and_starts()
    {
        var request = await ScratchAsync("scratch1");
        var vm = Assert.Single(await MakeAsync(request with
        {
            Hardware = new()
            {
                GuestId = "otherLinuxGuest",
                CpuCount = 3,
                MemoryMB = 2048,
                DiskBytes = [1L << 30, (5L << 20) + 1],
                Networks = ["VM Network", "VM Network"],
                NicModel = NicModel.Vmxnet3,
            },
            DiskProvisioning = DiskProvisioning.Thick,
            DiskController = DiskController.ParaVirtual,
            Annotation = "made for a test & more",
        }));
        Assert.Equal("scratch1", vm.Name);
        Assert.Equal("Off", vm.PowerState);
        Assert.Equal("otherLinuxGuest", vm.GuestId);
        Assert.Equal(3, vm.CpuCount);
        Assert.Equal(2048, vm.MemoryMB);
        Assert.Equal("made for a test & more", vm.Annotation);
        Assert.StartsWith("[datastore1] scratch1/", vm.Path);
        Assert.Equal([1L << 30, (5L << 20) + 1024], vm.Disks.Select(d => d.CapacityBytes));
        Assert.All(vm.Disks, d => Assert.StartsWith("[datastore1] scratch1/", d.Path));
        Assert.Equal(["VM Network", "VM Network"], vm.NetworkAdapters.Select(n => n.NetworkName));
        Assert.Equal(2, vm.NetworkAdapters.Select(n => n.MacAddress).Distinct().Count());

        var hardware = await HardwareAsync(vm);
        Assert.Single(hardware.Devices, d => d.TypeName() == "ParaVirtualSCSIController");
        Assert.Equal(2, hardware.Devices.Count(d => d.TypeName() == "VirtualVmxnet3"));
        Assert.All(hardware.Devices.Where(d => d.TypeName() == "VirtualDisk"), d => Assert.Equal("false", d.Child("backing")!.Value("thinProvisioned")));

        var drive = Assert.Single(await Session.Cdroms.GetAsync(vm, s_none));
        Assert.Equal("[datastore1] iso/tiny.iso", drive.Medium.Path);
        Assert.Equal("IDE 0:0", drive.Slot);
        Assert.True(drive.StartConnected);

        await Session.Power.StartAsync(vm, s_none);
        Assert.Equal("On", vm.PowerState);
    }

    [SkippableFact]
    public async Task The_ninth_configuration_gives_its_VM()
    {
        await ScratchAsync("any");
        var vm = Assert.Single(await MakeAsync(new IsoVmRequest("[datastore1] iso/tiny.iso")
        {
            Names = ["scratch1"],
            Datacenter = "ha-datacenter",
            Datastore = "datastore1",
            HostName = Session.Hypervisor == HypervisorKind.VCenter ? "localhost.localdomain" : null,
            PowerOn = true,
        }));
        Assert.Equal("On", vm.PowerState);
        Assert.Equal("VM Network", Assert.Single(vm.NetworkAdapters).NetworkName);
        Assert.Equal(16L << 30, Assert.Single(vm.Disks).CapacityBytes);
        var hardware = await HardwareAsync(vm);
        Assert.Equal("true", Assert.Single(hardware.Devices, d => d.TypeName() == "VirtualDisk").Child("backing")!.Value("thinProvisioned"));
    }

    [SkippableTheory]
    [InlineData(DiskController.LsiLogic, "VirtualLsiLogicController", "SATA 0:0")]
    [InlineData(DiskController.Sata, "VirtualAHCIController", "SATA 0:2")]
    [InlineData(DiskController.Nvme, "VirtualNVMEController", "SATA 0:0")]
    public async Task An_EFI_guest_has_its_ISO_on_SATA(DiskController controller, string type, string slot)
    {
        var request = await ScratchAsync("efi1");
        var vm = Assert.Single(await MakeAsync(request with { DiskController = controller, Hardware = new() { SecureBoot = true, DiskBytes = [1 << 20, 1 << 20] } }));
        var hardware = await HardwareAsync(vm);
        Assert.True(hardware.IsEfi);
        Assert.Single(hardware.Devices, d => d.TypeName() == type);
        Assert.Single(hardware.Devices, d => d.TypeName() == "VirtualAHCIController");
        Assert.Equal(slot, Assert.Single(await Session.Cdroms.GetAsync(vm, s_none)).Slot);
        var options = (await ((VsphereSession)Session).Properties.ReadAsync(hardware.Reference, s_none, "config.bootOptions"))["config.bootOptions"]!;
        Assert.Equal("true", options.Value("efiSecureBootEnabled"));
        await Session.Power.StartAsync(vm, s_none);
    }

    [SkippableFact]
    public async Task IDE_disks_leave_a_place_for_the_ISO()
    {
        var request = await ScratchAsync("ide1");
        var vm = Assert.Single(await MakeAsync(request with { DiskController = DiskController.Ide, Hardware = new() { DiskBytes = [1 << 20, 1 << 20, 1 << 20] } }));
        Assert.Equal(3, vm.Disks.Count);
        Assert.Equal("IDE 1:1", Assert.Single(await Session.Cdroms.GetAsync(vm, s_none)).Slot);
        await Session.Power.StartAsync(vm, s_none);
    }

    [SkippableFact]
    public async Task A_local_ISO_is_sent_once_for_all_VMs()
    {
        var request = await ScratchAsync("many1", "many2", "many3");
        using var folder = new TempFolder();
        var local = Disc(folder, 50_000).LocalPath;
        var reports = new Reports();
        var vms = await MakeAsync(request with { IsoPath = local, IsoFolder = "discs/linux" }, reports);
        Assert.Equal(["many1", "many2", "many3"], vms.Select(vm => vm.Name).Order());
        foreach (var vm in vms)
            Assert.Equal("[datastore1] discs/linux/tiny disc [1].iso", Assert.Single(await Session.Cdroms.GetAsync(vm, s_none)).Medium.Path);
        Assert.Equal(File.ReadAllBytes(local), await DownloadAsync("discs/linux/tiny disc [1].iso"));
        Assert.Equal(50_000, reports.All.Max(r => r.BytesDone));
        Assert.Single(reports.All, r => r.BytesTotal is not null && r.IsCompleted);
    }

    [SkippableFact]
    public async Task What_no_VM_can_be_is_refused_before_anything_is_made()
    {
        var request = await ScratchAsync("refused1");
        var before = await ContentAsync();
        await RefusedAsync(request with { Hardware = new() { GuestId = "ubuntoo64Guest" } }, "GuestIdUnknown", "'ubuntu64Guest'");
        await RefusedAsync(request with { Hardware = new() { MemoryMB = 1023 } }, "HardwareInvalid", "1023 MB of memory requested; this host allows 4 MB to 24 TB in steps of 4 MB");
        await RefusedAsync(request with { Hardware = new() { CpuCount = 0 } }, "HardwareInvalid", "0 vCPUs requested; this host allows 1 to");
        await RefusedAsync(request with { Hardware = new() { DiskBytes = [0] } }, "HardwareInvalid", "0 bytes");
        await RefusedAsync(request with { DiskController = DiskController.Ide, Hardware = new() { DiskBytes = [1, 1, 1, 1] } }, "HardwareInvalid", "allows 3");
        await RefusedAsync(request with { Hardware = new() { SecureBoot = true, Firmware = Firmware.Bios } }, "HardwareInvalid", "EFI");
        await RefusedAsync(request with { Hardware = new() { Networks = ["nowhere"] } }, "NetworkNotFound", "VM Network");
        await RefusedAsync(request with { IsoPath = "[datastore1] iso/none.iso" }, "HostFileNotFound", "[datastore1] iso/none.iso");
        await RefusedAsync(request with { IsoPath = "[nowhere] iso/none.iso" }, "DatastoreNotFound", "'datastore1'");
        await RefusedAsync(request with { IsoPath = "none.iso" }, "LocalFileNotFound", "none.iso");
        foreach (var name in new[] { "a/b", ".", "..", new string('a', 80) })
            await RefusedAsync(request with { Names = [name] }, "NameInvalid", name);
        using var folder = new TempFolder();
        await RefusedAsync(request with { IsoPath = folder.Write("tiny.iso", Iso.Mark(new byte[40_000])) }, "FileDiffers", "2048");
        await RefusedAsync(request with { IsoPath = folder.Write("short.iso", new byte[5]) }, "IsoUnreadable", "short.iso' (5 bytes)");
        await RefusedAsync(request with { IsoPath = folder.Write("disk.iso", new byte[100_000]) }, "IsoUnreadable", "disk.iso");
        Assert.Equal(before, await ContentAsync());

        async Task RefusedAsync(IsoVmRequest wrong, string id, string word)
        {
            var refused = await Assert.ThrowsAsync<VmDeployException>(() => Session.PlanIsoVmAsync(wrong, s_none));
            Assert.Equal(id, refused.Code.Id);
            Assert.Contains(word, refused.Message);
        }
    }

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Wherever_making_a_VM_from_an_ISO_breaks_nothing_is_left(bool late)
    {
        var request = await ScratchAsync("broken1");
        using var folder = new TempFolder();
        request = request with { IsoPath = Disc(folder, 40_000).LocalPath, IsoFolder = "new" };
        await BreakEverywhereAsync(late,
            async session => await MakeAsync(request, session: session),
            async () =>
            {
                foreach (var vm in await ListAsync(name => name == "broken1"))
                    await Session.RemoveVmAsync(vm, force: true, s_none);
                await DeleteFileAsync("new");
            });
    }

    /// <summary>A request for VMs on datastore1, beside the file iso/tiny.iso of 2048 bytes.</summary>
    private protected async Task<IsoVmRequest> ScratchAsync(params string[] names)
    {
        await ListAsync();
        using var folder = new TempFolder();
        await Session.DatastoreFiles.SendAsync(Disc(folder, 2048) with { Path = "iso/tiny.iso" }, s_noProgress, s_none);
        return new IsoVmRequest("[datastore1] iso/tiny.iso")
        {
            Names = names,
            Datacenter = "ha-datacenter",
            Datastore = "datastore1",
            HostName = "localhost.localdomain",
        };
    }

    private protected async Task<List<Vm>> MakeAsync(IsoVmRequest request, IProgress<OperationProgress>? progress = null, VmSession? session = null)
    {
        var plan = await (session ?? Session).PlanIsoVmAsync(request, s_none);
        var vms = new List<Vm>();
        var failures = new List<VmDeployException>();
        await plan.RunAsync(request.Names, vms.Add, (_, e) => failures.Add(e), progress ?? s_noProgress, s_none);
        return failures.Count == 0 ? vms : throw failures[0];
    }

    private Task<VmHardware> HardwareAsync(Vm vm) => VmHardware.ReadAsync((VsphereSession)Session, vm, s_none);
}
