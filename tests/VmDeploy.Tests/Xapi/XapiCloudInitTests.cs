using VmDeploy.Simulator.Xapi;
using VmDeploy.Tests.CloudInit;
using VmDeploy.Tests.Support;
using Xunit;

namespace VmDeploy.Tests.Xapi;

public class XapiCloudInitTests
{
    private static readonly CloudInitData s_cloudInit = new()
    {
        UserData = "#cloud-config\nfqdn: {name}.example.com\n",
        NetworkConfig = "version: 2\nethernets: {eth0: {dhcp4: true}}\n",
        VendorData = "#cloud-config\ntimezone: UTC\n",
    };

    [SkippableFact]
    public async Task The_guests_of_an_OVA_and_of_an_ISO_read_their_documents_from_a_drive()
    {
        await using var server = await SimulatedXenServer.StartAsync();
        var ova = Repository.Path("examples/tinyVM.ova");
        var vms = (await server.ImportAsync(new OvaImportRequest(ova) { Names = ["a", "b", "c"], CloudInit = s_cloudInit, ThrottleLimit = 3 })).ToList();
        Assert.Empty(server.Failures);
        vms.AddRange(await server.DeployAsync(server.Session.PlanIsoVmAsync(
            new IsoVmRequest(Repository.Path("examples/tiny.iso")) { Names = ["d"], Hardware = new() { DiskBytes = [1 << 20] }, CloudInit = s_cloudInit }, CancellationToken.None)));
        foreach (var vm in vms)
        {
            var drive = CloudInitDriveOf(server, vm.Name);
            Assert.Equal("Disk", drive.Type);
            await ReadsAsync(drive, vm);
            Assert.Equal(2, server[vm.Name].Drives.Count(one => one.Type == "Disk"));
            await server.Session.Power.StartAsync(vm, CancellationToken.None);
        }
        foreach (var vm in vms)
            await server.Session.RemoveVmAsync(vm, force: true, CancellationToken.None);
        Assert.DoesNotContain(server.Simulator.Inventory(), item => item.Contains("cloud-init", StringComparison.Ordinal));
    }

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_clone_has_a_drive_of_its_own_instead_of_its_source_s(bool linked)
    {
        await using var server = await SimulatedXenServer.StartAsync();
        var source = Assert.Single(await server.DeployAsync(server.Session.PlanTemplateAsync(
            new TemplateRequest("alpine-template") { Names = ["golden"], CloudInit = s_cloudInit }, CancellationToken.None)));
        var names = Enumerable.Range(1, 10).Select(n => $"web_{n}").ToList();
        var clones = await server.DeployAsync(server.Session.PlanCloneAsync(new CloneRequest(source) { Names = names, Linked = linked, ThrottleLimit = 4 }, CancellationToken.None));
        var seen = new List<CloudInitGuest>();
        foreach (var clone in clones)
        {
            Assert.Equal([$"{clone.Name} disk 0", $"{clone.Name} cloud-init"], server[clone.Name].Drives.Where(drive => drive.Type == "Disk").OrderBy(drive => drive.Device).Select(drive => drive.VdiName));
            seen.Add(await CloudInitGuest.ReadDriveAsync(CloudInitDriveOf(server, clone.Name).LocalPath!));
        }
        Assert.Equal(names.Select(name => name.Replace('_', '-')).Order(), seen.Select(guest => guest.HostName).Order());
        Assert.Equal(10, seen.Select(guest => guest.InstanceId).Append(source.Uuid).Distinct().Count() - 1);
        Assert.All(seen, guest => Assert.Equal(("#cloud-config\n{}\n", ""), (guest.UserData, guest.VendorData)));
        await ReadsAsync(CloudInitDriveOf(server, "golden"), source);

        var own = Assert.Single(await server.DeployAsync(server.Session.PlanCloneAsync(new CloneRequest(source) { Names = ["own"], Linked = linked, CloudInit = s_cloudInit }, CancellationToken.None)));
        await ReadsAsync(CloudInitDriveOf(server, "own"), own);
        Assert.Equal(12, server.Simulator.Inventory().Count(item => item.Contains(" cloud-init", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task WhatIf_and_the_hardware_of_a_clone_do_not_count_the_drive_as_a_disk()
    {
        await using var server = await SimulatedXenServer.StartAsync();
        var source = Assert.Single(await server.DeployAsync(server.Session.PlanTemplateAsync(
            new TemplateRequest("alpine-template") { Names = ["golden"], CloudInit = s_cloudInit }, CancellationToken.None)));
        var plan = await server.Session.PlanCloneAsync(new CloneRequest(source) { Names = ["web1"], CloudInit = s_cloudInit }, CancellationToken.None);
        var described = plan.Describe("web1");
        Assert.Contains("cloud-init user-data + network-config + vendor-data on a drive", described, StringComparison.Ordinal);
        Assert.DoesNotContain("disks", described, StringComparison.Ordinal);
        Assert.DoesNotContain("example.com", described, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Guestinfo_is_refused()
    {
        await using var server = await SimulatedXenServer.StartAsync();
        var error = await Assert.ThrowsAnyAsync<VmDeployException>(() => server.Session.PlanTemplateAsync(
            new TemplateRequest("alpine-template") { Names = ["a"], CloudInit = s_cloudInit with { Via = CloudInitVia.Guestinfo } }, CancellationToken.None));
        Assert.Equal(("NotSupportedByHost", ErrorHint.UseCloudInitDrive), (error.Code.Id, error.Hint));
        Assert.Contains("guestinfo", error.Message, StringComparison.Ordinal);
    }

    private static SimulatedVbd CloudInitDriveOf(SimulatedXenServer server, string vm) => server[vm].Drives.Single(drive => drive.VdiName == $"{vm} cloud-init");

    private static async Task ReadsAsync(SimulatedVbd drive, Vm vm)
    {
        var guest = await CloudInitGuest.ReadDriveAsync(drive.LocalPath!);
        Assert.Equal((vm.Name, vm.Uuid, $"#cloud-config\nfqdn: {vm.Name}.example.com\n", s_cloudInit.VendorData), (guest.HostName, guest.InstanceId, guest.UserData, guest.VendorData));
        Assert.True(guest.Network!.Value.GetProperty("ethernets").GetProperty("eth0").GetProperty("dhcp4").GetBoolean());
    }
}
