using VmDeploy.Ova;
using VmDeploy.Simulator.Esxi;
using VmDeploy.Tests.Support;
using VmDeploy.Tests.Vmdk;
using VmDeploy.Tests.Vsphere;
using Xunit;

namespace VmDeploy.Tests.Export;

/// <summary>Exports from ESXi and vCenter.</summary>
public sealed class VsphereExportTests : IDisposable
{
    private static readonly CancellationToken s_none = CancellationToken.None;
    private static readonly RetryPolicies s_quick = new(new(3, TimeSpan.FromMilliseconds(5), TimeSpan.FromMilliseconds(20)), new(8, TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(500)));

    private readonly TempFolder _folder = new();
    private readonly byte[][] _disks = [DiskImages.Mixed((5 << 20) + 1024, 1), DiskImages.Mixed(1 << 20, 2)];

    public void Dispose() => _folder.Dispose();

    [SkippableTheory]
    [InlineData(EsxiMode.Esxi, ManifestAlgorithm.SHA256)]
    [InlineData(EsxiMode.VCenter, ManifestAlgorithm.SHA512)]
    [InlineData(EsxiMode.Esxi, ManifestAlgorithm.SHA1)]
    public async Task A_VM_comes_back_as_it_was_with_its_firmware_settings(EsxiMode mode, ManifestAlgorithm manifest)
    {
        await using var host = await SimulatedHost.StartAsync(new EsxiSimulatorOptions { Mode = mode });
        var nvram = new byte[8192];
        new Random(3).NextBytes(nvram);
        var package = Exports.Package("web1", _disks) with
        {
            OtherFiles = [("web1.nvram", nvram)],
            HardwareExtras = "<vmw:Config ovf:required=\"false\" vmw:key=\"firmware\" vmw:value=\"efi\"/><vmw:ExtraConfig ovf:required=\"false\" vmw:key=\"nvram\" vmw:value=\"ovf:/file/other1\"/>",
        };
        var vm = await ImportAsync(host, package, "web1");
        var before = host.Picture();

        var exported = await vm.ExportAsync(_folder.Path, request => request with { Manifest = manifest });

        Assert.Equal(before, host.Picture());
        Assert.Equal((_folder["web1.ova"], new FileInfo(_folder["web1.ova"]).Length, "web1"), (exported.Path, exported.Length, exported.VmName));
        Assert.Equal([_folder["web1.ova"]], Directory.GetFileSystemEntries(_folder.Path).Except([_folder["in.ova"]]));
        Exports.AssertSame(_disks, await Exports.DisksAsync(exported.Path));
        string[] names = ["web1.ovf", "web1-disk-0.vmdk", "web1-disk-1.vmdk", "web1-firmware.nvram", "web1.mf"];
        Assert.Equal(names, exported.Files);
        Assert.Equal(names, (await Shell.RunAsync(Requires.Tool("tar"), "-tf", exported.Path)).Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(names, (await Shell.RunAsync(Requires.Tool("bsdtar"), "-tf", exported.Path)).Split('\n', StringSplitOptions.RemoveEmptyEntries));
        using (var read = await OvaPackage.OpenAsync(exported.Path, s_none))
        {
            Assert.True(read.Descriptor.GetHardware(null).IsEfi);
            Assert.All(read.Manifest!.Entries, entry => Assert.Equal(manifest.ToString(), entry.Algorithm));
            Assert.Equal(4, read.Manifest.Entries.Count);
        }

        var again = Assert.Single(await host.ImportAsync(new OvaImportRequest(exported.Path) { Names = ["web2"], HostName = "localhost.localdomain" }));
        Assert.Empty(host.Failures);
        var made = Assert.Single(host.Simulator.Vms, one => one.Name == again.Name);
        Exports.AssertSame(_disks, [await Exports.RawAsync(made.Disks[0].LocalPath), await Exports.RawAsync(made.Disks[1].LocalPath)]);
        Assert.Equal(nvram, await File.ReadAllBytesAsync(host.Simulator.LocalPath("[datastore1] web2/web2.nvram")));
    }

    [Theory]
    [InlineData(EsxiMode.Esxi)]
    [InlineData(EsxiMode.VCenter)]
    public async Task A_running_VM_is_refused_and_goes_through_a_snapshot_that_is_removed(EsxiMode mode)
    {
        await using var host = await SimulatedHost.StartAsync(new EsxiSimulatorOptions { Mode = mode });
        var vm = await ImportAsync(host, Exports.Package("web1", _disks), "web1");
        await host.Session.Power.StartAsync(vm, s_none);
        var refused = await Assert.ThrowsAsync<VmDeployException>(() => vm.ExportAsync(_folder["out.ova"]));
        Assert.Equal("ExportSourceRunning", refused.Code.Id);
        var before = host.Picture();

        var plan = await host.Session.Exports.PlanAsync(new ExportRequest(vm, _folder["out.ova"]) { Snapshot = true }, s_none);
        Assert.Equal($"Export to {_folder["out.ova"]}: disks 5 MB + 1 MB, through a temporary snapshot", plan.Description);
        Assert.DoesNotContain(host.Simulator.Requests, request => request.Method.Contains("Snapshot", StringComparison.Ordinal));
        await plan.RunAsync(new OnProgress(_ => { }), s_none);

        Exports.AssertSame(_disks, await Exports.DisksAsync(_folder["out.ova"]));
        Assert.Empty(await host.Session.Snapshots.GetAsync(vm, s_none));
        Assert.Equal(before, host.Picture());
        Assert.Contains(host.Simulator.Requests, request => request.Method == "ExportSnapshot");
    }

    [Fact]
    public async Task A_template_is_exported_as_a_VM_is()
    {
        await using var host = await SimulatedHost.StartAsync(new EsxiSimulatorOptions { Mode = EsxiMode.VCenter });
        var vm = await ImportAsync(host, Exports.Package("web1", _disks), "golden");
        var template = await (await host.Session.Templates.PlanFromVmAsync(vm, s_none)).RunAsync(new OnProgress(_ => { }), s_none);
        vm = Assert.Single(await host.Session.GetVmsAsync(new VmQuery { Ids = [template.Id] }, s_none));
        Exports.AssertSame(_disks, await Exports.DisksAsync((await vm.ExportAsync(_folder.Path + "/")).Path));
    }

    [Fact]
    public async Task An_image_in_a_drive_is_left_out_and_one_that_is_gone_is_named()
    {
        await using var host = await SimulatedHost.StartAsync();
        var vm = await ImportAsync(host, Exports.Package("web1", _disks), "web1");
        await host.Session.DatastoreFiles.SendAsync(new SendFileRequest(Repository.Path("examples/tiny.iso"), "datastore1") { Path = "iso/" }, new OnProgress(_ => { }), s_none);
        await host.Session.Cdroms.AddAsync(vm, new CdromMedium(CdromMediumKind.Iso, "[datastore1] iso/tiny.iso"), null, new OnProgress(_ => { }), s_none);

        var exported = await vm.ExportAsync(_folder["a.ova"]);
        Assert.DoesNotContain(exported.Files, name => name.EndsWith(".iso", StringComparison.Ordinal));
        using (var package = await OvaPackage.OpenAsync(exported.Path, s_none))
            Assert.Null(Assert.Single(package.Descriptor.GetHardware(null).Drives).FileRef);

        File.Delete(host.Simulator.LocalPath("[datastore1] iso/tiny.iso"));
        var missing = await Assert.ThrowsAsync<VmDeployException>(() => vm.ExportAsync(_folder["b.ova"]));
        Assert.Equal("CdromImageMissing", missing.Code.Id);
        Assert.Contains("'[datastore1] iso/tiny.iso', which does not exist", missing.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder["b.ova"]));
    }

