using VmDeploy.Tests.CloudInit;
using VmDeploy.Tests.Support;
using VmDeploy.Vsphere;
using Xunit;

namespace VmDeploy.Tests.Vsphere;

public abstract partial class VsphereBehaviour
{
    private static readonly CloudInitData s_cloudInit = new()
    {
        UserData = "#cloud-config\nfqdn: {name}.example.com\n",
        NetworkConfig = "network:\n  version: 2\n  ethernets: {eth0: {dhcp4: true}}\n",
        VendorData = "#cloud-config\ntimezone: UTC\n",
    };

    [SkippableFact]
    public async Task The_guests_of_an_OVA_read_their_documents_from_guestinfo()
    {
        var vms = await ImportAsync(TinyVm("ova-a", "ova-b", "ova-c") with { CloudInit = s_cloudInit });
        foreach (var vm in vms)
            await ReadsAsync(vm, vm.Name, $"#cloud-config\nfqdn: {vm.Name}.example.com\n");
        Assert.Equal(3, (await Task.WhenAll(vms.Select(InstanceIdAsync))).Distinct().Count());
    }

    [SkippableFact]
    public async Task Ten_clones_have_ten_host_names_and_nothing_of_their_source()
    {
        var source = Assert.Single(await MakeAsync((await ScratchAsync("golden")) with
        {
            Hardware = new() { DiskBytes = [1 << 20] },
            CloudInit = s_cloudInit with { MetaData = "public-keys-data: ssh-rsa AAAA\n" },
        }));
        await ReadsAsync(source, "golden", "#cloud-config\nfqdn: golden.example.com\n");

        // Only meta-data, because nothing else was requested.
        var names = Enumerable.Range(1, 10).Select(n => $"clone {n}").ToList();
        var clones = await CloneAsync(new CloneRequest(source) { Names = names, ThrottleLimit = 4 });
        var seen = new List<CloudInitGuest>();
        foreach (var clone in clones)
            seen.Add(await CloudInitGuest.ReadGuestinfoAsync(await OptionsOfAsync(clone)));
        Assert.Equal(names.Select(name => name.Replace(' ', '-')).Order(), seen.Select(guest => guest.HostName).Order());
        Assert.Equal(11, seen.Select(guest => guest.InstanceId).Append(await InstanceIdAsync(source)).Distinct().Count());
        Assert.All(seen, guest => Assert.Equal((null, null, null), (guest.UserData, guest.VendorData, guest.Network)));

        var own = Assert.Single(await CloneAsync(new CloneRequest(source) { Names = ["own"], CloudInit = new CloudInitData { UserData = "#!/bin/sh\necho {n} {hostname} ${name}\n" } }));
        var guest = await CloudInitGuest.ReadGuestinfoAsync(await OptionsOfAsync(own));
        Assert.Equal(("own", "#!/bin/sh\necho 1 own ${name}\n", null), (guest.HostName, guest.UserData, guest.VendorData));
    }

    [SkippableFact]
    public async Task A_VM_without_documents_and_its_clone_have_none()
    {
        var source = Assert.Single(await MakeAsync((await ScratchAsync("plain")) with { Hardware = new() { DiskBytes = [1 << 20] } }));
        var clone = Assert.Single(await CloneAsync(new CloneRequest(source) { Names = ["plain2"] }));
        Assert.DoesNotContain(await OptionsOfAsync(clone), option => option.Key.StartsWith("guestinfo.metadata", StringComparison.Ordinal));
    }

