using VmDeploy.Ova;
using VmDeploy.Simulator.Xapi;
using VmDeploy.Tests.Support;
using VmDeploy.Tests.Vmdk;
using VmDeploy.Tests.Vsphere;
using VmDeploy.Tests.Xapi;
using Xunit;

namespace VmDeploy.Tests.Export;

/// <summary>Exports from XenServer, and from there to ESXi and back.</summary>
public sealed class XapiExportTests : IDisposable
{
    private static readonly CancellationToken s_none = CancellationToken.None;

    private readonly TempFolder _folder = new();
    private readonly byte[][] _disks = [DiskImages.Mixed((5 << 20) + 512, 11), DiskImages.Mixed(3 << 20, 12)];

    public void Dispose() => _folder.Dispose();

    [SkippableTheory]
    [InlineData(false, PackageCompression.Fastest)]
    [InlineData(true, PackageCompression.Optimal)]
    public async Task From_XenServer_to_ESXi_and_back_the_disks_stay_the_same(bool isEfi, PackageCompression compression)
    {
        await using var xen = await SimulatedXenServer.StartAsync();
        await using var esxi = await SimulatedHost.StartAsync();
        var package = Exports.Package("web1", _disks) with
        {
            CpuCount = 4,
            MemoryMB = 512,
            Networks = [SimulatedXenServer.Network],
            HardwareExtras = $"<vmw:Config ovf:required=\"false\" vmw:key=\"firmware\" vmw:value=\"{(isEfi ? "efi" : "bios")}\"/>",
        };
        var vm = Assert.Single(await xen.ImportAsync(new OvaImportRequest(package.WriteOva(_folder, "in.ova")) { Names = ["web1"], Annotation = "A & B <ü>" }));

        var first = await vm.ExportAsync(_folder["first.ova"], request => request with { Compression = compression });
        Exports.AssertSame(_disks, await Exports.DisksAsync(first.Path));
        await AssertForeignToolsReadAsync(first);
        using (var read = await OvaPackage.OpenAsync(first.Path, s_none))
        {
            var hardware = read.Descriptor.GetHardware(null);
            Assert.Equal(("web1", "A & B <ü>", 4, 512L << 20, isEfi), (read.Name, read.Descriptor.Annotation, hardware.CpuCount, hardware.MemoryBytes, hardware.IsEfi));
            Assert.Equal([SimulatedXenServer.Network], hardware.Nics.Select(nic => nic.NetworkName));
        }

        var onEsxi = Assert.Single(await esxi.ImportAsync(new OvaImportRequest(first.Path) { Names = ["web2"], Hardware = new() { Networks = ["VM Network"] } }));
        Assert.Empty(esxi.Failures);
        Assert.Equal(4, onEsxi.CpuCount);
        var second = await onEsxi.ExportAsync(_folder["second.ova"]);
        Exports.AssertSame(_disks, await Exports.DisksAsync(second.Path));

        await xen.ImportAsync(new OvaImportRequest(second.Path) { Names = ["web3"] });
        Assert.Empty(xen.Failures);
        var back = xen["web3"];
        SimulatedXenServer.AssertHolds(back.Drives[0].LocalPath!, _disks[0]);
        SimulatedXenServer.AssertHolds(back.Drives[1].LocalPath!, _disks[1]);
        Assert.Equal((4, 4), back.Cpus);
    }

    [Fact]
    public async Task A_running_VM_is_refused_and_goes_through_a_snapshot_that_is_removed_with_its_disks()
    {
        await using var server = await SimulatedXenServer.StartAsync();
        var vm = await ImportAsync(server, "web1");
        await server.Session.Power.StartAsync(vm, s_none);
        Assert.Equal("ExportSourceRunning", (await Assert.ThrowsAsync<VmDeployException>(() => vm.ExportAsync(_folder["out.ova"]))).Code.Id);
        var before = server.Simulator.Inventory();
        Exports.AssertSame(_disks, await Exports.DisksAsync((await vm.ExportAsync(_folder["out.ova"], request => request with { Snapshot = true })).Path));
        Assert.Equal(before, server.Simulator.Inventory());
    }

    [Fact]
    public async Task A_template_is_exported_as_a_VM_is()
    {
        await using var server = await SimulatedXenServer.StartAsync();
        var vm = await ImportAsync(server, "golden");
        var template = await (await server.Session.Templates.PlanFromVmAsync(vm, s_none)).RunAsync(new OnProgress(_ => { }), s_none);
        vm = Assert.Single(await server.Session.GetVmsAsync(new VmQuery { Ids = [template.Id] }, s_none));
        Exports.AssertSame(_disks, await Exports.DisksAsync((await vm.ExportAsync(_folder["out.ova"])).Path));
    }

