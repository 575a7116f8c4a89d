using VmDeploy.Tests.CloudInit;
using VmDeploy.Tests.Support;
using VmDeploy.Vsphere;
using Xunit;

namespace VmDeploy.Tests.Vsphere;

/// <summary>What only a vCenter can do: templates, and distributed switches.</summary>
public abstract class VCenterBehaviour : VsphereBehaviour
{
    private static readonly CancellationToken s_none = CancellationToken.None;
    private static readonly IProgress<OperationProgress> s_noProgress = new Progress<OperationProgress>();

    [SkippableFact]
    public async Task A_VM_from_a_template_is_what_was_asked_for()
    {
        await TemplateAsync("golden");
        var template = Assert.Single(await Session.Discovery.GetTemplatesAsync(s_none), t => t.Name == "golden");
        var request = new TemplateRequest("GOLDEN")
        {
            Names = ["web1", "web2"],
            Hardware = new() { CpuCount = 3, MemoryMB = 2048, DiskBytes = [2 << 20], ExtraDiskBytes = [3 << 20], Networks = ["VM Network"] },
            Annotation = "from a template",
            CloudInit = new CloudInitData { UserData = "#cloud-config\r\npackages: [curl]\r\n", NetworkConfig = "version: 2" },
        };
        var vms = await MakeFromTemplateAsync(request);
        Assert.Equal(["web1", "web2"], vms.Select(vm => vm.Name).Order());
        Assert.All(vms, vm =>
        {
            Assert.Equal(3, vm.CpuCount);
            Assert.Equal(2048, vm.MemoryMB);
            Assert.Equal("from a template", vm.Annotation);
            Assert.Equal([2 << 20, 3 << 20], vm.Disks.Select(d => d.CapacityBytes));
            Assert.Equal("VM Network", Assert.Single(vm.NetworkAdapters).NetworkName);
        });
        Assert.NotEqual(vms[0].Uuid, vms[1].Uuid);
        var config = await ((VsphereSession)Session).Properties.ReadAsync(new MoRef("VirtualMachine", vms[0].Id), s_none, "config.extraConfig", "config.instanceUuid");
        var extra = config["config.extraConfig"]!.Elements().ToDictionary(e => e.Value("key")!, e => e.Value("value")!);
        var seen = await CloudInitGuest.ReadGuestinfoAsync(extra);
        Assert.Equal("#cloud-config\npackages: [curl]\n", seen.UserData);
        Assert.Equal(config.Text("config.instanceUuid"), seen.InstanceId);
        Assert.Equal(vms[0].Name, seen.HostName);
        Assert.Equal(2, seen.Network!.Value.GetProperty("version").GetInt32());

        Assert.Single(await MakeFromTemplateAsync(new TemplateRequest(template.Id) { Names = ["plain1"] }));
    }

    [SkippableFact]
    public async Task What_no_VM_from_a_template_can_be_is_refused()
    {
        await TemplateAsync("golden");
        var request = new TemplateRequest("golden") { Names = ["web1"] };
        var before = await ContentAsync();
        await RefusedAsync(request with { Template = "silver" }, "TemplateNotFound", "'golden'");
        await RefusedAsync(request with { Hardware = new() { DiskBytes = [1024] } }, "HardwareInvalid", "shrink");
        await RefusedAsync(request with { Hardware = new() { CpuCount = 0 } }, "HardwareInvalid", "0 vCPUs requested; this host allows 1 to");
        await RefusedAsync(request with { Hardware = new() { Networks = ["nowhere"] } }, "NetworkNotFound", "VM Network");
        await RefusedAsync(request with { Vlan = 5 }, "NotSupportedByHost", "VLAN");
        await RefusedAsync(request with { CloudInit = new CloudInitData { UserData = "hello: world" } }, "CloudInitUserDataNotRecognised", "'hello:'");
        Assert.Equal(before, await ContentAsync());

        async Task RefusedAsync(TemplateRequest wrong, string id, string word)
        {
            var refused = await Assert.ThrowsAsync<VmDeployException>(() => Session.PlanTemplateAsync(wrong, s_none));
            Assert.Equal(id, refused.Code.Id);
            Assert.Contains(word, refused.Message);
        }
    }

