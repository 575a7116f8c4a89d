using VmDeploy.Tests.Support;
using VmDeploy.Vsphere;
using Xunit;

namespace VmDeploy.Tests.Vsphere;

public abstract partial class VsphereBehaviour
{
    [SkippableFact]
    public async Task Drives_fill_the_IDE_masters_first_and_then_SATA()
    {
        var vm = await VmWithIsoAsync();
        var slots = new List<string>();
        var iso = new CdromMedium(CdromMediumKind.Iso, "[datastore1] iso/tiny.iso");
        for (var i = 0; i < 4; i++)
            slots.Add((await Session.Cdroms.AddAsync(vm, iso, CdromBus.Ide, s_noProgress, s_none)).Slot);
        Assert.Equal(["IDE 0:0", "IDE 1:0", "IDE 0:1", "IDE 1:1"], slots);

        var full = await Assert.ThrowsAsync<VmDeployException>(() => Session.Cdroms.AddAsync(vm, iso, CdromBus.Ide, s_noProgress, s_none));
        Assert.Equal("CdromSlotsFull", full.Code.Id);

        Assert.Equal("SATA 0:0", (await Session.Cdroms.AddAsync(vm, iso, null, s_noProgress, s_none)).Slot);
        var sixth = await Session.Cdroms.AddAsync(vm, iso, CdromBus.Sata, s_noProgress, s_none);
        Assert.Equal("SATA 0:1", sixth.Slot);

        var all = await Session.Cdroms.GetAsync(vm, s_none);
        Assert.Equal(["IDE 0:0", "IDE 0:1", "IDE 1:0", "IDE 1:1", "SATA 0:0", "SATA 0:1"], all.Select(c => c.Slot));
        Assert.All(all, c => Assert.Equal(iso, c.Medium));
        Assert.Equal(6, all.Select(c => c.Id).Distinct().Count());
        Assert.Equal(sixth.Id, all[^1].Id);

        await Session.Power.StartAsync(vm, s_none);
    }

    [SkippableFact]
    public async Task A_drive_is_filled_emptied_and_removed()
    {
        var vm = await VmWithIsoAsync();
        var drive = await Session.Cdroms.AddAsync(vm, CdromMedium.Empty, null, s_noProgress, s_none);
        Assert.Equal(CdromMedium.Empty, drive.Medium);
        Assert.False(drive.StartConnected);
        Assert.NotEmpty(drive.Label);

        drive = await Session.Cdroms.SetAsync(drive, new CdromMedium(CdromMediumKind.Iso, "[datastore1]iso/tiny.iso"), force: false, s_noProgress, s_none);
        Assert.Equal("[datastore1] iso/tiny.iso", drive.Medium.Path);
        Assert.True(drive.StartConnected);
        Assert.False(drive.IsConnected);

        drive = await Session.Cdroms.SetAsync(drive, CdromMedium.Empty, force: false, s_noProgress, s_none);
        Assert.Equal(CdromMedium.Empty, drive.Medium);
        Assert.Equal(drive.Id, Assert.Single(await Session.Cdroms.GetAsync(vm, s_none)).Id);

        await Session.Cdroms.RemoveAsync(drive, s_none);
        Assert.Empty(await Session.Cdroms.GetAsync(vm, s_none));
        var gone = await Assert.ThrowsAsync<VmDeployException>(() => Session.Cdroms.RemoveAsync(drive, s_none));
        Assert.Equal("CdromNotFound", gone.Code.Id);
    }

    [SkippableFact]
    public async Task A_local_ISO_is_sent_once_for_all_drives()
    {
        var vm = await VmWithIsoAsync();
        using var folder = new TempFolder();
        var local = Disc(folder, 50_000).LocalPath;
        var medium = new CdromMedium(CdromMediumKind.Iso, local);
        var first = await Session.Cdroms.AddAsync(vm, medium, null, s_noProgress, s_none);
        Assert.Equal("[datastore1] iso/tiny disc [1].iso", first.Medium.Path);
        Assert.Equal(50_000, (await DownloadAsync("iso/tiny disc [1].iso")).Length);
        var reports = new Reports();
        await Session.Cdroms.AddAsync(vm, medium, null, reports, s_none);
        Assert.Empty(reports.All);
    }

    [SkippableFact]
    public async Task Of_a_running_VM_the_medium_changes_and_an_IDE_drive_stays()
    {
        var vm = await VmWithIsoAsync();
        var iso = new CdromMedium(CdromMediumKind.Iso, "[datastore1] iso/tiny.iso");
        var drive = await Session.Cdroms.AddAsync(vm, CdromMedium.Empty, CdromBus.Ide, s_noProgress, s_none);
        await Session.Power.StartAsync(vm, s_none);

        drive = await Session.Cdroms.SetAsync(drive, iso, force: false, s_noProgress, s_none);
        Assert.True(drive.IsConnected);
        Assert.Equal(iso, drive.Medium);

        var refused = await Assert.ThrowsAsync<VmDeployException>(() => Session.Cdroms.AddAsync(vm, iso, CdromBus.Ide, s_noProgress, s_none));
        Assert.Equal("CdromNeedsPowerOff", refused.Code.Id);
        refused = await Assert.ThrowsAsync<VmDeployException>(() => Session.Cdroms.RemoveAsync(drive, s_none));
        Assert.Equal("CdromNeedsPowerOff", refused.Code.Id);
    }

