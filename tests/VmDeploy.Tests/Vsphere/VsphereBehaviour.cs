using Microsoft.Extensions.Logging.Abstractions;
using VmDeploy.Ova;
using VmDeploy.Tests.Support;
using VmDeploy.Vsphere;
using Xunit;

namespace VmDeploy.Tests.Vsphere;

/// <summary>The common behaviour of vSphere endpoints: run on our simulator and on vcsim, so that ours can't deviate.</summary>
public abstract partial class VsphereBehaviour : IAsyncLifetime
{
    private static readonly CancellationToken s_none = CancellationToken.None;

    private VmSession _session = null!;
    private IAsyncDisposable? _host;
    private ConnectOptions? _options;

    /// <summary>Starts an endpoint with the names of the example configurations and at least one VM.</summary>
    private protected abstract Task<(IAsyncDisposable Host, ConnectOptions Options)> StartHostAsync();

    private protected VmSession Session => _session;

    public async Task InitializeAsync()
    {
        try
        {
            (_host, _options) = await StartHostAsync();
            _session = await VsphereSession.ConnectAsync(_options, NullLogger.Instance, s_none);
        }
        catch (SkipException)
        {
            // Each test skips itself; here xunit would report an error.
        }
    }

    public async Task DisposeAsync()
    {
        if (_session is not null)
            await _session.CloseAsync();
        if (_host is not null)
            await _host.DisposeAsync();
    }

    private protected async Task<List<Vm>> ListAsync(Func<string, bool>? filter = null)
    {
        Skip.If(_session is null, "the endpoint is not installed");
        return (await _session.GetVmsAsync(new VmQuery { NameFilter = filter }, s_none)).ToList();
    }

    private protected async Task<List<Vm>> ImportAsync(OvaImportRequest request)
    {
        Skip.If(_session is null, "the endpoint is not installed");
        using var package = await OvaPackage.OpenAsync(request.Path, s_none);
        var plan = await _session.PlanOvaImportAsync(request, package, s_none);
        var vms = new List<Vm>();
        var failures = new List<VmDeployException>();
        await plan.RunAsync(request.Names, vms.Add, (_, e) => failures.Add(e), new Progress<OperationProgress>(), s_none);
        Assert.Empty(failures);
        return vms;
    }

    private protected static OvaImportRequest TinyVm(params string[] names) => new(Repository.Path("examples/tinyVM.ova"))
    {
        Names = names,
        Datacenter = "ha-datacenter",
        Datastore = "datastore1",
        HostName = "localhost.localdomain",
    };

    [SkippableFact]
    public async Task The_VMs_are_listed_with_their_hardware()
    {
        var vms = await ListAsync();
        var vm = vms[0];
        Assert.NotEmpty(vm.Name);
        Assert.True(vm.CpuCount > 0);
        Assert.True(vm.MemoryMB > 0);
        Assert.True(Guid.TryParse(vm.Uuid, out _));
        Assert.StartsWith("[", vm.Path);
        Assert.NotNull(vm.HostName);
    }

    [SkippableFact]
    public async Task A_name_filter_picks_from_the_list()
    {
        var all = await ListAsync();
        var one = await ListAsync(name => name == all[^1].Name);
        Assert.Equal(all[^1].Id, Assert.Single(one).Id);
        Assert.Empty(await ListAsync(name => name == "no such VM"));
    }

    [SkippableFact]
    public async Task Three_instances_of_an_OVA_can_be_started_stopped_and_removed()
    {
        var before = (await ListAsync()).Count;
        var vms = await ImportAsync(TinyVm("tinyVM1", "tinyVM2", "tinyVM3"));
        Assert.Equal(["tinyVM1", "tinyVM2", "tinyVM3"], vms.Select(vm => vm.Name).Order());
        Assert.All(vms, vm => Assert.Equal("Off", vm.PowerState));
        Assert.Equal(3, vms.Select(vm => vm.Uuid).Distinct().Count());

        await Session.Power.StartAsync(vms[0], s_none);
        Assert.Equal("On", vms[0].PowerState);
        await Session.Power.StartAsync(vms[0], s_none);

        var refused = await Assert.ThrowsAsync<VmDeployException>(() => Session.RemoveVmAsync(vms[0], force: false, s_none));
        Assert.Equal("WrongPowerState", refused.Code.Id);

        await Session.Power.StopAsync(vms[0], force: true, TimeSpan.FromMinutes(1), s_none);
        Assert.Equal("Off", vms[0].PowerState);

        foreach (var vm in vms)
            await Session.RemoveVmAsync(vm, force: false, s_none);
        Assert.Equal(before, (await ListAsync()).Count);
        var gone = await Assert.ThrowsAsync<VmDeployException>(() => vms[0].RefreshAsync());
        Assert.Equal("VmNotFound", gone.Code.Id);
    }

    [SkippableTheory]
    [InlineData("Datacenter", "DatacenterNotFound", "ha-datacenter")]
    [InlineData("Datastore", "DatastoreNotFound", "datastore1")]
    [InlineData("HostName", "HostNotFound", "localhost.localdomain")]
    [InlineData("Network", "NetworkNotFound", "VM Network")]
    [InlineData("ResourcePool", "ResourcePoolNotFound", "Resources")]
    [InlineData("Folder", "FolderNotFound", "nowhere")]
    public async Task A_name_that_does_not_exist_is_refused_with_those_that_do(string what, string id, string valid)
    {
        var request = TinyVm("refused1");
        request = what switch
        {
            "Datacenter" => request with { Datacenter = "nowhere" },
            "Datastore" => request with { Datastore = "nowhere" },
            "HostName" => request with { HostName = "nowhere" },
            "ResourcePool" => request with { ResourcePool = "nowhere" },
            "Folder" => request with { Folder = "nowhere" },
            _ => request with { Hardware = new() { NetworkMap = new Dictionary<string, string> { ["VM Network"] = "nowhere" } } },
        };
        var before = (await ListAsync()).Count;
        var refused = await Assert.ThrowsAsync<VmDeployException>(() => ImportAsync(request));
        Assert.Equal(id, refused.Code.Id);
        Assert.Contains("'nowhere'", refused.Message);
        Assert.Contains(valid, refused.Message);
        Assert.Equal(before, (await ListAsync()).Count);
    }

    [SkippableFact]
    public async Task A_name_that_is_taken_is_refused_before_anything_is_sent()
    {
        var existing = (await ListAsync())[0];
        var refused = await Assert.ThrowsAsync<VmDeployException>(() => ImportAsync(TinyVm("fresh1", existing.Name)));
        Assert.Equal("VmNameExists", refused.Code.Id);
        Assert.Contains(existing.Name, refused.Message);
        Assert.Empty(await ListAsync(name => name == "fresh1"));
    }

    [SkippableFact]
    public async Task A_closed_session_says_so()
    {
        await ListAsync();
        await Session.CloseAsync();
        var refused = await Assert.ThrowsAsync<VmDeployException>(() => ListAsync());
        Assert.Equal("SessionClosed", refused.Code.Id);
    }
}
