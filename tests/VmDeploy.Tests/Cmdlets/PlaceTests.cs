using VmDeploy.Simulator.Esxi;
using VmDeploy.Simulator.Xapi;
using VmDeploy.Tests.Support;
using Xunit;

namespace VmDeploy.Tests.Cmdlets;

/// <summary>Get-VmPlace, and places as parameters.</summary>
public sealed class PlaceTests
{
    [Fact]
    public async Task Places_are_found_by_path_name_and_kind()
    {
        await using var simulator = await EsxiSimulator.StartAsync(new EsxiSimulatorOptions { Mode = EsxiMode.VCenter, Folders = ["prod/web"], StoragePods = ["pod1"], Datacenters = ["europe/paris"] });
        using var engine = Engine.Start();
        await engine.ConnectAsync(simulator);
        Assert.Equal(["prod/web", "pod1"], (await engine.MustRunAsync("Get-VmPlace web, pod1")).All<VmPlace>().Select(place => place.Path));
        Assert.Equal("europe/paris", (await engine.MustRunAsync("Get-VmPlace europe/*")).Single<VmPlace>().Path);
        Assert.All((await engine.MustRunAsync("Get-VmPlace -Kind Cluster, Host")).All<VmPlace>(), place => Assert.Contains(place.PlaceKind, (VmPlaceKind[])[VmPlaceKind.Cluster, VmPlaceKind.Host]));
        (await engine.RunAsync("Get-VmPlace nowhere")).Error("PlaceNotFound");
        engine["iso"] = Repository.Path("examples/tiny.iso");
        Assert.Equal("vm1", (await engine.MustRunAsync("New-VmFromIso $iso -Name vm1 -HostName (Get-VmPlace -Kind Cluster) -Datastore datastore1")).Single<Vm>().Name);

        engine["ova"] = Repository.Path("examples/tinyVM.ova");
        var shown = await engine.MustRunAsync("Import-VmOva $ova -Name web1 -Datastore pod1 -Folder web -WhatIf");
        Assert.Contains("(the member of datastore cluster 'pod1' with the most free space)", shown.HostText, StringComparison.Ordinal);
        Assert.Contains("folder 'prod/web'", shown.HostText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_clone_can_leave_the_datacenter_of_a_piped_VM()
    {
        await using var simulator = await EsxiSimulator.StartAsync(new EsxiSimulatorOptions { Mode = EsxiMode.VCenter, Folders = ["prod/web"] });
        using var engine = Engine.Start();
        await engine.ConnectAsync(simulator);
        engine["ova"] = Repository.Path("examples/tinyVM.ova");
        var vm = (await engine.MustRunAsync("Import-VmOva $ova -Name web1 -Datastore datastore1 -Folder web")).Single<Vm>();
        Assert.Equal(("ha-datacenter", "prod/web"), (vm.Datacenter, vm.Folder));
        var beside = (await engine.MustRunAsync("Get-VmInstance web1 | New-VmClone -Name web2")).Single<Vm>();
        Assert.Equal("prod/web", beside.Folder);
        var away = (await engine.MustRunAsync("Get-VmInstance web1 | New-VmClone -Name web3 -HostName esx3.localdomain -Datastore branch-datastore1 -Datacenter branch")).Single<Vm>();
        Assert.Equal(("branch", ""), (away.Datacenter, away.Folder));
    }

    [Fact]
    public async Task XenServer_has_hosts_and_a_pool()
    {
        await using var simulator = await XapiSimulator.StartAsync();
        using var engine = Engine.Start();
        await engine.ConnectAsync(simulator);
        Assert.Contains("xenserver-sim", (await engine.MustRunAsync("Get-VmPlace")).All<VmPlace>().Where(place => place.PlaceKind == VmPlaceKind.Host).Select(place => place.Path));
    }
}