    [Fact]
    public async Task A_disk_that_breaks_is_read_again_and_what_breaks_for_good_leaves_nothing()
    {
        await using var host = await SimulatedHost.StartAsync(via: options => options with { Retries = s_quick });
        var vm = await ImportAsync(host, Exports.Package("web1", _disks), "web1");
        var before = host.Picture();
        host.Simulator.Faults.CutDownload(200_000);
        Exports.AssertSame(_disks, await Exports.DisksAsync((await vm.ExportAsync(_folder["out.ova"])).Path));

        await File.WriteAllTextAsync(_folder["out.ova"], "mine");
        host.Simulator.Faults.CutDownload(200_000, times: 9);
        var broken = await Assert.ThrowsAsync<VmDeployException>(() => vm.ExportAsync(_folder["out.ova"], request => request with { Force = true }));
        Assert.True(broken.IsTransient);
        Assert.Equal("mine", await File.ReadAllTextAsync(_folder["out.ova"]));
        Assert.Equal(["in.ova", "out.ova"], Directory.GetFileSystemEntries(_folder.Path).Select(Path.GetFileName).Order());
        Assert.Equal(before, host.Picture());
        Assert.Equal("LocalFileExists", (await Assert.ThrowsAsync<VmDeployException>(() => vm.ExportAsync(_folder["out.ova"]))).Code.Id);

        host.Simulator.Faults.Clear();
        Exports.AssertSame(_disks, await Exports.DisksAsync((await vm.ExportAsync(_folder["out.ova"], request => request with { Force = true })).Path));
    }

