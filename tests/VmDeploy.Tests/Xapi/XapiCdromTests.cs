using VmDeploy.Simulator.Xapi;
using VmDeploy.Tests.Support;
using VmDeploy.Tests.Vmdk;
using Xunit;

namespace VmDeploy.Tests.Xapi;

public sealed class XapiCdromTests : IDisposable
{
    private static readonly CancellationToken s_none = CancellationToken.None;
    private static readonly IProgress<OperationProgress> s_quiet = new SimulatedXenServer.Quiet();

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Adds_fills_empties_and_removes_drives()
    {
        await using var server = await SimulatedXenServer.StartAsync(new XapiSimulatorOptions { VmCount = 1 });
        var vm = await server.FindAsync("vm-00001");
        var drive = await server.Session.Cdroms.AddAsync(vm, new CdromMedium(CdromMediumKind.Iso, "tiny.iso"), null, s_quiet, s_none);
        Assert.Equal(new CdromMedium(CdromMediumKind.Iso, "[ISO library] tiny.iso"), drive.Medium);
        Assert.Equal(("IDE 1:1", true, false), (drive.Slot, drive.StartConnected, drive.IsConnected));

        var local = _folder.Write("mine.iso", Iso.Mark(DiskImages.Mixed(100_000, 1)));
        var second = await server.Session.Cdroms.AddAsync(vm, new CdromMedium(CdromMediumKind.Iso, local), CdromBus.Ide, s_quiet, s_none);
        Assert.Equal("[ISO library] mine.iso", second.Medium.Path);
        Assert.Equal(["IDE 1:0", "IDE 1:1"], (await server.Session.Cdroms.GetAsync(vm, s_none)).Select(c => c.Slot));
        SimulatedXenServer.AssertHolds(server["vm-00001"].Drives[0].LocalPath!, Iso.Mark(DiskImages.Mixed(100_000, 1)));

        drive = await server.Session.Cdroms.SetAsync(drive, new CdromMedium(CdromMediumKind.Iso, "[ISO library] iso/debian-12.iso"), false, s_quiet, s_none);
        Assert.Equal("[ISO library] debian-12.iso", drive.Medium.Path);
        drive = await server.Session.Cdroms.SetAsync(drive, CdromMedium.Empty, false, s_quiet, s_none);
        Assert.Equal(CdromMedium.Empty, drive.Medium);
        await server.Session.Cdroms.SetAsync(drive, CdromMedium.Empty, false, s_quiet, s_none);

        await server.Session.Cdroms.RemoveAsync(drive, s_none);
        Assert.Single(await server.Session.Cdroms.GetAsync(vm, s_none));
        var error = await Assert.ThrowsAnyAsync<VmDeployException>(() => server.Session.Cdroms.RemoveAsync(drive, s_none));
        Assert.Equal("CdromNotFound", error.Code.Id);
    }

