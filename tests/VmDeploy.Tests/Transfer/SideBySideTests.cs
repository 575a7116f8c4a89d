using VmDeploy.Ova;
using VmDeploy.Tests.Copy;
using VmDeploy.Tests.Export;
using VmDeploy.Tests.Support;
using VmDeploy.Tests.VApp;
using VmDeploy.Tests.Vmdk;
using VmDeploy.Tests.Vsphere;
using Xunit;

namespace VmDeploy.Tests.Transfer;

/// <summary>Disks are transferred at the same time, within one limit. The hosts hold each disk until so many have begun as are expected.</summary>
public sealed class SideBySideTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly byte[][] _disks = [DiskImages.Mixed(900 << 10, 31), DiskImages.Mixed(700 << 10, 32)];

    public static TheoryData<HypervisorKind> Hosts => VAppHost.All;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Hosts))]
    public async Task The_disks_of_one_VM_are_sent_at_the_same_time(HypervisorKind kind)
    {
        await using var host = await CopyHost.StartAsync(kind);
        Hold(host, 2);
        Assert.Single(await host.ImportAsync(Request(host, "web1")));
        Assert.Empty(host.Failures);
        Assert.Equal(2, host.Transfers.Most);
        Exports.AssertSame(_disks, await host.DisksAsync("web1"));
    }

    [Theory]
    [MemberData(nameof(Hosts))]
    public async Task The_files_of_a_folder_are_sent_at_the_same_time(HypervisorKind kind)
    {
        await using var host = await CopyHost.StartAsync(kind);
        Hold(host, 2);
        var path = Exports.Package("test", _disks).WriteFolder(_folder);
        Assert.Single(await host.ImportAsync(Request(host, "web1") with { Path = path }));
        Exports.AssertSame(_disks, await host.DisksAsync("web1"));
    }

    [Theory]
    [MemberData(nameof(Hosts))]
    public async Task One_limit_counts_the_disks_of_all_VMs(HypervisorKind kind)
    {
        // Three VMs with two disks each.
        foreach (var limit in new[] { 1, 2, 3 })
        {
            await using var host = await CopyHost.StartAsync(kind);
            Hold(host, limit);
            var vms = await host.ImportAsync(Request(host, "web1", "web2", "web3") with { UploadEach = true, ThrottleLimit = limit });
            Assert.Empty(host.Failures);
            Assert.Equal(3, vms.Count);
            Assert.Equal(limit, host.Transfers.Most);
            Exports.AssertSame(_disks, await host.DisksAsync("web3"));
        }
    }

    [Theory]
    [MemberData(nameof(Hosts))]
    public async Task One_limit_counts_the_disks_of_all_machines_of_a_vApp(HypervisorKind kind)
    {
        await using var host = await VAppHost.StartAsync(kind);
        var path = VAppOva.Create(new VAppMachine("web", 1, 2).ToXml() + new VAppMachine("db", 3, 4).ToXml(), 4).WriteOva(_folder);
        var request = host.Request(path);
        var reached = host.Transfers.WhenOpen(3);
        host.Transfers.Hold = _ => reached;
        Assert.Equal(2, (await host.ImportAsync(request with { Import = request.Import with { ThrottleLimit = 3 } })).Count);
        Assert.Equal(3, host.Transfers.Most);
        host.AssertDisks("db", 3, 4);
    }

    [Theory]
    [MemberData(nameof(Hosts))]
    public async Task A_package_that_is_read_forward_only_is_sent_disk_by_disk(HypervisorKind kind)
    {
        await using var host = await CopyHost.StartAsync(kind);
        var path = Archives.Pack(_folder, "test.ova.gz", Exports.Package("test", _disks));
        await host.ImportAsync(Request(host, "web1") with { Path = path, ThrottleLimit = 4 });
        Assert.Empty(host.Failures);
        Assert.Equal(1, host.Transfers.Most);
        Exports.AssertSame(_disks, await host.DisksAsync("web1"));
    }

    [Theory]
    [MemberData(nameof(Hosts))]
    public async Task A_disk_with_a_wrong_digest_stops_the_others_and_leaves_nothing(HypervisorKind kind)
    {
        await using var host = await CopyHost.StartAsync(kind);
        var before = host.Picture();
        var both = host.Transfers.WhenOpen(2);
        // The first disk waits until its client gives up.
        host.Transfers.Hold = name => name.Contains('0', StringComparison.Ordinal) ? new TaskCompletionSource().Task : both;
        var path = (Exports.Package("test", _disks) with { WrongDigest = "disk2.vmdk" }).WriteOva(_folder);

        Assert.Empty(await host.ImportAsync(Request(host, "web1") with { Path = path }));

        Assert.Equal("OvaDigestMismatch", Assert.Single(host.Failures).Value.Code.Id);
        Assert.Equal(2, host.Transfers.Most);
        Assert.Equal(before, host.Picture());
        Assert.Empty(host.Session.Unfinished.Items);
    }

    [Theory]
    [MemberData(nameof(Hosts))]
    public async Task A_stop_ends_all_transfers_and_leaves_nothing(HypervisorKind kind)
    {
        await using var host = await CopyHost.StartAsync(kind);
        var before = host.Picture();
        using var stop = new CancellationTokenSource();
        host.Transfers.Hold = _ => new TaskCompletionSource().Task;
        var both = host.Transfers.WhenOpen(2);
        var importing = host.ImportAsync(Request(host, "web1"), stop.Token);
        await both;
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => importing);
        Assert.Equal(before, host.Picture());
        Assert.Empty(host.Session.Unfinished.Items);
    }

    [Theory]
    [MemberData(nameof(Hosts))]
    public async Task A_disk_that_breaks_is_sent_again_and_counts_once(HypervisorKind kind)
    {
        await using var host = await CopyHost.StartAsync(kind);
        Hold(host, 2);
        host.CutUpload(100_000, 1);
        var done = new List<OperationProgress>();
        var request = Request(host, "web1");
        using var package = await OvaPackage.OpenAsync(request.Path, CancellationToken.None);
        var plan = await host.PlanImportAsync(request, package);
        await plan.RunAsync(plan.Names, _ => { }, (_, failure) => throw failure, new OnProgress(value =>
        {
            lock (done)
                done.Add(value);
        }), CancellationToken.None);
        Exports.AssertSame(_disks, await host.DisksAsync("web1"));
        var last = done.Last(value => value.Id == 1);
        Assert.True(last.IsCompleted);
        // A reader of VMDKs leaves what is behind the last block.
        Assert.InRange(last.BytesDone, last.BytesTotal!.Value * 9 / 10, last.BytesTotal.Value);
    }

    [Theory]
    [InlineData(HypervisorKind.Esxi, HypervisorKind.XenServer)]
    [InlineData(HypervisorKind.XenServer, HypervisorKind.VCenter)]
    [InlineData(HypervisorKind.VCenter, HypervisorKind.Esxi)]
    public async Task Copies_of_one_command_share_a_limit(HypervisorKind from, HypervisorKind to)
    {
        await using var source = await CopyHost.StartAsync(from);
        await using var target = await CopyHost.StartAsync(to);
        var vms = new[] { await source.MakeAsync(_folder, Package(source, "web1")), await source.MakeAsync(_folder, Package(source, "web2")) };
        var (atSource, read) = (source.Picture(), source.Transfers.WhenOpen(3));
        Hold(target, 3);
        source.Transfers.Hold = _ => read;
        var transfers = new TransferLimit(3);
        await Task.WhenAll(vms.Select(async vm =>
        {
            var plan = await target.PlanAsync(new CopyRequest(vm) { Transfers = transfers });
            await plan.RunAsync(plan.Names, _ => { }, (_, failure) => throw failure, new OnProgress(_ => { }), CancellationToken.None);
        }));
        Assert.Equal(3, target.Transfers.Most);
        Exports.AssertSame(_disks, await target.DisksAsync("web1"));
        Exports.AssertSame(_disks, await target.DisksAsync("web2"));
        Assert.Equal(atSource, source.Picture());
    }

    [Theory]
    [MemberData(nameof(Hosts))]
    public async Task An_export_reads_the_disks_of_a_folder_at_the_same_time_and_those_of_an_OVA_one_after_the_other(HypervisorKind kind)
    {
        await using var host = await CopyHost.StartAsync(kind);
        var vm = await host.MakeAsync(_folder, Package(host, "web1"));
        host.Transfers.Most = 0;
        var exported = await vm.ExportAsync(_folder["one.ova"], request => request with { ThrottleLimit = 4 });
        Exports.AssertSame(_disks, await Exports.DisksAsync(exported.Path));
        Assert.Equal(["web1.ovf", "web1-disk-0.vmdk", "web1-disk-1.vmdk", "web1.mf"], exported.Files);
        Assert.Equal(1, host.Transfers.Most);

        Hold(host, 2);
        exported = await vm.ExportAsync(_folder["folder"], request => request with { Format = PackageFormat.Ovf });
        Exports.AssertSame(_disks, await Exports.DisksAsync(exported.Path));
        Assert.Equal(["web1.ovf", "web1-disk-0.vmdk", "web1-disk-1.vmdk", "web1.mf"], exported.Files);
        Assert.Equal(2, host.Transfers.Most);
    }

    private static void Hold(CopyHost host, int count)
    {
        var reached = host.Transfers.WhenOpen(count);
        host.Transfers.Hold = _ => reached;
    }

    private OvaBuilder Package(CopyHost host, string name) => Exports.Package(name, _disks) with { Networks = [host.Network] };

    private OvaImportRequest Request(CopyHost host, params string[] names) =>
        new(Package(host, "test").WriteOva(_folder, Guid.NewGuid() + ".ova")) { Names = names, Hardware = new() { Networks = [host.Network] } };
}
