using System.Text;
using VmDeploy.CloudInit;
using VmDeploy.Simulator.Xapi;
using VmDeploy.Tests.Support;
using Xunit;

namespace VmDeploy.Tests.Xapi;

public class XapiTemplateTests
{
    private const long Gibibyte = 1L << 30;

    private static readonly CloudInitData s_cloudInit = new() { UserData = "#cloud-config\nhostname: web\n", NetworkConfig = "version: 2\n" };

    // The values of vm_deploy.json.
    private static readonly TemplateRequest s_request = new("alpine-template") { Names = ["test-vm-01"], Hardware = new() { CpuCount = 2, MemoryMB = 2048, DiskBytes = [20 * Gibibyte] } };

    [Fact]
    public async Task Makes_the_VM_of_the_example_configuration()
    {
        await using var server = await SimulatedXenServer.StartAsync(new XapiSimulatorOptions { Guest = _ => XapiGuest.WithTools });
        var vm = Assert.Single(await server.DeployAsync(server.Session.PlanTemplateAsync(s_request with { Annotation = "a test", PowerOn = true }, CancellationToken.None)));

        Assert.Equal("test-vm-01", vm.Name);
        Assert.Equal("On", vm.PowerState);
        Assert.Equal(2, vm.CpuCount);
        Assert.Equal(2048, vm.MemoryMB);
        Assert.Equal("a test", vm.Annotation);
        var made = server["test-vm-01"];
        Assert.Equal((2, 2), made.Cpus);
        Assert.Equal([128L << 20, 2 * Gibibyte, 2 * Gibibyte, 2 * Gibibyte], made.Memory);
        var disk = Assert.Single(made.Drives, d => d.Type == "Disk");
        Assert.Equal(20 * Gibibyte, disk.VirtualSize);
        Assert.Equal("test-vm-01 disk 0", disk.VdiName);
        Assert.StartsWith("Alpine", Encoding.ASCII.GetString(Head(disk.LocalPath!, 6)), StringComparison.Ordinal);
        Assert.Equal(SimulatedXenServer.Network, Assert.Single(made.Vifs).Network);

        await server.Session.Waiting.WaitAsync(vm, VmCondition.IpAddress, TimeSpan.FromSeconds(20), CancellationToken.None);
        Assert.StartsWith("192.0.2.", vm.IpAddress, StringComparison.Ordinal);
        Assert.Equal("Debian GNU/Linux 12 (bookworm)", vm.GuestId);
    }

    [Fact]
    public async Task A_stock_template_gets_its_disks_where_they_belong()
    {
        await using var server = await SimulatedXenServer.StartAsync();
        await server.DeployAsync(server.Session.PlanTemplateAsync(new TemplateRequest("Debian Bookworm 12")
        {
            Names = ["deb1"],
            Datastore = "NFS virtual disk storage",
            Hardware = s_request.Hardware with { DiskBytes = [30 * Gibibyte], ExtraDiskBytes = [Gibibyte, 2 * Gibibyte], Networks = [SimulatedXenServer.Network] },
        }, CancellationToken.None));

        var made = server["deb1"];
        Assert.Equal([30 * Gibibyte, Gibibyte, 2 * Gibibyte], made.Drives.Select(d => d.VirtualSize));
        Assert.Equal(["0", "1", "2"], made.Drives.Select(d => d.Device));
        Assert.All(made.Drives, d => Assert.Equal("NFS virtual disk storage", d.SrName));
        Assert.DoesNotContain("disks", made.OtherConfig.Keys);
        Assert.Equal(SimulatedXenServer.Network, Assert.Single(made.Vifs).Network);
    }

    [Theory]
    [InlineData(null, false, "VM.clone", "Local storage")]
    [InlineData("Local storage", false, "VM.clone", "Local storage")]
    [InlineData("NFS virtual disk storage", false, "VM.copy", "NFS virtual disk storage")]
    [InlineData(null, true, "VM.copy", "Local storage")]
    public async Task Clones_where_it_can_and_copies_where_it_must(string? storage, bool fullCopy, string call, string expected)
    {
        await using var server = await SimulatedXenServer.StartAsync();
        await server.DeployAsync(server.Session.PlanTemplateAsync(new TemplateRequest("alpine-template") { Names = ["a"], Datastore = storage, FullCopy = fullCopy }, CancellationToken.None));
        Assert.Single(server.Simulator.Calls, c => c.Method == $"Async.{call}");
        Assert.Equal(expected, server["a"].Drives.First(d => d.Type == "Disk").SrName);
    }

    [Fact]
    public async Task Several_VMs_each_with_their_own_cloud_init_drive()
    {
        await using var server = await SimulatedXenServer.StartAsync();
        var vms = await server.DeployAsync(server.Session.PlanTemplateAsync(
            new TemplateRequest("alpine-template") { Names = ["web1", "web2", "web3"], CloudInit = s_cloudInit, ThrottleLimit = 3 }, CancellationToken.None));
        Assert.Equal(3, vms.Count);
        foreach (var vm in vms)
        {
            var drive = server[vm.Name].Drives.Single(d => d.VdiName == $"{vm.Name} cloud-init");
            Assert.Equal("Disk", drive.Type);
            SimulatedXenServer.AssertHolds(drive.LocalPath!, NoCloudDrive.BuildDisk(CloudInitDocuments.Create(s_cloudInit, vm.Name, 1, vm.Uuid!)));
        }
        Assert.Equal(3, server.Simulator.Vms.SelectMany(v => v.Vifs).Select(v => v.MacAddress).Distinct().Count());
        await server.Session.Power.StartAsync(vms[0], CancellationToken.None);
    }