    [Theory]
    [InlineData(ManifestFault.OtherSize, "the host says that it has sent ")]
    [InlineData(ManifestFault.OtherSha256, "damaged on the way: its SHA256 digest is ")]
    [InlineData(ManifestFault.OtherSha1Only, "damaged on the way: its SHA1 digest is ")]
    public async Task What_differs_from_the_digests_of_the_host_is_read_again_and_then_refused(ManifestFault fault, string reason)
    {
        await using var host = await SimulatedHost.StartAsync(via: options => options with { Retries = s_quick });
        var vm = await ImportAsync(host, Exports.Package("web1", _disks[1]), "web1");
        host.Simulator.Faults.Manifest = fault;
        var damaged = await Assert.ThrowsAsync<VmDeployException>(() => vm.ExportAsync(_folder["out.ova"]));
        Assert.Equal("DownloadFailed", damaged.Code.Id);
        Assert.Contains(reason, damaged.Message, StringComparison.Ordinal);
        Assert.Equal(3, host.Simulator.Requests.Count(request => request.Method == "HttpNfcLeaseGetManifest"));
        Assert.False(File.Exists(_folder["out.ova"]));
    }

    [Fact]
    public async Task A_host_without_a_manifest_exports_whole_disks()
    {
        await using var host = await SimulatedHost.StartAsync();
        var vm = await ImportAsync(host, Exports.Package("web1", _disks), "web1");
        host.Simulator.Faults.Manifest = ManifestFault.NotSupported;
        Exports.AssertSame(_disks, await Exports.DisksAsync((await vm.ExportAsync(_folder["out.ova"])).Path));
    }

