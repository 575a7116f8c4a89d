using VmDeploy.Ova;
using VmDeploy.Tests.Support;
using Xunit;
using static VmDeploy.Tests.Support.VAppOva;

namespace VmDeploy.Tests.VApp;

/// <summary>Machines that share a disk (a SharedDiskSection), and those that only refer to the same one, on all hypervisors.</summary>
public sealed class SharedDiskTests : IDisposable
{
    private static readonly string s_cluster = new VAppMachine("web", 1, 2).ToXml() + new VAppMachine("db", 2, 3).ToXml();

    private readonly TempFolder _folder = new();

    public static TheoryData<HypervisorKind> Hosts => VAppHost.All;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Hosts))]
    public async Task A_shared_disk_is_sent_once_and_both_VMs_write_to_it(HypervisorKind kind)
    {
        await using var host = await VAppHost.StartAsync(kind);
        var request = Request(host, Shared());
        Assert.Contains("disk 'vmdisk2' shared with 'db'", await host.DescribeAsync(request), StringComparison.Ordinal);
        var vms = await host.ImportAsync(request with { Import = request.Import with { PowerOn = true } });

        Assert.Empty(host.Failures);
        Assert.Equal(["On", "On"], vms.Select(vm => vm.PowerState));
        host.AssertDisks("web", 1, 2);
        host.AssertDisks("db", 2, 3);
        Assert.Equal(FilesOf(host, "web")[1], FilesOf(host, "db")[0]);
        Assert.Equal(2, vms.Single(vm => vm.Name == "db").Disks.Count);
        await using var alone = await VAppHost.StartAsync(kind);
        await alone.ImportAsync(Request(alone, Create(new VAppMachine("all", 1, 2, 3).ToXml(), 3)));
        Assert.Equal(alone.BytesUploaded, host.BytesUploaded);
    }

    [Theory]
    [MemberData(nameof(Hosts))]
    public async Task A_disk_of_the_DiskSection_becomes_a_copy_for_each(HypervisorKind kind)
    {
        await using var host = await VAppHost.StartAsync(kind);
        var request = Request(host, Create(s_cluster, 3));
        await host.ImportAsync(request with { Import = request.Import with { PowerOn = true } });
        Assert.Empty(host.Failures);
        host.AssertDisks("web", 1, 2);
        host.AssertDisks("db", 2, 3);
        Assert.NotEqual(FilesOf(host, "web")[1], FilesOf(host, "db")[0]);
    }

    [Theory]
    [MemberData(nameof(Hosts))]
    public async Task A_shared_disk_goes_with_the_last_VM_that_uses_it(HypervisorKind kind)
    {
        foreach (var (first, second) in new[] { ("web", "db"), ("db", "web") })
        {
            await using var host = await VAppHost.StartAsync(kind);
            var vms = await host.ImportAsync(Request(host, Shared()));
            await RemoveAsync(host, vms, first);
            host.AssertDisks(second, second == "db" ? [2, 3] : [1, 2]);
            await host.Session.Power.StartAsync(vms.Single(vm => vm.Name == second), CancellationToken.None);
            await RemoveAsync(host, vms, second);
            host.AssertNoFilesLeft();
        }
    }

    [Theory]
    [MemberData(nameof(Hosts))]
    public async Task A_shared_disk_goes_also_when_both_VMs_are_removed_at_once(HypervisorKind kind)
    {
        await using var host = await VAppHost.StartAsync(kind);
        var removals = new List<PlannedChange<Vm>>();
        foreach (var vm in await host.ImportAsync(Request(host, Shared())))
            removals.Add(await host.Session.PlanRemovalAsync(vm, force: true, CancellationToken.None));
        await Task.WhenAll(removals.Select(one => one.RunAsync(new Vsphere.OnProgress(_ => { }), CancellationToken.None)));
        host.AssertNoFilesLeft();
    }

    [Theory]
    [InlineData(HypervisorKind.Esxi)]
    [InlineData(HypervisorKind.VCenter)]
    public async Task A_clone_gets_a_copy_of_a_shared_disk_and_can_not_be_linked(HypervisorKind kind)
    {
        await using var host = await VAppHost.StartAsync(kind);
        var web = (await host.ImportAsync(Request(host, Shared()))).Single(vm => vm.Name == "web");
        var refused = await Assert.ThrowsAsync<VmDeployException>(() => host.Session.PlanCloneAsync(new CloneRequest(web) { Names = ["copy"], Linked = true }, CancellationToken.None));
        Assert.Equal("NotSupportedByHost", refused.Code.Id);
        Assert.Contains("Other VMs may share 'Hard disk 2' of web", refused.Message, StringComparison.Ordinal);

        var plan = await host.Session.PlanCloneAsync(new CloneRequest(web) { Names = ["copy"] }, CancellationToken.None);
        await plan.RunAsync(plan.Names, _ => { }, (_, failure) => throw failure, new Vsphere.OnProgress(_ => { }), CancellationToken.None);
        host.AssertDisks("copy", 1, 2);
        Assert.NotEqual(FilesOf(host, "web")[1], FilesOf(host, "copy")[1]);
    }

    [Theory]
    [MemberData(nameof(Hosts))]
    public async Task Each_set_has_a_disk_of_its_own(HypervisorKind kind)
    {
        await using var host = await VAppHost.StartAsync(kind);
        var vms = await host.ImportAsync(Request(host, Shared()) with { Count = 2, NamePattern = "{name}{n}" });
        Assert.Empty(host.Failures);
        Assert.Equal(4, vms.Count);
        Assert.Equal(FilesOf(host, "web1")[1], FilesOf(host, "db1")[0]);
        Assert.Equal(FilesOf(host, "web2")[1], FilesOf(host, "db2")[0]);
        Assert.NotEqual(FilesOf(host, "web1")[1], FilesOf(host, "web2")[1]);
        host.AssertDisks("db2", 2, 3);
    }

    [Theory]
    [InlineData(HypervisorKind.Esxi, 1)]
    [InlineData(HypervisorKind.Esxi, 3)]
    [InlineData(HypervisorKind.VCenter, 2)]
    [InlineData(HypervisorKind.XenServer, 2)]
    [InlineData(HypervisorKind.XenServer, 3)]
    public async Task A_damaged_disk_leaves_nothing_of_the_set(HypervisorKind kind, int damaged)
    {
        foreach (var limit in new[] { 1, 2 })
        {
            await using var host = await VAppHost.StartAsync(kind);
            var request = Request(host, Shared() with { WrongDigest = $"disk{damaged}.vmdk" });
            Assert.Empty(await host.ImportAsync(request with { Import = request.Import with { ThrottleLimit = limit } }));
            Assert.Equal("OvaDigestMismatch", Assert.Single(host.Failures).Value.Code.Id);
            host.AssertNothingIsLeft();
        }
    }

    [Theory]
    [MemberData(nameof(Hosts))]
    public async Task A_VM_can_not_join_one_that_exists(HypervisorKind kind)
    {
        await using var host = await VAppHost.StartAsync(kind);
        var request = Request(host, Shared());
        var vms = await host.ImportAsync(request);
        await RemoveAsync(host, vms, "db");
        request = request with { Import = request.Import with { ExistingVm = ExistingVmAction.Reuse } };
        var refused = await Assert.ThrowsAsync<VmDeployException>(() => host.DescribeAsync(request));
        Assert.Equal("VAppNotPossible", refused.Code.Id);
        Assert.Contains("VM 'web' already exists, and not all VMs that share the disk 'vmdisk2' with it", refused.Message, StringComparison.Ordinal);
        request = request with { Import = request.Import with { ExistingVm = ExistingVmAction.Replace } };
        Assert.Equal(2, (await host.ImportAsync(request)).Count);
        Assert.Equal(FilesOf(host, "web")[1], FilesOf(host, "db")[0]);
    }

    [Theory]
    [MemberData(nameof(Hosts))]
    public async Task A_shared_disk_without_a_file_is_refused(HypervisorKind kind)
    {
        await using var host = await VAppHost.StartAsync(kind);
        var package = Shared();
        var request = Request(host, package with { EditDescriptor = xml => package.EditDescriptor!(xml).Replace("ovf:diskId=\"vmdisk2\" ovf:fileRef=\"file2\"", "ovf:diskId=\"vmdisk2\"", StringComparison.Ordinal) });
        var refused = await Assert.ThrowsAsync<VmDeployException>(() => host.DescribeAsync(request));
        Assert.Equal("OvaFileMissing", refused.Code.Id);
        Assert.Contains("The disk 'vmdisk2' of shop, which 'db', 'web' share, has no file.", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_vApp_has_no_shared_disks()
    {
        await using var host = await VAppHost.StartAsync(HypervisorKind.VCenter);
        var refused = await Assert.ThrowsAsync<VmDeployException>(() => host.DescribeAsync(Request(host, Shared()) with { AsVApp = true }));
        Assert.Equal("VAppNotPossible", refused.Code.Id);
        host.AssertNothingIsLeft();
    }

    [Fact]
    public async Task A_host_that_does_not_know_the_section_refuses_it_without_Adapt()
    {
        await using var host = await VAppHost.StartAsync(HypervisorKind.Esxi);
        var request = Request(host, Shared());
        var refused = await Assert.ThrowsAsync<VmDeployException>(() => host.DescribeAsync(request with { Import = request.Import with { Adapt = false } }));
        Assert.Equal("OvfRefused", refused.Code.Id);
    }

    [Fact]
    public void A_shared_disk_is_read_as_one_and_ids_are_unique_over_both_sections()
    {
        var xml = System.Text.Encoding.UTF8.GetString(Shared().Entries()[0].Content);
        var group = OvfDescriptor.Parse(xml, "shop.ovf").Group!;
        Assert.Equal([("vmdisk1", false), ("vmdisk2", true)], group.Machines.First().Descriptor.Disks.Select(disk => (disk.DiskId, disk.IsShared)));
        var twice = Assert.Throws<VmDeployException>(() => OvfDescriptor.Parse(xml.Replace("ovf:diskId=\"vmdisk2\"", "ovf:diskId=\"vmdisk1\"", StringComparison.Ordinal), "shop.ovf"));
        Assert.Equal("OvfMalformed", twice.Code.Id);
    }

    // web and db share disk 2.
    private static OvaBuilder Shared() => WithSharedDisk(Create(s_cluster, 3), 2);

    private VAppRequest Request(VAppHost host, OvaBuilder package)
    {
        var request = host.Request(package.WriteOva(_folder, Guid.NewGuid() + ".ova"));
        return request with { Import = request.Import with { Adapt = host.Session.Hypervisor != HypervisorKind.XenServer } };
    }

    private static IReadOnlyList<string> FilesOf(VAppHost host, string vm) => host.Session.Hypervisor == HypervisorKind.XenServer
        ? [.. host.Xen.Vms.Single(one => one.Name == vm).Drives.Where(drive => drive.Type == "Disk").Select(drive => drive.LocalPath!)]
        : [.. host.Vsphere.Vms.Single(one => one.Name == vm).Disks.Select(disk => disk.LocalPath)];

    private static async Task RemoveAsync(VAppHost host, IEnumerable<Vm> vms, string name) =>
        await (await host.Session.PlanRemovalAsync(vms.Single(vm => vm.Name == name), force: true, CancellationToken.None)).RunAsync(new Vsphere.OnProgress(_ => { }), CancellationToken.None);
}