    [Fact]
    public async Task What_is_no_ISO_is_no_medium()
    {
        await using var server = await SimulatedXenServer.StartAsync(new XapiSimulatorOptions { VmCount = 1 });
        var vm = await server.FindAsync("vm-00001");
        await FailsAsync(new CdromMedium(CdromMediumKind.Iso, _folder.Write("no.iso", new byte[100_000])), null, "IsoUnreadable", "no.iso");
        // The host itself would accept this disk as a CD.
        await FailsAsync(new CdromMedium(CdromMediumKind.Iso, "alpine-template disk 0"), null, "IsoNotFound", "'tiny.iso'");
        await FailsAsync(new CdromMedium(CdromMediumKind.Iso, "[datastore1] iso/tiny.iso"), null, "IsoStorageNotFound",
            "ISO repository 'datastore1' not found. Available: 'DVD drives', 'ISO library', 'XenServer Tools'.");
        await FailsAsync(new CdromMedium(CdromMediumKind.HostDevice), null, "HostDriveNotFound", "has no CD drive");
        await FailsAsync(CdromMedium.Empty, CdromBus.Sata, "NotSupportedByHost", "no SATA");
        for (var i = 0; i < 4; i++)
            await server.Session.Cdroms.AddAsync(vm, CdromMedium.Empty, null, s_quiet, s_none);
        await FailsAsync(CdromMedium.Empty, null, "CdromSlotsFull", "vm-00001");

        async Task FailsAsync(CdromMedium medium, CdromBus? bus, string id, string words)
        {
            var error = await Assert.ThrowsAnyAsync<VmDeployException>(() => server.Session.Cdroms.AddAsync(vm, medium, bus, s_quiet, s_none));
            Assert.Equal(id, error.Code.Id);
            Assert.Contains(words, error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_running_VM_keeps_its_drives_but_changes_their_media()
    {
        await using var server = await SimulatedXenServer.StartAsync(new XapiSimulatorOptions { VmCount = 2, Guest = name => new XapiGuest { LocksCdrom = name == "vm-00002" } });
        foreach (var name in new[] { "vm-00001", "vm-00002" })
        {
            var vm = await server.FindAsync(name);
            var drive = await server.Session.Cdroms.AddAsync(vm, new CdromMedium(CdromMediumKind.Iso, "tiny.iso"), null, s_quiet, s_none);
            await server.Session.Power.StartAsync(vm, s_none);
            Assert.True((await server.Session.Cdroms.GetAsync(vm, s_none))[0].IsConnected);
            Assert.Equal("CdromNeedsPowerOff", (await Assert.ThrowsAnyAsync<VmDeployException>(() => server.Session.Cdroms.RemoveAsync(drive, s_none))).Code.Id);
            Assert.Equal("CdromNeedsPowerOff", (await Assert.ThrowsAnyAsync<VmDeployException>(
                () => server.Session.Cdroms.AddAsync(vm, CdromMedium.Empty, null, s_quiet, s_none))).Code.Id);
            if (name == "vm-00001")
            {
                Assert.False((await server.Session.Cdroms.SetAsync(drive, CdromMedium.Empty, false, s_quiet, s_none)).IsConnected);
            }
            else
            {
                var error = await Assert.ThrowsAnyAsync<VmDeployException>(() => server.Session.Cdroms.SetAsync(drive, CdromMedium.Empty, true, s_quiet, s_none));
                Assert.Equal("CdromLocked", error.Code.Id);
                Assert.Equal(ErrorHint.EjectInGuest, error.Hint);
            }
        }
    }

    [Fact]
    public async Task A_medium_that_can_not_be_changed_stays_in()
    {
        await using var server = await SimulatedXenServer.StartAsync(new XapiSimulatorOptions { VmCount = 1 });
        var vm = await server.FindAsync("vm-00001");
        var drive = await server.Session.Cdroms.AddAsync(vm, new CdromMedium(CdromMediumKind.Iso, "tiny.iso"), null, s_quiet, s_none);
        server.Simulator.Faults.FailCall("VBD.insert", "SR_BACKEND_FAILURE_50", ["", "gone", ""]);
        await Assert.ThrowsAnyAsync<VmDeployException>(() => server.Session.Cdroms.SetAsync(drive, new CdromMedium(CdromMediumKind.Iso, "debian-12.iso"), false, s_quiet, s_none));
        Assert.Equal("tiny.iso", server["vm-00001"].Drives[0].VdiName);
    }

    [Fact]
    public async Task Makes_a_VM_that_boots_from_an_ISO()
    {
        await using var server = await SimulatedXenServer.StartAsync();
        var iso = _folder.Write("install.iso", Iso.Mark(DiskImages.Mixed(300_000, 2)));
        var vms = await server.DeployAsync(server.Session.PlanIsoVmAsync(new IsoVmRequest(iso)
        {
            Names = ["scratch1", "scratch2"],
            Hardware = new() { CpuCount = 2, MemoryMB = 2048, DiskBytes = [8L << 30, 1L << 30], SecureBoot = true },
            PowerOn = true,
        }, s_none));
        Assert.Equal(2, vms.Count);
        foreach (var vm in server.Simulator.Vms)
        {
            Assert.Equal("Running", vm.PowerState);
            Assert.Equal([8L << 30, 1L << 30], vm.Drives.Where(d => d.Type == "Disk").Select(d => d.VirtualSize));
            Assert.Equal("install.iso", vm.Drives.Single(d => d.Type == "CD").VdiName);
            Assert.Equal(("dc", "uefi"), (vm.BootParams["order"], vm.BootParams["firmware"]));
            Assert.Equal("true", vm.Platform["secureboot"]);
            Assert.Equal(SimulatedXenServer.Network, Assert.Single(vm.Vifs).Network);
        }
        Assert.Single(server.Simulator.Calls, c => c.Method == "PUT import_raw_vdi");

        // The second time it already exists.
        await server.DeployAsync(server.Session.PlanIsoVmAsync(new IsoVmRequest(iso) { Names = ["scratch3"], Hardware = new() { Networks = [], DiskBytes = [] } }, s_none));
        Assert.Single(server.Simulator.Calls, c => c.Method == "PUT import_raw_vdi");
        Assert.Equal("dc", server["scratch3"].BootParams["order"]);
        Assert.Equal("CD", Assert.Single(server["scratch3"].Drives).Type);
        foreach (var vm in vms)
            await server.Session.RemoveVmAsync(vm, force: true, s_none);
        Assert.Contains(server.Simulator.Inventory(), line => line.EndsWith("install.iso", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_ISO_of_the_examples_is_in_the_simulated_library()
    {
        await using var server = await SimulatedXenServer.StartAsync();
        var file = await server.Session.DatastoreFiles.SendAsync(new SendFileRequest(Repository.Path("examples/tiny.iso"), null), s_quiet, s_none);
        Assert.False(file.WasSent);
        await server.DeployAsync(server.Session.PlanIsoVmAsync(new IsoVmRequest("[ISO library] tiny.iso") { Names = ["scratch"] }, s_none));
        SimulatedXenServer.AssertHolds(server["scratch"].Drives.Single(d => d.Type == "CD").LocalPath!, System.IO.File.ReadAllBytes(Repository.Path("examples/tiny.iso")));
    }

    [Fact]
    public async Task A_destination_may_name_its_repository()
    {
        await using var server = await SimulatedXenServer.StartAsync();
        var path = _folder.Write("a.iso", DiskImages.Mixed(70_001, 3));
        var file = await server.Session.DatastoreFiles.SendAsync(new SendFileRequest(path, null) { Path = "[ISO library] iso/b.iso" }, s_quiet, s_none);
        Assert.Equal("[ISO library] b.iso", file.Path);
        var error = await Assert.ThrowsAnyAsync<VmDeployException>(() =>
            server.Session.DatastoreFiles.SendAsync(new SendFileRequest(path, null) { Path = "[nowhere] b.iso" }, s_quiet, s_none));
        Assert.Equal("IsoStorageNotFound", error.Code.Id);
        Assert.Contains("Available: 'ISO library'.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sends_files_once_and_only_where_they_belong()
    {
        await using var server = await SimulatedXenServer.StartAsync();
        var path = _folder.Write("a.iso", DiskImages.Mixed(70_001, 3));
        var file = await server.Session.DatastoreFiles.SendAsync(new SendFileRequest(path, "ISO library") { Path = "iso/" }, s_quiet, s_none);
        Assert.Equal(("[ISO library] a.iso", 70_001, true), (file.Path, file.Length, file.WasSent));
        Assert.False((await server.Session.DatastoreFiles.SendAsync(new SendFileRequest(path, null), s_quiet, s_none)).WasSent);

        _folder.Write("a.iso", DiskImages.Mixed(90_000, 4));
        var error = await Assert.ThrowsAnyAsync<VmDeployException>(() => server.Session.DatastoreFiles.SendAsync(new SendFileRequest(path, null), s_quiet, s_none));
        Assert.Equal("FileDiffers", error.Code.Id);
        Assert.Contains("with 70001 bytes; the local file has 90000 bytes", error.Message, StringComparison.Ordinal);
        Assert.True((await server.Session.DatastoreFiles.SendAsync(new SendFileRequest(path, null) { Force = true }, s_quiet, s_none)).WasSent);

        error = await Assert.ThrowsAnyAsync<VmDeployException>(() => server.Session.DatastoreFiles.SendAsync(new SendFileRequest(path, "Local storage"), s_quiet, s_none));
        Assert.Equal("IsoStorageNotFound", error.Code.Id);
        error = await Assert.ThrowsAnyAsync<VmDeployException>(() => server.Session.DatastoreFiles.SendAsync(new SendFileRequest(_folder["no.iso"], null), s_quiet, s_none));
        Assert.Equal("LocalFileNotFound", error.Code.Id);

        // An incomplete upload is not left as an ISO.
        var before = server.Simulator.Inventory();
        server.Simulator.Faults.FailUpload(20_000);
        await Assert.ThrowsAnyAsync<VmDeployException>(() => server.Session.DatastoreFiles.SendAsync(new SendFileRequest(path, null) { Path = "b.iso" }, s_quiet, s_none));
        Assert.Equal(before, server.Simulator.Inventory());
    }
}