    [Fact]
    public async Task Late_errors_and_broken_connections_leave_nothing()
    {
        await using var server = await SimulatedXenServer.StartAsync();
        var vm = await ImportAsync(server, "web1");
        await server.Session.Power.StartAsync(vm, s_none);
        var before = server.Simulator.Inventory();
        await File.WriteAllTextAsync(_folder["out.ova"], "mine");

        // The answer is 200, and the error stands in the body.
        server.Simulator.Faults.FailCall("GET export_raw_vdi", "VDI_IO_ERROR", ["Device I/O errors"], times: 9);
        var failed = await Assert.ThrowsAnyAsync<VmDeployException>(() => vm.ExportAsync(_folder["out.ova"], request => request with { Snapshot = true, Force = true }));
        Assert.Equal("StorageFailed", failed.Code.Id);
        Assert.Equal("mine", await File.ReadAllTextAsync(_folder["out.ova"]));
        Assert.Equal(["in.ova", "out.ova"], Directory.GetFileSystemEntries(_folder.Path).Select(Path.GetFileName).Order());
        Assert.Equal(before, server.Simulator.Inventory());

        server.Simulator.Faults.Clear();
        server.Simulator.Faults.CutDownload(2 << 20, times: 9);
        var broken = await Assert.ThrowsAnyAsync<VmDeployException>(() => vm.ExportAsync(_folder["out.ova"], request => request with { Snapshot = true, Force = true }));
        Assert.Equal("DownloadFailed", broken.Code.Id);
        Assert.Equal("mine", await File.ReadAllTextAsync(_folder["out.ova"]));
        Assert.Equal(before, server.Simulator.Inventory());

        server.Simulator.Faults.Clear();
        server.Simulator.Faults.CutDownload(2 << 20);
        Exports.AssertSame(_disks, await Exports.DisksAsync((await vm.ExportAsync(_folder["resumed.ova"], request => request with { Snapshot = true })).Path));
        File.Delete(_folder["resumed.ova"]);

        using var stop = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => vm.ExportAsync(_folder["out.ova"], request => request with { Snapshot = true, Force = true }, new OnProgress(report =>
        {
            if (report.BytesDone > 1 << 20)
                stop.Cancel();
        }), stop.Token));
        Assert.Equal("mine", await File.ReadAllTextAsync(_folder["out.ova"]));
        Assert.Equal(["in.ova", "out.ova"], Directory.GetFileSystemEntries(_folder.Path).Select(Path.GetFileName).Order());
        Assert.Equal(before, server.Simulator.Inventory());
        Assert.Empty(server.Session.Unfinished.Items);
    }

    [Fact]
    public async Task Odd_memory_many_adapters_and_rare_characters_come_to_ESXi()
    {
        await using var xen = await SimulatedXenServer.StartAsync();
        await using var esxi = await SimulatedHost.StartAsync();
        string[] networks = [.. (await xen.Session.Discovery.GetNetworksAsync(s_none)).Select(network => network.Name).Distinct().Take(2)];
        var package = Exports.Package("web1", _disks[1]) with { Networks = networks };
        var vm = Assert.Single(await xen.ImportAsync(new OvaImportRequest(package.WriteOva(_folder, "in.ova")) { Names = ["web1"], Annotation = "rocket \ud83d\ude80", Hardware = new() { MemoryMB = 513 } }));

        var exported = await vm.ExportAsync(_folder["out.ova"]);
        using (var read = await OvaPackage.OpenAsync(exported.Path, s_none))
        {
            Assert.Equal("rocket \ud83d\ude80", read.Descriptor.Annotation);
            Assert.Equal(516L << 20, read.Descriptor.GetHardware(null).MemoryBytes);
        }
        var made = Assert.Single(await esxi.ImportAsync(new OvaImportRequest(exported.Path) { Names = ["web2"], Hardware = new() { Networks = [.. networks.Select(_ => "VM Network")] } }));
        Assert.Empty(esxi.Failures);
        Assert.Equal(516, made.MemoryMB);
    }

    [Fact]
    public async Task A_host_that_needs_longer_than_the_time_limit_to_detach_a_disk_is_waited_for()
    {
        await using var server = await SimulatedXenServer.StartAsync(new XapiSimulatorOptions { TransferLinger = TimeSpan.FromSeconds(4) }, timeout: TimeSpan.FromSeconds(3));
        var vm = await ImportAsync(server, "web1");
        Exports.AssertSame(_disks, await Exports.DisksAsync((await vm.ExportAsync(_folder["out.ova"])).Path));
    }

    [Fact]
    public async Task A_VM_can_be_started_as_soon_as_its_export_is_stopped()
    {
        await using var server = await SimulatedXenServer.StartAsync(new XapiSimulatorOptions { TransferLinger = TimeSpan.FromSeconds(1) });
        var vm = await ImportAsync(server, "web1");
        using var stop = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => vm.ExportAsync(_folder["out.ova"], progress: new OnProgress(report =>
        {
            if (report.BytesDone > 1 << 20)
                stop.Cancel();
        }), cancellationToken: stop.Token));
        await server.Session.Power.StartAsync(vm, s_none);
        Assert.Equal("Running", server["web1"].PowerState);
    }

    // GNU tar and bsdtar unpack the same files; qemu-img finds the same disks in them.
    private async Task AssertForeignToolsReadAsync(ExportedPackage package)
    {
        foreach (var tool in new[] { "tar", "bsdtar" })
        {
            var to = Directory.CreateDirectory(_folder[$"by-{tool}"]).FullName;
            await Shell.RunAsync(Requires.Tool(tool), "-xf", package.Path, "-C", to);
            Assert.Equal(package.Files.Order(), Directory.GetFiles(to).Select(Path.GetFileName).Order());
            for (var i = 0; i < _disks.Length; i++)
            {
                await DiskImages.ToRawAsync(Path.Combine(to, $"web1-disk-{i}.vmdk"), _folder["disk.raw"]);
                Exports.AssertSame([_disks[i]], [await File.ReadAllBytesAsync(_folder["disk.raw"])]);
            }
            await Exports.DisksAsync(Path.Combine(to, "web1.ovf"));
            Directory.Delete(to, recursive: true);
        }
    }

    private async Task<Vm> ImportAsync(SimulatedXenServer server, string name)
    {
        var vms = await server.ImportAsync(new OvaImportRequest(Exports.Package("web1", _disks).WriteOva(_folder, "in.ova")) { Names = [name] });
        Assert.Empty(server.Failures);
        return Assert.Single(vms);
    }
}
