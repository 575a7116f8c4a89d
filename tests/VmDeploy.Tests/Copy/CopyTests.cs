using System.Xml.Linq;
using VmDeploy.Simulator.Esxi;
using VmDeploy.Tests.Export;
using VmDeploy.Tests.Support;
using VmDeploy.Tests.Vmdk;
using VmDeploy.Tests.Vsphere;
using VmDeploy.Vsphere;
using VmDeploy.Xapi;
using Xunit;

namespace VmDeploy.Tests.Copy;

/// <summary>Copies from host to host, in all directions.</summary>
public sealed class CopyTests : IDisposable
{
    private static readonly CancellationToken s_none = CancellationToken.None;

    private readonly TempFolder _folder = new();
    private readonly byte[][] _disks = [DiskImages.Mixed((5 << 20) + 512, 21), DiskImages.Mixed(3 << 20, 22)];

    public static IEnumerable<object[]> Directions => CopyHost.Kinds.SelectMany(from => CopyHost.Kinds.Select(to => new object[] { from, to }));

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Directions))]
    public async Task A_copy_has_the_disks_and_the_hardware_and_nothing_else_is_left(HypervisorKind from, HypervisorKind to)
    {
        await using var source = await CopyHost.StartAsync(from);
        await using var target = await CopyHost.StartAsync(to);
        var vm = await source.MakeAsync(_folder, Package(source, isEfi: from != to));
        var before = source.Picture();

        var copy = Assert.Single(await target.CopyAsync(new CopyRequest(vm) { KeepMacAddress = true }));

        Assert.Empty(target.Failures);
        Assert.Equal(before, source.Picture());
        Assert.Equal(("web1", 4, 512L, nameof(PowerState.Off)), (copy.Name, copy.CpuCount, copy.MemoryMB, copy.PowerState));
        Assert.Equal(from != to, target.IsEfi("web1"));
        Exports.AssertSame(_disks, await target.DisksAsync("web1"));
        Assert.Equal(vm.NetworkAdapters.Select(adapter => adapter.MacAddress), copy.NetworkAdapters.Select(adapter => adapter.MacAddress));
        Assert.Equal([target.Network], copy.NetworkAdapters.Select(adapter => adapter.NetworkName));
        Assert.Equal("A & B", copy.Annotation);
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
        Assert.Empty(source.Session.Unfinished.Items);
    }

    [Theory]
    [InlineData(HypervisorKind.Esxi, HypervisorKind.XenServer)]
    [InlineData(HypervisorKind.VCenter, HypervisorKind.Esxi)]
    [InlineData(HypervisorKind.XenServer, HypervisorKind.VCenter)]
    public async Task A_running_source_goes_through_a_snapshot_that_is_removed(HypervisorKind from, HypervisorKind to)
    {
        await using var source = await CopyHost.StartAsync(from);
        await using var target = await CopyHost.StartAsync(to);
        var vm = await source.MakeAsync(_folder, Package(source));
        await source.Session.Power.StartAsync(vm, s_none);
        var before = source.Picture();
        Assert.Equal("ExportSourceRunning", (await Assert.ThrowsAsync<VmDeployException>(() => target.PlanAsync(new CopyRequest(vm)))).Code.Id);

        await target.CopyAsync(new CopyRequest(vm) { Snapshot = true });

        Assert.Empty(target.Failures);
        Exports.AssertSame(_disks, await target.DisksAsync("web1"));
        Assert.Empty(await source.Session.Snapshots.GetAsync(vm, s_none));
        Assert.Equal(before, source.Picture());
    }

    [Theory]
    [InlineData(HypervisorKind.VCenter, HypervisorKind.XenServer)]
    [InlineData(HypervisorKind.XenServer, HypervisorKind.Esxi)]
    public async Task A_template_is_copied_as_a_VM(HypervisorKind from, HypervisorKind to)
    {
        await using var source = await CopyHost.StartAsync(from);
        await using var target = await CopyHost.StartAsync(to);
        var vm = await source.MakeAsync(_folder, Package(source));
        var template = await (await source.Session.Templates.PlanFromVmAsync(vm, s_none)).RunAsync(new OnProgress(_ => { }), s_none);
        vm = Assert.Single(await source.Session.GetVmsAsync(new VmQuery { Ids = [template.Id] }, s_none));
        await target.CopyAsync(new CopyRequest(vm) { Names = ["made"] });
        Assert.Empty(target.Failures);
        Exports.AssertSame(_disks, await target.DisksAsync("made"));
    }

    [Theory]
    [MemberData(nameof(Directions))]
    public async Task A_disk_that_breaks_on_either_side_is_sent_again_and_for_good_leaves_nothing(HypervisorKind from, HypervisorKind to)
    {
        await using var source = await CopyHost.StartAsync(from);
        await using var target = await CopyHost.StartAsync(to);
        var vm = await source.MakeAsync(_folder, Package(source));
        await source.Session.Power.StartAsync(vm, s_none);
        var (atSource, atTarget) = (source.Picture(), target.Picture());
        var request = new CopyRequest(vm) { Snapshot = true };

        foreach (var breaks in new Action[] { () => source.BreakDownload(9), () => target.CutUpload(200_000, 9) })
        {
            breaks();
            Assert.Empty(await target.CopyAsync(request));
            Assert.Contains("web1", target.Failures.Keys);
            source.ClearFaults();
            target.ClearFaults();
            Assert.Equal(atSource, source.Picture());
            Assert.Equal(atTarget, target.Picture());
        }

        target.CutUpload(200_000, 1);
        await target.CopyAsync(request);
        Assert.Empty(target.Failures);
        Exports.AssertSame(_disks, await target.DisksAsync("web1"));
        Assert.Equal(atSource, source.Picture());
        Assert.Empty(source.Session.Unfinished.Items);
        Assert.Empty(target.Session.Unfinished.Items);
    }

    [Theory]
    [MemberData(nameof(Directions))]
    public async Task A_stopped_copy_leaves_nothing(HypervisorKind from, HypervisorKind to)
    {
        await using var source = await CopyHost.StartAsync(from);
        await using var target = await CopyHost.StartAsync(to);
        var vm = await source.MakeAsync(_folder, Package(source));
        await source.Session.Power.StartAsync(vm, s_none);
        var (atSource, atTarget) = (source.Picture(), target.Picture());
        using var stop = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => target.CopyAsync(new CopyRequest(vm) { Snapshot = true }, new OnProgress(report =>
        {
            if (report.BytesDone > 0)
                stop.Cancel();
        }), stop.Token));
        Assert.Equal(atSource, source.Picture());
        Assert.Equal(atTarget, target.Picture());
        Assert.Empty(source.Session.Unfinished.Items);
    }

    [Theory]
    [InlineData(HypervisorKind.Esxi, HypervisorKind.VCenter)]
    [InlineData(HypervisorKind.XenServer, HypervisorKind.Esxi)]
    public async Task A_host_that_wants_lengths_gets_them_from_a_temporary_file(HypervisorKind from, HypervisorKind to)
    {
        await using var source = await CopyHost.StartAsync(from);
        await using var target = await CopyHost.StartAsync(to);
        var vm = await source.MakeAsync(_folder, Package(source));
        target.RequireLength();
        await target.CopyAsync(new CopyRequest(vm));
        Assert.Empty(target.Failures);
        Exports.AssertSame(_disks, await target.DisksAsync("web1"));
        Assert.Empty(Directory.GetFiles(Path.GetTempPath(), "vmdeploy-*.spool"));
    }

    [Theory]
    [InlineData(HypervisorKind.Esxi, HypervisorKind.XenServer)]
    [InlineData(HypervisorKind.XenServer, HypervisorKind.VCenter)]
    public async Task Several_copies_of_a_VM_are_read_once(HypervisorKind from, HypervisorKind to)
    {
        await using var source = await CopyHost.StartAsync(from);
        await using var target = await CopyHost.StartAsync(to);
        var vm = await source.MakeAsync(_folder, Package(source));
        // A second reading would fail.
        source.BreakDownloadsAfter(_disks.Length);
        await target.CopyAsync(new CopyRequest(vm) { Names = ["a", "b", "c"] });
        Assert.Empty(target.Failures);
        foreach (var name in new[] { "a", "b", "c" })
            Exports.AssertSame(_disks, await target.DisksAsync(name));
    }

    [Fact]
    public async Task Firmware_settings_go_along_between_vSphere_hosts()
    {
        await using var source = await SimulatedHost.StartAsync();
        await using var target = await CopyHost.StartAsync(HypervisorKind.VCenter);
        var nvram = new byte[8192];
        new Random(4).NextBytes(nvram);
        var package = Exports.Package("web1", _disks) with
        {
            OtherFiles = [("web1.nvram", nvram)],
            HardwareExtras = "<vmw:Config ovf:required=\"false\" vmw:key=\"firmware\" vmw:value=\"efi\"/><vmw:ExtraConfig ovf:required=\"false\" vmw:key=\"nvram\" vmw:value=\"ovf:/file/other1\"/>",
        };
        var vm = Assert.Single(await source.ImportAsync(new OvaImportRequest(package.WriteOva(_folder, "in.ova")) { Names = ["web1"], HostName = "localhost.localdomain" }));
        await target.CopyAsync(new CopyRequest(vm) { Names = ["web2"] });
        Assert.Empty(target.Failures);
        Assert.Equal(nvram, await File.ReadAllBytesAsync(target.LocalPath("[datastore1] web2/web2.nvram")));
    }

    [SkippableFact]
    public async Task A_disk_boots_on_each_host_of_a_way_there_and_back()
    {
        Requires.Tool("qemu-system-x86_64");
        await using var esxi = await CopyHost.StartAsync(HypervisorKind.Esxi);
        await using var xen = await CopyHost.StartAsync(HypervisorKind.XenServer);
        await using var center = await CopyHost.StartAsync(HypervisorKind.VCenter);
        var vm = await esxi.ImportAsync(Repository.Path("examples/tinyVM.ova"), "tiny");
        foreach (var (host, format) in new[] { (xen, "raw"), (center, "vmdk"), (esxi, "vmdk") })
        {
            vm = Assert.Single(await host.CopyAsync(new CopyRequest(vm) { Names = ["copied"] }));
            await Qemu.AssertBootsAsync(host.DiskOf("copied"), format);
        }
    }

    [Fact]
    public async Task Leases_of_both_hosts_are_renewed_while_a_slow_copy_runs()
    {
        var options = new EsxiSimulatorOptions { LeaseTimeout = TimeSpan.FromSeconds(3) };
        await using var source = await SimulatedHost.StartAsync(options);
        await using var target = await SimulatedHost.StartAsync(options);
        var vm = Assert.Single(await source.ImportAsync(new OvaImportRequest(Exports.Package("web1", _disks).WriteOva(_folder, "in.ova")) { Names = ["web1"] }));
        target.Simulator.Faults.BytesPerSecond = 1 << 18;
        await target.RunAsync(await target.Session.PlanCopyAsync(new CopyRequest(vm) { Names = ["web2"], Datastore = "datastore1" }, s_none));
        Assert.Empty(target.Failures);
        Assert.True(source.Simulator.Requests.Count(request => request.Method == "HttpNfcLeaseProgress") > 2);
        Assert.True(target.Simulator.Requests.Count(request => request.Method == "HttpNfcLeaseProgress") > 2);
    }

    [Fact]
    public async Task A_paravirtualized_VM_does_not_leave_Xen()
    {
        await using var source = await CopyHost.StartAsync(HypervisorKind.XenServer);
        await using var target = await CopyHost.StartAsync(HypervisorKind.Esxi);
        await using var other = await CopyHost.StartAsync(HypervisorKind.XenServer);
        var vm = await source.MakeAsync(_folder, Package(source));
        var client = ((XapiSession)source.Session).Client;
        await client.CallAsync("VM.set_domain_type", s_none, await client.TextAsync("VM.get_by_uuid", s_none, vm.Id), "pv");
        Assert.Equal("CopyNotPossible", (await Assert.ThrowsAsync<VmDeployException>(() => target.PlanAsync(new CopyRequest(vm)))).Code.Id);
        await other.PlanAsync(new CopyRequest(vm));
    }

    [Theory]
    [InlineData("<compatibilityMode>physicalMode</compatibilityMode>", "poweredOff", "physical raw device mapping")]
    [InlineData("<diskMode>independent_persistent</diskMode>", "poweredOn", "independent disk")]
    [InlineData("<keyId><keyId>k</keyId></keyId>", "poweredOff", "encrypted")]
    [InlineData("<diskMode>independent_persistent</diskMode>", "poweredOff", null)]
    [InlineData("<compatibilityMode>virtualMode</compatibilityMode>", "poweredOn", null)]
    public async Task Disks_that_their_host_does_not_export_are_named(string backing, string power, string? reason)
    {
        await using var host = await SimulatedHost.StartAsync();
        var vm = (await host.Session.GetVmsAsync(new VmQuery(), s_none))[0];
        var hardware = new VmHardware(vm, new ObjectContent(XElement.Parse($"""
            <returnval xmlns="urn:vim25" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><obj type="VirtualMachine">vm-1</obj>
              <propSet><name>runtime.powerState</name><val>{power}</val></propSet>
              <propSet><name>config.hardware.device</name><val><VirtualDevice xsi:type="VirtualDisk"><key>2000</key>
                <deviceInfo><label>Hard disk 1</label></deviceInfo><backing>{backing}</backing></VirtualDevice></val></propSet></returnval>
            """)));
        if (reason is null)
        {
            ExportableDisks.Check(hardware);
            return;
        }
        var refused = Assert.Throws<VmDeployException>(() => ExportableDisks.Check(hardware));
        Assert.Equal("ExportRefused", refused.Code.Id);
        Assert.Contains($"'Hard disk 1' of VM '{vm.Name}'", refused.Message, StringComparison.Ordinal);
        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
    }

    private OvaBuilder Package(CopyHost host, bool isEfi = false) => Exports.Package("web1", _disks) with
    {
        CpuCount = 4,
        MemoryMB = 512,
        Networks = [host.Network],
        HardwareExtras = $"<vmw:Config ovf:required=\"false\" vmw:key=\"firmware\" vmw:value=\"{(isEfi ? "efi" : "bios")}\"/>",
        EditDescriptor = xml => xml.Replace("</VirtualSystem>", "<AnnotationSection><Info>A note</Info><Annotation>A &amp; B</Annotation></AnnotationSection></VirtualSystem>", StringComparison.Ordinal),
    };
}