    [Fact]
    public async Task A_host_that_is_away_for_a_moment_does_not_end_an_export()
    {
        await using var host = await SimulatedHost.StartAsync(via: options => options with { Retries = s_quick });
        var vm = await ImportAsync(host, Exports.Package("web1", _disks), "web1");
        host.Simulator.Faults.FailMethod("HttpNfcLeaseProgress", "HostCommunication");
        host.Simulator.Faults.FailMethod("HttpNfcLeaseGetManifest", "HostCommunication");
        Exports.AssertSame(_disks, await Exports.DisksAsync((await vm.ExportAsync(_folder["out.ova"])).Path));
        // The disks were not read again for these calls.
        Assert.Equal(3, host.Simulator.Requests.Count(request => request.Method == "HttpNfcLeaseGetManifest"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task What_the_host_can_not_describe_is_refused_with_its_reason(int skip)
    {
        await using var host = await SimulatedHost.StartAsync();
        var vm = await ImportAsync(host, Exports.Package("web1", _disks[1]), "web1");
        var before = host.Picture();
        host.Simulator.Faults.FailTask("CreateDescriptor", "OvfUnsupportedDeviceExport", "a device of another world", skip: skip);
        var refused = await Assert.ThrowsAsync<VmDeployException>(() => vm.ExportAsync(_folder["out.ova"]));
        Assert.Equal("ExportRefused", refused.Code.Id);
        Assert.Contains("a device of another world", refused.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder["out.ova"]));
        Assert.Equal(before, host.Picture());
    }

    [Fact]
    public async Task A_snapshot_that_stays_is_named_and_the_package_is_whole()
    {
        await using var host = await SimulatedHost.StartAsync(via: options => options with { Retries = s_quick });
        var vm = await ImportAsync(host, Exports.Package("web1", _disks), "web1");
        await host.Session.Power.StartAsync(vm, s_none);
        host.Simulator.Faults.FailTask("RemoveSnapshot_Task", "RuntimeFault", "locked", times: 50);
        var left = await Assert.ThrowsAsync<VmDeployException>(() => vm.ExportAsync(_folder["out.ova"], request => request with { Snapshot = true }));
        Assert.Equal("ExportNotCleanedUp", left.Code.Id);
        Assert.Contains($"Not rolled back: snapshot '{Assert.Single(await host.Session.Snapshots.GetAsync(vm, s_none)).Name}'", left.Message, StringComparison.Ordinal);
        Exports.AssertSame(_disks, await Exports.DisksAsync(_folder["out.ova"]));
    }

    [Fact]
    public async Task An_image_that_the_user_may_not_look_for_does_not_keep_the_VM_from_being_exported()
    {
        await using var host = await SimulatedHost.StartAsync();
        var vm = await ImportAsync(host, Exports.Package("web1", _disks), "web1");
        await host.Session.DatastoreFiles.SendAsync(new SendFileRequest(Repository.Path("examples/tiny.iso"), "datastore1") { Path = "iso/" }, new OnProgress(_ => { }), s_none);
        await host.Session.Cdroms.AddAsync(vm, new CdromMedium(CdromMediumKind.Iso, "[datastore1] iso/tiny.iso"), null, new OnProgress(_ => { }), s_none);
        host.Simulator.Faults.FailMethod("SearchDatastore_Task", "NoPermission");
        Exports.AssertSame(_disks, await Exports.DisksAsync((await vm.ExportAsync(_folder["out.ova"])).Path));
    }

    [Fact]
    public async Task The_snapshot_of_an_unknown_lease_is_removed_once_the_lease_has_ended()
    {
        // The usual clean-up gives up long before a real lease of five minutes has ended; here, before this one has.
        var retries = s_quick with { Cleanup = new(2, TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(100)), BeforeSecondLook = () => Task.CompletedTask };
        await using var host = await SimulatedHost.StartAsync(via: options => options with { Retries = retries });
        var vm = await ImportAsync(host, Exports.Package("web1", _disks), "web1");
        await host.Session.Power.StartAsync(vm, s_none);
        var before = host.Picture();
        host.Simulator.Faults.LeaseTimeout = TimeSpan.FromSeconds(2);
        host.Simulator.Faults.DropReply("ExportSnapshot");
        var lost = await Assert.ThrowsAsync<VmDeployException>(() => vm.ExportAsync(_folder["out.ova"], request => request with { Snapshot = true }));
        Assert.True(lost.IsUnanswered);
        Assert.DoesNotContain("Not rolled back", lost.Message, StringComparison.Ordinal);
        Assert.Equal(before, host.Picture());
    }

    [Fact]
    public async Task A_lease_is_kept_alive_on_a_slow_link_and_a_stop_leaves_nothing()
    {
        await using var host = await SimulatedHost.StartAsync();
        var noise = new byte[1 << 20];
        new Random(1).NextBytes(noise);
        var vm = await ImportAsync(host, Exports.Package("web1", noise), "web1");
        var before = host.Picture();
        host.Simulator.Faults.LeaseTimeout = TimeSpan.FromSeconds(1);
        host.Simulator.Faults.BytesPerSecond = 400_000;
        var reports = new List<OperationProgress>();
        Exports.AssertSame([noise], await Exports.DisksAsync((await vm.ExportAsync(_folder["out.ova"], progress: new OnProgress(reports.Add))).Path));
        Assert.Contains(reports, report => report is { BytesTotal: > 0, BytesDone: > 0, TimeLeft: not null });
        Assert.True(reports[^1].IsCompleted);

        using var stop = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => vm.ExportAsync(_folder["stopped.ova"], progress: new OnProgress(report =>
        {
            if (report.BytesDone > 100_000)
                stop.Cancel();
        }), cancellationToken: stop.Token));
        Assert.Equal(["in.ova", "out.ova"], Directory.GetFileSystemEntries(_folder.Path).Select(Path.GetFileName).Order());
        Assert.Equal(before, host.Picture());
        Assert.Empty(host.Session.Unfinished.Items);
    }

    [Fact]
    public async Task As_a_folder_it_replaces_only_its_own_kind()
    {
        await using var host = await SimulatedHost.StartAsync();
        var vm = await ImportAsync(host, Exports.Package("web1", _disks), "web 1/ü".Replace("/", "", StringComparison.Ordinal));
        static ExportRequest Ovf(ExportRequest request) => request with { Format = PackageFormat.Ovf };

        Directory.CreateDirectory(_folder["to"]);
        var exported = await vm.ExportAsync(_folder["to"], Ovf);
        Assert.Equal(Path.Combine(_folder["to"], "web_1_", "web_1_.ovf"), exported.Path);
        Exports.AssertSame(_disks, await Exports.DisksAsync(exported.Path));
        Assert.Equal(exported.Files.Order(), Directory.GetFiles(_folder["to/web_1_"]).Select(Path.GetFileName).Order());
        Assert.Equal(exported.Length, Directory.GetFiles(_folder["to/web_1_"]).Sum(file => new FileInfo(file).Length));

        Assert.Equal("LocalFileExists", (await Assert.ThrowsAsync<VmDeployException>(() => vm.ExportAsync(_folder["to"], Ovf))).Code.Id);
        await vm.ExportAsync(_folder["to"], request => Ovf(request) with { Force = true, Manifest = ManifestAlgorithm.None });
        Assert.False(File.Exists(_folder["to/web_1_/web_1_.mf"]));
        await File.WriteAllTextAsync(_folder["to/web_1_/notes.txt"], "mine");
        Assert.Equal("LocalFileNotWritable", (await Assert.ThrowsAsync<VmDeployException>(() => vm.ExportAsync(_folder["to"], request => Ovf(request) with { Force = true }))).Code.Id);
        Assert.Equal("mine", await File.ReadAllTextAsync(_folder["to/web_1_/notes.txt"]));
        Assert.Equal("LocalFileNotWritable", (await Assert.ThrowsAsync<VmDeployException>(() => vm.ExportAsync(_folder["no/such/x.ova"]))).Code.Id);
    }

    [Theory]
    [InlineData("web1/web1-notes.txt", "web1/web1.ovf")]
    [InlineData("web1/web1.sqlite", "web1/web1-backup.sql")]
    [InlineData("web1/web1-disk-0.vmdk")]
    [InlineData("web1/web1.ovf", "web1/web1-disk-0.vmdk.orig")]
    [InlineData("web1/web1.ovf", "web1/web1-disk-0.vmdk/web1.mf")]
    public async Task A_folder_that_is_not_a_package_is_never_replaced(params string[] files)
    {
        await using var host = await SimulatedHost.StartAsync();
        var vm = await ImportAsync(host, Exports.Package("web1", _disks[1]), "web1");
        foreach (var file in files)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_folder["to/" + file])!);
            await File.WriteAllTextAsync(_folder["to/" + file], "mine");
        }
        var refused = await Assert.ThrowsAsync<VmDeployException>(() => vm.ExportAsync(_folder["to"], request => request with { Format = PackageFormat.Ovf, Force = true }));
        Assert.Equal("LocalFileNotWritable", refused.Code.Id);
        Assert.All(files, file => Assert.Equal("mine", File.ReadAllText(_folder["to/" + file])));
        Assert.Single(Directory.GetFileSystemEntries(_folder["to"]));
    }

    [Fact]
    public async Task A_file_that_appears_in_the_replaced_folder_during_the_export_is_kept()
    {
        await using var host = await SimulatedHost.StartAsync();
        var vm = await ImportAsync(host, Exports.Package("web1", _disks), "web1");
        static ExportRequest Ovf(ExportRequest request) => request with { Format = PackageFormat.Ovf, Force = true };
        Directory.CreateDirectory(_folder["to/web1"]);
        Exports.AssertSame(_disks, await Exports.DisksAsync((await vm.ExportAsync(_folder["to"], Ovf)).Path));
        var plan = await vm.Session.Exports.PlanAsync(Ovf(new ExportRequest(vm, _folder["to"])), s_none);
        await File.WriteAllTextAsync(_folder["to/web1/notes.txt"], "mine");
        Exports.AssertSame(_disks, await Exports.DisksAsync((await plan.RunAsync(new OnProgress(_ => { }), s_none)).Path));
        var left = Assert.Single(Directory.GetDirectories(_folder["to"]), folder => Path.GetFileName(folder) != "web1");
        Assert.Equal("mine", await File.ReadAllTextAsync(Assert.Single(Directory.GetFiles(left))));
    }

    [SkippableFact]
    public async Task A_disk_that_is_full_is_told_as_such()
    {
        Skip.IfNot(File.Exists("/dev/full"), "needs /dev/full");
        File.CreateSymbolicLink(_folder["web1-disk-0.vmdk"], "/dev/full");
        var writer = new OvfWriter(_folder.Path, "web1", ManifestAlgorithm.SHA256);
        writer.Begin(1000);
        // One failure comes when the buffer is full, and the other when it is closed.
        foreach (var size in new[] { 512, 200_000 })
        {
            var failed = await Assert.ThrowsAsync<VmDeployException>(() => writer.AddAsync("web1-disk-0.vmdk", new Given(), async stream =>
            {
                for (var left = size; left > 0; left -= 512)
                    await stream.WriteAsync(new byte[512]);
            }));
            Assert.Equal("LocalFileNotWritable", failed.Code.Id);
        }
        File.CreateSymbolicLink(_folder["web1.ovf"], "/dev/full");
        Assert.Equal("LocalFileNotWritable", Assert.Throws<VmDeployException>(() => writer.End([], "<Envelope/>")).Code.Id);
    }

    private sealed record Given() : VmDeploy.Export.ExportedFile("disk-0.vmdk", VmDeploy.Export.ExportedForm.Other, null)
    {
        public override Task ReadAsync(Func<Stream, long?, Task> consume, CancellationToken cancellationToken) => Task.CompletedTask;
    }

    [Fact]
    public async Task A_disk_with_snapshots_and_one_that_was_made_empty_are_sent_whole()
    {
        await using var host = await SimulatedHost.StartAsync();
        var vm = await ImportAsync(host, Exports.Package("web1", _disks[0]), "web1");
        await (await host.Session.Disks.PlanAddAsync(vm, new NewDisk { SizeBytes = 4 << 20 }, s_none)).RunAsync(new OnProgress(_ => { }), s_none);
        await (await host.Session.Snapshots.PlanTakeAsync(new SnapshotRequest(vm, "one"), s_none)).RunAsync(new OnProgress(_ => { }), s_none);
        await vm.RefreshAsync(s_none);
        Exports.AssertSame([_disks[0], new byte[4 << 20]], await Exports.DisksAsync((await vm.ExportAsync(_folder["out.ova"])).Path));
        Assert.Single(await host.Session.Snapshots.GetAsync(vm, s_none));
    }

    private async Task<Vm> ImportAsync(SimulatedHost host, OvaBuilder package, string name)
    {
        var path = package.WriteOva(_folder, "in.ova");
        var vms = await host.ImportAsync(new OvaImportRequest(path) { Names = [name], HostName = "localhost.localdomain" });
        Assert.Empty(host.Failures);
        return Assert.Single(vms);
    }
}