    [Fact]
    public async Task A_VLAN_is_made_once_and_found_again()
    {
        await using var server = await SimulatedXenServer.StartAsync();
        var request = new TemplateRequest("alpine-template") { Names = ["v1", "v2"], Hardware = new() { Networks = [SimulatedXenServer.Network] }, Vlan = 42, ThrottleLimit = 2 };
        await server.DeployAsync(server.Session.PlanTemplateAsync(request, CancellationToken.None));
        await server.DeployAsync(server.Session.PlanTemplateAsync(request with { Names = ["v3"] }, CancellationToken.None));

        Assert.Single(server.Simulator.Calls, c => c.Method == "pool.create_VLAN_from_PIF");
        var network = Assert.Single(await server.Session.Discovery.GetNetworksAsync(CancellationToken.None), n => n.Vlan == 42);
        Assert.All(server.Simulator.Vms, vm => Assert.Equal(network.Name, Assert.Single(vm.Vifs).Network));
    }

    [Fact]
    public async Task A_VLAN_that_is_not_needed_after_all_goes_again()
    {
        await using var server = await SimulatedXenServer.StartAsync();
        server.Simulator.Faults.FailCall("VM.clone", "SR_BACKEND_FAILURE_44", ["", "There is insufficient space", ""]);
        var plan = await server.Session.PlanTemplateAsync(new TemplateRequest("alpine-template") { Names = ["v1"], Vlan = 42 }, CancellationToken.None);
        Assert.Empty(await server.RunAsync(plan));
        Assert.Equal("DatastoreFull", server.Failures["v1"].Code.Id);
        Assert.Contains("There is insufficient space", server.Failures["v1"].Message, StringComparison.Ordinal);
        server.AssertNothingIsLeft();
    }

    [Fact]
    public async Task What_can_be_refused_is_refused_before_anything_is_made()
    {
        await using var server = await SimulatedXenServer.StartAsync();
        await RefusedAsync(s_request with { Template = "no such" }, "TemplateNotFound", "'alpine-template'");
        await RefusedAsync(s_request with { Hardware = new() { DiskBytes = [Gibibyte / 2] } }, "HardwareInvalid", "can't shrink");
        await RefusedAsync(s_request with { Datastore = "no such" }, "StorageNotFound", "'Local storage'");
        await RefusedAsync(s_request with { Datastore = "ISO library" }, "StorageNotFound", "'ISO library'");
        await RefusedAsync(s_request with { Hardware = new() { Networks = ["no such"] } }, "NetworkNotFound", "eth0");
        await RefusedAsync(s_request with { HostName = "no such" }, "HostNotFound", "'xenserver-sim'");
        await RefusedAsync(s_request with { Vlan = 5000 }, "VlanNotPossible", "5000");
        await RefusedAsync(s_request with { Vlan = 5, Hardware = new() { Networks = ["Host internal management network"] } }, "VlanNotPossible", "no physical uplink");
        await RefusedAsync(s_request with { Hardware = new() { CpuCount = 0 } }, "HardwareInvalid", "0 vCPUs requested; this host allows 1 to");
        await RefusedAsync(s_request with { CloudInit = new CloudInitData { UserData = "packages: []" } }, "CloudInitUserDataNotRecognised", "packages");
        await RefusedAsync(s_request with { Names = ["a", "A"] }, "DuplicateVmName", "'a'");
        await server.DeployAsync(server.Session.PlanTemplateAsync(s_request, CancellationToken.None));
        await RefusedAsync(s_request, "VmNameExists", "'test-vm-01'");
        Assert.Single(server.Simulator.Vms);

        async Task RefusedAsync(TemplateRequest request, string id, string words)
        {
            var error = await Assert.ThrowsAnyAsync<VmDeployException>(() => server.Session.PlanTemplateAsync(request, CancellationToken.None));
            Assert.Equal(id, error.Code.Id);
            Assert.Contains(words, error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_name_that_is_taken_is_reused_or_replaced_on_request()
    {
        await using var server = await SimulatedXenServer.StartAsync();
        var first = Assert.Single(await server.DeployAsync(server.Session.PlanTemplateAsync(s_request, CancellationToken.None)));
        var again = Assert.Single(await server.DeployAsync(server.Session.PlanTemplateAsync(s_request with { ExistingVm = ExistingVmAction.Reuse, PowerOn = true }, CancellationToken.None)));
        Assert.Equal(first.Id, again.Id);
        Assert.Equal("On", again.PowerState);

        var other = Assert.Single(await server.DeployAsync(server.Session.PlanTemplateAsync(s_request with { ExistingVm = ExistingVmAction.Replace }, CancellationToken.None)));
        Assert.NotEqual(first.Id, other.Id);
        await server.Session.RemoveVmAsync(other, force: false, CancellationToken.None);
        server.AssertNothingIsLeft();
    }

    private static byte[] Head(string path, int count)
    {
        using var file = File.OpenRead(path);
        var head = new byte[count];
        file.ReadExactly(head);
        return head;
    }
}
