using VmDeploy.Simulator.Esxi;
using VmDeploy.Simulator.Xapi;
using VmDeploy.Tests.Support;
using Xunit;

namespace VmDeploy.Tests.Cmdlets;

/// <summary>A name without wildcards that several VMs have changes none of them.</summary>
public sealed class AmbiguousNameTests
{
    [Fact]
    public async Task A_plain_name_of_two_VMs_is_refused_and_a_wildcard_tells_them_apart()
    {
        await using var simulator = await XapiSimulator.StartAsync();
        using var engine = Engine.Start();
        await engine.ConnectAsync(simulator);
        engine["ova"] = Repository.Path("examples/tinyVM.ova");
        await engine.MustRunAsync("Import-VmOva $ova -Name web1, web2");
        var vms = (await engine.MustRunAsync("Get-VmInstance web*")).All<Vm>();
        await vms[1].Session.RenameVmAsync(vms[1], vms[0].Name, default);

        var refused = (await engine.RunAsync($"Start-VmInstance {vms[0].Name}")).Error("AmbiguousVm");
        Assert.All(vms, vm => Assert.Contains(vm.Id, refused.Exception.Message, StringComparison.Ordinal));
        (await engine.RunAsync($"Remove-VmInstance {vms[0].Name}, 'no*' -Confirm:$false")).Error("AmbiguousVm");
        foreach (var action in new[] { "Replace", "Reuse" })
            (await engine.RunAsync($"Import-VmOva $ova -Name {vms[0].Name} -ExistingVm {action} -Confirm:$false")).Error("AmbiguousVm");
        Assert.Equal(2, simulator.Vms.Count(there => there.Name == vms[0].Name));
        var shown = await engine.MustRunAsync($"Remove-VmInstance {vms[0].Name}* -WhatIf");
        Assert.All(vms, vm => Assert.Contains(vm.Id, shown.HostText, StringComparison.Ordinal));
        var errors = (await engine.RunAsync($"Get-VmInstance {vms[0].Name} | Suspend-VmInstance")).Errors.Select(error => error.Exception.Message).ToList();
        Assert.Equal(vms.Count, errors.Count);
        Assert.All(vms.Zip(errors), pair => Assert.Contains(pair.First.Id, pair.Second, StringComparison.Ordinal));
        Assert.Equal(2, (await engine.RunAsync($"Get-VmInstance {vms[0].Name} | Get-VmDisk -Label nope")).Errors.Select(error => error.Exception.Message).Distinct().Count());
    }

    [Fact]
    public async Task Two_VMs_of_a_name_from_two_datacenters_can_t_both_keep_it_on_another_host()
    {
        await using var simulator = await EsxiSimulator.StartAsync(new() { Mode = EsxiMode.VCenter });
        await using var other = await EsxiSimulator.StartAsync();
        using var engine = Engine.Start();
        engine["to"] = await engine.ConnectAsync(other);
        engine["from"] = await engine.ConnectAsync(simulator);
        engine["ova"] = Repository.Path("examples/tinyVM.ova");
        await engine.MustRunAsync("Import-VmOva $ova -Name amb -Datastore datastore1 -HostName localhost.localdomain -Session $from; Import-VmOva $ova -Name amb -Datacenter branch -Datastore branch-datastore1 -Session $from");

        (await engine.RunAsync("Get-VmInstance amb -Session $from | Copy-VmInstance -Destination $to -Datastore datastore1 -WhatIf")).Error("VmNameExists");
    }

    [Fact]
    public async Task A_VM_that_is_reused_is_shown_with_its_path()
    {
        await using var simulator = await EsxiSimulator.StartAsync(new() { Mode = EsxiMode.VCenter });
        using var engine = Engine.Start();
        await engine.ConnectAsync(simulator);
        engine["ova"] = Repository.Path("examples/tinyVM.ova");
        engine["place"] = new System.Collections.Hashtable { ["Datastore"] = "datastore1", ["HostName"] = "localhost.localdomain" };
        await engine.MustRunAsync("Import-VmOva $ova -Name web1 @place");

        foreach (var action in new[] { "Reuse", "Replace" })
            Assert.Contains("[datastore1] web1/web1.vmx", (await engine.MustRunAsync($"Import-VmOva $ova -Name web1 -ExistingVm {action} @place -WhatIf")).HostText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatIf_finds_a_name_that_comes_twice_in_one_pipeline()
    {
        await using var simulator = await XapiSimulator.StartAsync();
        using var engine = Engine.Start();
        await engine.ConnectAsync(simulator);
        engine["ova"] = Repository.Path("examples/tinyVM.ova");
        var run = await engine.RunAsync("""'[{ "name": "web1" }, { "name": "web1" }]' | ConvertFrom-Json | Import-VmOva $ova -WhatIf""");
        run.Error("VmNameExists");
    }
}
