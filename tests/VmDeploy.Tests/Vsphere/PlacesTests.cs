using VmDeploy.Simulator.Esxi;
using VmDeploy.Tests.Support;
using VmDeploy.Vsphere;
using Xunit;

namespace VmDeploy.Tests.Vsphere;

/// <summary>Places of a vCenter: nested datacenters, folders, datastore clusters, uplinks.</summary>
public sealed class PlacesTests
{
    private static readonly CancellationToken s_none = CancellationToken.None;

    private static readonly EsxiSimulatorOptions s_vcenter = new()
    {
        Mode = EsxiMode.VCenter,
        VmCount = 1,
        Datacenters = ["europe/paris", "asia/paris"],
        StoragePods = ["pod1"],
        Folders = ["prod/web"],
    };

    [Fact]
    public async Task Every_kind_of_place_is_listed_in_the_form_that_requests_take()
    {
        await using var host = await SimulatedHost.StartAsync(s_vcenter);
        Assert.Equal(["asia/paris", "branch", "europe/paris", "ha-datacenter"], await PathsAsync(VmPlaceKind.Datacenter));
        Assert.Equal(["prod", "prod/web"], await PathsAsync(VmPlaceKind.Folder));
        Assert.Equal(["cluster1"], await PathsAsync(VmPlaceKind.Cluster));
        Assert.Contains("esx3.localdomain", await PathsAsync(VmPlaceKind.Host));
        Assert.Equal(["pod1"], await PathsAsync(VmPlaceKind.DatastoreCluster));
        var member = (await host.Session.Discovery.GetPlacesAsync([VmPlaceKind.Host], s_none)).First(place => place.Path == "esx2.localdomain");
        Assert.Equal("cluster1", member.Parent);

        async Task<IEnumerable<string>> PathsAsync(VmPlaceKind kind) => (await host.Session.Discovery.GetPlacesAsync([kind], s_none)).Select(place => place.Path);
    }

    [Fact]
    public async Task Objects_name_their_datacenter_and_folder_and_uplinks_are_not_offered()
    {
        await using var host = await SimulatedHost.StartAsync(s_vcenter);
        var vm = Assert.Single(await host.ImportAsync(new OvaImportRequest(Repository.Path("examples/tinyVM.ova")) { Names = ["web1"], Folder = "web", Datacenter = "ha-datacenter", HostName = "cluster1" }));
        Assert.Equal(("ha-datacenter", "prod/web"), (vm.Datacenter, vm.Folder));
        var stores = await host.Session.Discovery.GetDatastoresAsync(s_none);
        Assert.Equal(("ha-datacenter", "pod1"), Place(stores.Single(one => one.Name == "pod1-2")));
        Assert.Equal(2, stores.Count(one => one.Name == "paris-datastore1"));
        Assert.Contains(stores, one => one.Datacenter == "asia/paris");
        var networks = await host.Session.Discovery.GetNetworksAsync(s_none);
        Assert.DoesNotContain(networks, one => one.Name.Contains("Uplink", StringComparison.Ordinal));
        Assert.Contains(networks, one => one.Datacenter == "europe/paris");

        static (string?, string?) Place(VmDatastore one) => (one.Datacenter, one.Folder);
    }