    [SkippableFact]
    public async Task The_guest_reads_its_documents_from_a_drive_which_goes_with_the_VM()
    {
        await ListAsync();
        var before = await FilesAsync();
        var data = s_cloudInit with { Via = CloudInitVia.Drive };
        var vms = await ImportAsync(TinyVm("drive-a", "drive-b") with { CloudInit = data });
        vms.AddRange(await MakeAsync((await ScratchAsync("drive-c")) with { Hardware = new() { DiskBytes = [1 << 20] }, CloudInit = data }));
        foreach (var vm in vms)
        {
            var drive = Assert.Single(await Session.Cdroms.GetAsync(vm, s_none), cdrom => cdrom.Medium.Path?.EndsWith("/vmdeploy-cloud-init.iso", StringComparison.Ordinal) == true);
            Assert.True(drive.StartConnected);
            var guest = await ReadIsoAsync(drive);
            Assert.Equal((vm.Name, $"#cloud-config\nfqdn: {vm.Name}.example.com\n", s_cloudInit.VendorData), (guest.HostName, guest.UserData, guest.VendorData));
            Assert.Equal(2, guest.Network!.Value.GetProperty("version").GetInt32());
            Assert.DoesNotContain(await OptionsOfAsync(vm), option => option.Key.StartsWith("guestinfo.userdata", StringComparison.Ordinal));
        }

        // A clone gets its own drive in place of its source's, or none.
        var clones = await CloneAsync(new CloneRequest(vms[^1]) { Names = ["drive-d"] });
        clones.AddRange(await CloneAsync(new CloneRequest(vms[^1]) { Names = ["drive-e"], CloudInit = s_cloudInit with { Via = CloudInitVia.Guestinfo } }));
        var copied = await Session.Cdroms.GetAsync(clones[0], s_none);
        Assert.Equal(2, copied.Count);
        var own = await ReadIsoAsync(Assert.Single(copied, cdrom => cdrom.Medium.Path?.EndsWith("/vmdeploy-cloud-init.iso", StringComparison.Ordinal) == true));
        Assert.Equal("drive-d", own.HostName);
        Assert.Equal("#cloud-config\n{}\n", own.UserData);
        Assert.DoesNotContain(await Session.Cdroms.GetAsync(clones[1], s_none), cdrom => cdrom.Medium.Path?.EndsWith("/vmdeploy-cloud-init.iso", StringComparison.Ordinal) == true);
        await ReadsAsync(clones[1], "drive-e", "#cloud-config\nfqdn: drive-e.example.com\n");

        foreach (var vm in vms.Concat(clones))
            await Session.RemoveVmAsync(vm, force: true, s_none);
        await DeleteFileAsync("iso");
        Assert.Equal(before, await FilesAsync());
    }

    [SkippableTheory]
    [InlineData(CloudInitVia.Guestinfo)]
    [InlineData(CloudInitVia.Drive)]
    public async Task Wherever_giving_cloud_init_its_documents_breaks_nothing_is_left(CloudInitVia via)
    {
        var source = Assert.Single(await ImportAsync(TinyVm("cloned1") with { CloudInit = s_cloudInit with { Via = via } }));
        await BreakEverywhereAsync(late: true,
            async session =>
            {
                var plan = await session.PlanCloneAsync(new CloneRequest(source) { Names = ["broken1"], CloudInit = s_cloudInit with { Via = via } }, s_none);
                var failures = new List<VmDeployException>();
                await plan.RunAsync(plan.Names, _ => { }, (_, e) => failures.Add(e), s_noProgress, s_none);
                if (failures.Count > 0)
                    throw failures[0];
            },
            async () =>
            {
                foreach (var vm in await ListAsync(name => name == "broken1"))
                    await Session.RemoveVmAsync(vm, force: true, s_none);
            });
    }

    private async Task ReadsAsync(Vm vm, string hostName, string userData)
    {
        var guest = await CloudInitGuest.ReadGuestinfoAsync(await OptionsOfAsync(vm));
        Assert.Equal((hostName, userData, s_cloudInit.VendorData), (guest.HostName, guest.UserData, guest.VendorData));
        Assert.True(guest.Network!.Value.GetProperty("ethernets").GetProperty("eth0").GetProperty("dhcp4").GetBoolean());
    }

    private async Task<string?> InstanceIdAsync(Vm vm) => (await CloudInitGuest.ReadGuestinfoAsync(await OptionsOfAsync(vm))).InstanceId;

    private async Task<CloudInitGuest> ReadIsoAsync(VmCdrom drive)
    {
        using var folder = new TempFolder();
        return await CloudInitGuest.ReadDriveAsync(folder.Write("cidata.iso", await DownloadAsync(drive.Medium.Path!.Substring("[datastore1] ".Length))));
    }

    private async Task<Dictionary<string, string>> OptionsOfAsync(Vm vm)
    {
        var config = await ((VsphereSession)Session).Properties.ReadAsync(new MoRef("VirtualMachine", vm.Id), s_none, "config.extraConfig");
        return config["config.extraConfig"]?.Elements().Where(e => !string.IsNullOrEmpty(e.Value("value"))).GroupBy(e => e.Value("key")!).ToDictionary(e => e.Key, e => e.Last().Value("value")!) ?? [];
    }

    private async Task<List<Vm>> CloneAsync(CloneRequest request)
    {
        var plan = await Session.PlanCloneAsync(request, s_none);
        var vms = new List<Vm>();
        var failures = new List<VmDeployException>();
        await plan.RunAsync(request.Names, vms.Add, (_, e) => failures.Add(e), s_noProgress, s_none);
        return failures.Count == 0 ? vms : throw failures[0];
    }
}
