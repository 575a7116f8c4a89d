using VmDeploy.PowerShell;
using VmDeploy.Simulator.Esxi;
using VmDeploy.Tests.Support;
using Xunit;
using static VmDeploy.Tests.Support.VAppOva;

namespace VmDeploy.Tests.Cmdlets;

/// <summary>Packages with several machines at a prompt.</summary>
public sealed class VAppTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly Engine _engine = Engine.Start();

    public VAppTests()
    {
        var content = Startup(("db", 1, "ovf:startDelay=\"1\""), ("web", 2, "")) + Product(("domain", "example.com"))
            + new VAppMachine("web", 1) { CpuCount = 2 }.ToXml() + new VAppMachine("db", 1, 2) { Name = "Database" }.ToXml();
        _engine["ova"] = Create(content, 2).WriteOva(_folder, "shop.ova");
        _engine["single"] = new OvaBuilder().WriteOva(_folder, "single.ova");
    }

    public void Dispose()
    {
        _engine.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_pattern_names_the_machines_and_WhatIf_shows_each_with_its_hardware_and_start_order()
    {
        await using var simulator = await EsxiSimulator.StartAsync();
        await _engine.ConnectAsync(simulator);
        var shown = await _engine.MustRunAsync("Import-VmOva $ova -Name '{source}-{name}' -Datastore datastore1 -Network 'VM Network' -PowerOn -WhatIf");
        Assert.Empty(simulator.Vms);
        Assert.Contains("\"Import shop.ova as shop-web: 2 vCPU, 64 MB, disk 192 KB, datastore 'datastore1', host 'localhost.localdomain', network 'VM Network', power on (start order 2)\"", shown.HostText);
        Assert.Contains("\"Import shop.ova as shop-Database: 1 vCPU, 64 MB, disks 192 KB + 192 KB, datastore 'datastore1', host 'localhost.localdomain', network 'VM Network', power on (start order 1, the next after 1 s)\"", shown.HostText);

        await _engine.MustRunAsync("Import-VmOva $ova -Name '{source}-{name}' -Datastore datastore1 -Network 'VM Network'");
        Assert.Equal(["shop-Database", "shop-web"], simulator.Vms.Select(vm => vm.Name).Order());
    }

    [Theory]
    [InlineData("", "Database web")]
    [InlineData("-NamePrefix t-", "t-Database t-web")]
    [InlineData("-Count 2", "Database1 Database2 web1 web2")]
    [InlineData("-NamePrefix t- -Count 2", "t-Database1 t-Database2 t-web1 t-web2")]
    [InlineData("-Name '{n:00}-{name}' -Count 2", "01-Database 01-web 02-Database 02-web")]
    [InlineData("-Name a, b", "a b")]
    public async Task Names_are_made_of_what_is_given(string names, string expected)
    {
        await using var simulator = await EsxiSimulator.StartAsync();
        await _engine.ConnectAsync(simulator);
        await _engine.MustRunAsync($"Import-VmOva $ova {names} -Datastore datastore1 -Network 'VM Network'");
        Assert.Equal(expected, string.Join(' ', simulator.Vms.Select(vm => vm.Name).OrderBy(name => name, StringComparer.Ordinal)));
    }

    [Fact]
    public async Task The_keys_of_a_file_bind_and_a_vApp_is_refused_without_a_vCenter()
    {
        await using var simulator = await EsxiSimulator.StartAsync();
        await _engine.ConnectAsync(simulator);
        await _engine.MustRunAsync("$job = '{ \"datastore\": \"datastore1\", \"network\": \"VM Network\", \"name\": \"j-{name}\", \"as_vapp\": \"true\" }' | ConvertFrom-Json");
        var refused = (await _engine.RunAsync("$job | Import-VmOva $ova")).Error("NotSupportedByHost");
        Assert.Contains("has no vApps", refused.Exception.Message);
        Assert.Contains("Omit -AsVApp", refused.ErrorDetails.RecommendedAction);
        Assert.Empty(simulator.Vms);
        Assert.DoesNotContain(simulator.Requests, request => request.Method is "CreateImportSpec" or "ImportVApp");

        await _engine.MustRunAsync("$job.as_vapp = $false; $job | Import-VmOva $ova -StrictKeys");
        Assert.Equal(["j-Database", "j-web"], simulator.Vms.Select(vm => vm.Name).Order());

        (await _engine.RunAsync("Import-VmOva $single -Datastore datastore1 -AsVApp")).Error("VAppNotPossible");
        var one = (await _engine.RunAsync("Import-VmOva $ova -Name one -Datastore datastore1 -Network 'VM Network'")).Error("NameInvalid");
        Assert.Contains("1 name given for 2 VMs: 'Database', 'web'.", one.Exception.Message);
        Assert.Contains("-Name 'test-{name}'", one.ErrorDetails.RecommendedAction);
    }

    [Fact]
    public async Task Get_VmOva_shows_the_machines()
    {
        var summary = (await _engine.MustRunAsync("Get-VmOva $ova")).Single<OvaSummary>();
        Assert.Null(summary.CpuCount);
        Assert.Equal(["web web 2: 2 vCPU, 64 MB, disk1.vmdk", "db Database 1: 1 vCPU, 64 MB, disk1.vmdk disk2.vmdk"], summary.Machines.Select(machine =>
            $"{machine.Id} {machine} {machine.StartOrder}: {machine.CpuCount} vCPU, {machine.MemoryMB} MB, {string.Join(' ', machine.Disks)}"));
        Assert.Equal("domain", Assert.Single(summary.Machines[1].Properties).FullKey);
        Assert.Equal(1, summary.Machines[1].Startup.DelaySeconds);
        Assert.Empty((await _engine.MustRunAsync("Get-VmOva $single")).Single<OvaSummary>().Machines);
    }
}