    [Fact]
    public async Task A_datastore_cluster_stands_for_its_member_with_the_most_free_space()
    {
        await using var host = await SimulatedHost.StartAsync(s_vcenter);
        await File.WriteAllBytesAsync(host.Simulator.LocalPath("[pod1-1] full.bin"), new byte[1000]);
        var request = new IsoVmRequest("[datastore1] a.iso") { Names = ["web1"], Datastore = "POD1", HostName = "cluster1", Hardware = new() { DiskBytes = [1 << 20], Networks = ["Lab"] } };
        await File.WriteAllBytesAsync(host.Simulator.LocalPath("[datastore1] a.iso"), new byte[100]);
        var plan = await host.Session.PlanIsoVmAsync(request, s_none);
        Assert.Contains("datastore 'pod1-2' (the member of datastore cluster 'pod1' with the most free space)", plan.Describe("web1"), StringComparison.Ordinal);
        await host.RunAsync(plan);
        Assert.Empty(host.Failures);
        Assert.Contains(host.Simulator.DatastoreFiles(), file => file.StartsWith("[pod1-2] web1/", StringComparison.Ordinal));

        var missing = await Assert.ThrowsAsync<VmDeployException>(() => host.Session.PlanIsoVmAsync(request with { Datastore = "pod2", Datacenter = "ha-datacenter" }, s_none));
        Assert.Equal("DatastoreNotFound", missing.Code.Id);
        Assert.Contains("'pod1'", missing.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_network_name_that_two_have_is_refused_with_their_ids()
    {
        await using var host = await SimulatedHost.StartAsync(s_vcenter with { OpaqueNetworks = ["Lab"] });
        await File.WriteAllBytesAsync(host.Simulator.LocalPath("[datastore1] a.iso"), new byte[100]);
        var request = new IsoVmRequest("[datastore1] a.iso") { Names = ["web1"], Datastore = "datastore1", HostName = "cluster1", Hardware = new() { DiskBytes = [], Networks = ["Lab"] } };
        var ids = (await host.Session.Discovery.GetNetworksAsync(s_none)).Where(network => network.Name == "Lab").Select(network => network.Id).ToList();
        Assert.Equal(2, ids.Count);

        var refused = await Assert.ThrowsAsync<VmDeployException>(() => host.Session.PlanIsoVmAsync(request, s_none));
        Assert.Equal("AmbiguousPlacement", refused.Code.Id);
        Assert.All(ids, id => Assert.Contains($"'{id}'", refused.Message, StringComparison.Ordinal));
        await host.RunAsync(await host.Session.PlanIsoVmAsync(request with { Hardware = new() { DiskBytes = [], Networks = ids } }, s_none));
        Assert.Empty(host.Failures);
        Assert.Equal(2, host.Simulator.Vms.Single(vm => vm.Name == "web1").Nics.Count);
    }

    // The port group then leaves out its switch; an account that may read only the reference finds no uuid behind it.
    [Theory]
    [InlineData("DistributedVirtualPortgroup", "config.distributedVirtualSwitch")]
    [InlineData("VmwareDistributedVirtualSwitch", "uuid")]
    public async Task A_distributed_switch_that_can_not_be_read_leaves_the_other_networks_usable(string type, string property)
    {
        await using var host = await SimulatedHost.StartAsync(s_vcenter);
        await File.WriteAllBytesAsync(host.Simulator.LocalPath("[datastore1] a.iso"), new byte[100]);
        var complete = await OfferedAsync();
        host.Simulator.Faults.HideProperty("VmwareDistributedVirtualSwitch", "config.uplinkPortgroup");
        host.Simulator.Faults.HideProperty(type, property);

        // The second uplink port group has no tag, so that only the switch knows it.
        Assert.Equal([.. complete, "dvs1-DVUplinks-2"], (await OfferedAsync()).OrderBy(name => name == "dvs1-DVUplinks-2"));
        var request = new IsoVmRequest("[datastore1] a.iso") { Names = ["web1"], Datastore = "datastore1", HostName = "cluster1", Hardware = new() { DiskBytes = [] } };
        var missing = await Assert.ThrowsAsync<VmDeployException>(() => host.Session.PlanIsoVmAsync(On("nowhere"), s_none));
        Assert.Equal("NetworkNotFound", missing.Code.Id);
        Assert.All(complete.Distinct(), name => Assert.Contains($"'{name}'", missing.Message, StringComparison.Ordinal));
        var before = host.Picture();
        var refused = await Assert.ThrowsAsync<VmDeployException>(async () =>
        {
            await host.RunAsync(await host.Session.PlanIsoVmAsync(On("dvs1-production"), s_none));
            throw Assert.Single(host.Failures).Value;
        });
        Assert.Equal(("NoPermission", "dvs1-production"), (refused.Code.Id, refused.Target));
        Assert.Contains("'dvs1-production'", refused.Message, StringComparison.Ordinal);
        Assert.Equal(before, host.Picture());
        host.Failures.Clear();

        var vm = Assert.Single(await host.RunAsync(await host.Session.PlanIsoVmAsync(On("Lab"), s_none)));
        Assert.Empty(host.Failures);
        Assert.Equal("Lab", Assert.Single(vm.NetworkAdapters).NetworkName);

        IsoVmRequest On(string network) => request with { Hardware = request.Hardware with { Networks = [network] } };
        async Task<List<string>> OfferedAsync() => [.. (await host.Session.Discovery.GetNetworksAsync(s_none)).Select(network => network.Name)];
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Storage_DRS_recommends_the_member_of_a_datastore_cluster(bool fails)
    {
        await using var host = await SimulatedHost.StartAsync(s_vcenter with { StorageDrs = true });
        await File.WriteAllBytesAsync(host.Simulator.LocalPath("[datastore1] a.iso"), new byte[100]);
        // It recommends the last member, although the first has more space.
        await using (var full = File.Create(host.Simulator.LocalPath("[pod1-2] full.bin")))
            full.SetLength(1L << 30);
        if (fails)
            host.Simulator.Faults.FailMethod("RecommendDatastores", "NotSupported", times: 9);
        var (store, why) = fails ? ("pod1-1", "the member of datastore cluster 'pod1' with the most free space") : ("pod1-2", "recommended by Storage DRS of datastore cluster 'pod1'");
        var iso = new IsoVmRequest("[datastore1] a.iso") { Names = ["scratch"], Datastore = "pod1", HostName = "cluster1", Hardware = new() { DiskBytes = [1 << 20], ExtraDiskBytes = [2 << 20], Networks = ["Lab"] } };
        await MakeAsync(await host.Session.PlanIsoVmAsync(iso, s_none), "scratch");
        var ova = new OvaImportRequest(Repository.Path("examples/tinyVM.ova")) { Names = ["imported"], Datastore = "pod1", HostName = "cluster1" };
        using (var package = await VmDeploy.Ova.OvaPackage.OpenAsync(ova.Path, s_none))
            await MakeAsync(await host.Session.PlanOvaImportAsync(ova, package, s_none), "imported");
        var source = Assert.Single(await host.ImportAsync(ova with { Names = ["model"], Datastore = "datastore1" }));
        await MakeAsync(await host.Session.PlanCloneAsync(new CloneRequest(source) { Names = ["clone"], Datastore = "pod1" }, s_none), "clone");
        await (await host.Session.Templates.PlanFromVmAsync(source, s_none)).RunAsync(new OnProgress(_ => { }), s_none);
        await MakeAsync(await host.Session.PlanTemplateAsync(new TemplateRequest("model") { Names = ["made"], Datastore = "pod1" }, s_none), "made");

        async Task MakeAsync(DeploymentPlan plan, string name)
        {
            Assert.Contains($"datastore '{store}' ({why})", plan.Describe(name), StringComparison.Ordinal);
            var vm = Assert.Single(await host.RunAsync(plan));
            Assert.Empty(host.Failures);
            Assert.All(vm.Disks, disk => Assert.StartsWith($"[{store}] {name}", disk.Path, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task A_unique_name_settles_the_datacenter_and_a_path_tells_equal_names_apart()
    {
        await using var host = await SimulatedHost.StartAsync(s_vcenter);
        await File.WriteAllBytesAsync(host.Simulator.LocalPath("[branch-datastore1] a.iso"), new byte[100]);
        await File.WriteAllBytesAsync(host.Simulator.LocalPath("[datastore1] a.iso"), new byte[100]);
        var request = new IsoVmRequest("[branch-datastore1] a.iso") { Names = ["web1"], Hardware = new() { DiskBytes = [1 << 20] } };
        Assert.Contains("host 'esx3.localdomain'", (await host.Session.PlanIsoVmAsync(request with { Datastore = "branch-datastore1" }, s_none)).Describe("web1"), StringComparison.Ordinal);
        var inFolder = request with { IsoPath = "[datastore1] a.iso", Folder = "prod/web", Datastore = "datastore1", Hardware = request.Hardware with { Networks = ["Lab"] } };
        Assert.Contains("folder 'prod/web'", (await host.Session.PlanIsoVmAsync(inFolder, s_none)).Describe("web1"), StringComparison.Ordinal);
        await RefusedAsync(request, "AmbiguousPlacement", "'europe/paris'");
        await RefusedAsync(request with { Datacenter = "paris" }, "AmbiguousPlacement", "'asia/paris', 'europe/paris'");
        await RefusedAsync(request with { Datacenter = "rome" }, "DatacenterNotFound", "'branch'");
        await RefusedAsync(request with { Folder = "test" }, "FolderNotFound", "'prod/web'");
        await RefusedAsync(request with { Folder = "web", Datastore = "branch-datastore1" }, "DatacenterNotFound", "VM folder 'web', datastore 'branch-datastore1'");

        async Task RefusedAsync(IsoVmRequest wrong, string id, string words)
        {
            var refused = await Assert.ThrowsAsync<VmDeployException>(() => host.Session.PlanIsoVmAsync(wrong, s_none));
            Assert.Equal(id, refused.Code.Id);
            Assert.Contains(words, refused.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_unique_name_settles_the_datacenter_of_a_copy_too(bool fromTemplate)
    {
        await using var host = await SimulatedHost.StartAsync(s_vcenter);
        var source = Assert.Single(await host.ImportAsync(new OvaImportRequest(Repository.Path("examples/tinyVM.ova")) { Names = ["model"], Datacenter = "ha-datacenter", HostName = "cluster1", Hardware = new() { Networks = ["Lab"] } }));
        if (fromTemplate)
            await (await host.Session.Templates.PlanFromVmAsync(source, s_none)).RunAsync(new OnProgress(_ => { }), s_none);
        var networks = (await host.Session.Discovery.GetNetworksAsync(s_none)).Where(network => network.Datacenter == "branch").Select(network => network.Name).ToList();
        Assert.DoesNotContain("Lab", networks);
        var hardware = new HardwareRequest { Networks = [networks[0]] };

        var byHost = await MakeAsync(hardware, request => request with { Names = ["byHost"], HostName = "esx3.localdomain" });
        var byDatastore = await MakeAsync(hardware, request => request with { Names = ["byDatastore"], Datastore = "branch-datastore1" });
        Assert.All([byHost, byDatastore], vm => Assert.Equal(("branch", "esx3.localdomain", networks[0]), (vm.Datacenter, vm.HostName, vm.NetworkAdapters[0].NetworkName)));
        Assert.StartsWith("[branch-datastore1] byHost/", byHost.Disks[0].Path, StringComparison.Ordinal);
        // A name that the source's datacenter has too does not move the copy.
        var stays = await MakeAsync(new(), request => request with { Names = ["stays"], Datastore = "datastore1" });
        Assert.Equal("ha-datacenter", stays.Datacenter);

        var refused = await Assert.ThrowsAsync<VmDeployException>(() => MakeAsync(new(), request => request with { Names = ["lost"], HostName = "esx3.localdomain" }));
        Assert.Equal("NetworkNotFound", refused.Code.Id);
        Assert.Contains("'Lab'", refused.Message, StringComparison.Ordinal);
        if (!fromTemplate)
        {
            refused = await Assert.ThrowsAsync<VmDeployException>(() => host.Session.PlanCloneAsync(new CloneRequest(source) { Names = ["linked"], Linked = true, HostName = "esx3.localdomain", Hardware = hardware }, s_none));
            Assert.Contains("must be in the datacenter of its source", refused.Message, StringComparison.Ordinal);
        }

        async Task<Vm> MakeAsync(HardwareRequest wanted, Func<DeploymentRequest, DeploymentRequest> place)
        {
            var plan = fromTemplate
                ? await host.Session.PlanTemplateAsync((TemplateRequest)place(new TemplateRequest("model") { Hardware = wanted }), s_none)
                : await host.Session.PlanCloneAsync((CloneRequest)place(new CloneRequest(source) { Hardware = wanted }), s_none);
            var vms = await host.RunAsync(plan);
            Assert.Empty(host.Failures);
            return Assert.Single(vms);
        }
    }

    [Fact]
    public async Task A_file_goes_to_a_nested_datacenter()
    {
        await using var host = await SimulatedHost.StartAsync(s_vcenter with { Datacenters = ["europe/paris"] });
        using var folder = new TempFolder();
        var local = Path.Combine(folder.Path, "a.bin");
        await File.WriteAllBytesAsync(local, [1, 2, 3]);
        await host.Session.DatastoreFiles.SendAsync(new SendFileRequest(local, "paris-datastore1") { Datacenter = "europe/paris" }, new OnProgress(_ => { }), s_none);
        Assert.Contains("[paris-datastore1] a.bin", host.Simulator.DatastoreFiles());
    }

    [Fact]
    public async Task A_VM_with_a_drive_goes_where_two_datacenters_have_a_datastore_of_its_name()
    {
        await using var host = await SimulatedHost.StartAsync(s_vcenter);
        var request = new OvaImportRequest(Repository.Path("examples/tinyVM.ova"))
        {
            Names = ["web1"],
            Datacenter = "asia/paris",
            Datastore = "paris-datastore1",
            CloudInit = new CloudInitData { UserData = "#!/bin/sh\n", Via = CloudInitVia.Drive },
        };
        var before = host.Picture();
        var vm = Assert.Single(await host.ImportAsync(request));
        await host.ImportAsync(request with { ExistingVm = ExistingVmAction.Replace });
        Assert.Empty(host.Failures);
        vm = (await host.Session.GetVmsAsync(new VmQuery { NameFilter = name => name == "web1" }, s_none)).Single();
        host.Simulator.Faults.FailTask("ReconfigVM_Task", "GenericVmConfigFault");
        await host.RunAsync(await host.Session.PlanCloneAsync(new CloneRequest(vm) { Names = ["web2"], CloudInit = request.CloudInit }, s_none));
        Assert.DoesNotContain("AmbiguousPlacement", string.Join(" ", host.Failures.Values.Select(failure => failure.ToString())), StringComparison.Ordinal);
        await host.Session.RemoveVmAsync(vm, force: false, s_none);
        Assert.Equal(before, host.Picture());
    }

    [SkippableFact]
    public async Task The_datastore_cluster_of_vcsim_is_taken_too()
    {
        await using var vcsim = await VcSim.StartAsync(vcenter: true, pod: true);
        using var session = await VsphereSession.ConnectAsync(vcsim.Options with { WrapHandler = WireContract.Check }, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance, s_none);
        var pod = Assert.Single(await session.Discovery.GetPlacesAsync([VmPlaceKind.DatastoreCluster], s_none));
        Assert.Equal(("pod1", "ha-datacenter"), (pod.Path, pod.Parent));
        Assert.Equal("pod1", (await session.Discovery.GetDatastoresAsync(s_none)).Single(one => one.Name == "pod1-1").Folder);
        Assert.All(await session.GetVmsAsync(new VmQuery(), s_none), vm => Assert.Equal(("ha-datacenter", ""), (vm.Datacenter, vm.Folder)));
    }
}