    [SkippableFact]
    public async Task Wherever_making_a_VM_from_a_template_breaks_nothing_is_left()
    {
        await TemplateAsync("golden");
        var request = new TemplateRequest("golden") { Names = ["web1"], Hardware = new() { CpuCount = 2 } };
        await BreakEverywhereAsync(late: true,
            async session => await MakeFromTemplateAsync(request, session),
            async () =>
            {
                foreach (var vm in await ListAsync(name => name == "web1"))
                    await Session.RemoveVmAsync(vm, force: true, s_none);
            });
    }

    [SkippableFact]
    public async Task An_adapter_can_go_to_a_distributed_port_group()
    {
        var request = await ScratchAsync("dvs1");
        var networks = await Session.Discovery.GetNetworksAsync(s_none);
        Assert.DoesNotContain(networks, network => network.Name.Contains("Uplink", StringComparison.Ordinal));
        var group = networks.First(n => n.Type == "Distributed");
        var refused = await Assert.ThrowsAsync<VmDeployException>(async () => await MakeAsync(request with { Hardware = new() { Networks = ["nowhere"] } }));
        Assert.DoesNotContain("Uplink", refused.Message, StringComparison.Ordinal);
        var vm = Assert.Single(await MakeAsync(request with { Hardware = new() { Networks = [group.Name] } }));
        Assert.Equal(group.Name, Assert.Single(vm.NetworkAdapters).NetworkName);
    }

    [SkippableFact]
    public async Task A_VM_becomes_a_template_and_a_VM_again()
    {
        var vm = (await MakeAsync(await ScratchAsync("once1")))[0];
        await Session.Power.StartAsync(vm, s_none);
        var refused = await Assert.ThrowsAsync<VmDeployException>(() => Session.Templates.PlanFromVmAsync(vm, s_none));
        Assert.Equal("WrongPowerState", refused.Code.Id);
        await Session.Power.StopAsync(vm, force: true, TimeSpan.FromMinutes(1), s_none);

        var template = await (await Session.Templates.PlanFromVmAsync(vm, s_none)).RunAsync(s_noProgress, s_none);
        Assert.Equal("once1", template.Name);
        Assert.Empty(await ListAsync(name => name == "once1"));
        Assert.Single(await MakeFromTemplateAsync(new TemplateRequest("once1") { Names = ["child1"] }));

        refused = await Assert.ThrowsAsync<VmDeployException>(() => Session.Templates.PlanToVmAsync("twice1", null, null, s_none));
        Assert.Equal("TemplateNotFound", refused.Code.Id);
        refused = await Assert.ThrowsAsync<VmDeployException>(() => Session.Templates.PlanToVmAsync("once1", null, "nowhere", s_none));
        Assert.Equal("ResourcePoolNotFound", refused.Code.Id);
        var plan = await Session.Templates.PlanToVmAsync("once1", null, null, s_none);
        Assert.Contains("localhost.localdomain", plan.Description);
        var again = await plan.RunAsync(s_noProgress, s_none);
        Assert.Equal(vm.Id, again.Id);
        await Session.Power.StartAsync(again, s_none);
        Assert.Equal("On", again.PowerState);
        Assert.DoesNotContain(await Session.Discovery.GetTemplatesAsync(s_none), t => t.Id == vm.Id);
    }

    private async Task TemplateAsync(string name)
    {
        var request = await ScratchAsync(name);
        var vm = (await MakeAsync(request with { Hardware = new() { DiskBytes = [1 << 20] } }))[0];
        await ((VsphereSession)Session).Soap.CallAsync(new MoRef("VirtualMachine", vm.Id), "MarkAsTemplate", s_none);
    }

    private async Task<List<Vm>> MakeFromTemplateAsync(TemplateRequest request, VmSession? session = null)
    {
        var plan = await (session ?? Session).PlanTemplateAsync(request, s_none);
        var vms = new List<Vm>();
        var failures = new List<VmDeployException>();
        await plan.RunAsync(request.Names, vms.Add, (_, e) => failures.Add(e), s_noProgress, s_none);
        return failures.Count == 0 ? vms : throw failures[0];
    }
}