    [SkippableFact]
    public async Task A_running_VM_takes_a_drive_on_the_SATA_controller_it_has()
    {
        var vm = await VmWithIsoAsync();
        await Session.Cdroms.AddAsync(vm, CdromMedium.Empty, CdromBus.Sata, s_noProgress, s_none);
        await Session.Power.StartAsync(vm, s_none);
        var added = await Session.Cdroms.AddAsync(vm, new CdromMedium(CdromMediumKind.Iso, "[datastore1] iso/tiny.iso"), null, s_noProgress, s_none);
        Assert.Equal("SATA 0:1", added.Slot);
        Assert.True(added.IsConnected);
    }

    [SkippableFact]
    public async Task The_master_of_a_slave_stays()
    {
        var vm = await VmWithIsoAsync();
        for (var i = 0; i < 3; i++)
            await Session.Cdroms.AddAsync(vm, CdromMedium.Empty, CdromBus.Ide, s_noProgress, s_none);
        var drives = await Session.Cdroms.GetAsync(vm, s_none);
        var refused = await Assert.ThrowsAsync<VmDeployException>(() => Session.Cdroms.RemoveAsync(drives[0], s_none));
        Assert.Equal("CdromHasSlave", refused.Code.Id);
        await Session.Cdroms.RemoveAsync(drives[1], s_none);
        await Session.Cdroms.RemoveAsync(drives[0], s_none);
        Assert.Equal("IDE 1:0", Assert.Single(await Session.Cdroms.GetAsync(vm, s_none)).Slot);
    }

    [SkippableFact]
    public async Task A_medium_that_is_not_there_is_refused()
    {
        var vm = await VmWithIsoAsync();
        await RefusedAsync(new CdromMedium(CdromMediumKind.Iso, "[datastore1] iso/none.iso"), "HostFileNotFound", "[datastore1] iso/none.iso");
        await RefusedAsync(new CdromMedium(CdromMediumKind.Iso, "[nowhere] iso/none.iso"), "DatastoreNotFound", "'datastore1'");
        await RefusedAsync(new CdromMedium(CdromMediumKind.Iso, "none.iso"), "LocalFileNotFound", "none.iso");
        await RefusedAsync(new CdromMedium(CdromMediumKind.HostDevice, "no such drive"), "HostDriveNotFound", "'no such drive'");
        Assert.Empty(await Session.Cdroms.GetAsync(vm, s_none));

        async Task RefusedAsync(CdromMedium medium, string id, string word)
        {
            var refused = await Assert.ThrowsAsync<VmDeployException>(() => Session.Cdroms.AddAsync(vm, medium, null, s_noProgress, s_none));
            Assert.Equal(id, refused.Code.Id);
            Assert.Contains(word, refused.Message);
        }
    }

    [SkippableTheory]
    [InlineData(false, CdromBus.Ide)]
    [InlineData(true, CdromBus.Ide)]
    [InlineData(true, CdromBus.Sata)]
    public async Task Wherever_adding_a_drive_breaks_nothing_is_left(bool late, CdromBus bus)
    {
        var vm = await VmWithIsoAsync();
        using var folder = new TempFolder();
        var medium = new CdromMedium(CdromMediumKind.Iso, Disc(folder, 40_000).LocalPath);
        await BreakEverywhereAsync(late,
            session => session.Cdroms.AddAsync(new Vm(session, vm.Id, new VmState { Name = vm.Name }), medium, bus, s_noProgress, s_none),
            async () =>
            {
                foreach (var drive in await Session.Cdroms.GetAsync(vm, s_none))
                    await Session.Cdroms.RemoveAsync(drive, s_none);
                await RemoveSataAsync(vm);
                await DeleteFileAsync("iso/tiny disc [1].iso");
            });
    }

    [SkippableFact]
    public async Task Wherever_changing_a_medium_breaks_the_old_one_stays()
    {
        var vm = await VmWithIsoAsync();
        using var folder = new TempFolder();
        var medium = new CdromMedium(CdromMediumKind.Iso, Disc(folder, 40_000).LocalPath);
        var drive = await Session.Cdroms.AddAsync(vm, CdromMedium.Empty, null, s_noProgress, s_none);
        await BreakEverywhereAsync(late: true,
            session => session.Cdroms.SetAsync(drive with { Vm = new Vm(session, vm.Id, new VmState { Name = vm.Name }) }, medium, false, s_noProgress, s_none),
            async () =>
            {
                await Session.Cdroms.SetAsync(drive, CdromMedium.Empty, false, s_noProgress, s_none);
                await DeleteFileAsync("iso/tiny disc [1].iso");
            });
    }

    /// <summary>A VM on datastore1, powered off and without drives, beside the file iso/tiny.iso.</summary>
    private async Task<Vm> VmWithIsoAsync()
    {
        var vm = (await MakeAsync((await ScratchAsync("reader")) with { Hardware = new() { DiskBytes = [1 << 20] } }))[0];
        await Session.Cdroms.RemoveAsync(Assert.Single(await Session.Cdroms.GetAsync(vm, s_none)), s_none);
        return vm;
    }

    // The controller that was added for a SATA drive is kept when the drive is removed.
    private async Task RemoveSataAsync(Vm vm)
    {
        var hardware = await HardwareAsync(vm);
        var changes = hardware.Devices.Where(d => CdromSlot.BusOf(d) == CdromBus.Sata).Select(d => ConfigSpec.Change("remove", d)).ToArray();
        await ((VsphereSession)Session).Tasks.RunAsync(hardware.Reference, "ReconfigVM_Task", vm.Name, s_none, VimXml.El("spec", changes));
    }
}
