using VmDeploy.Tests.Support;
using Xunit;

namespace VmDeploy.Tests.Vsphere;

public abstract partial class VsphereBehaviour
{
    [SkippableFact]
    public async Task The_datastores_are_listed_with_their_size()
    {
        await ListAsync();
        var datastores = await Session.Discovery.GetDatastoresAsync(s_none);
        var datastore = datastores.First(d => d.Name == "datastore1");
        Assert.True(datastore.IsAccessible);
        Assert.NotEmpty(datastore.Type);
        Assert.True(datastore.CapacityBytes > 0);
        Assert.InRange(datastore.FreeBytes, 1, datastore.CapacityBytes);
        Assert.Equal(datastores.Select(d => d.Name).Order(StringComparer.OrdinalIgnoreCase), datastores.Select(d => d.Name));
    }

    [SkippableFact]
    public async Task The_networks_are_listed_with_their_kind()
    {
        await ListAsync();
        var networks = await Session.Discovery.GetNetworksAsync(s_none);
        Assert.Equal("Standard", networks.First(n => n.Name == "VM Network").Type);
        if (Session.Hypervisor == HypervisorKind.VCenter)
            Assert.Contains(networks, n => n.Type == "Distributed");
    }

    [SkippableFact]
    public async Task The_hosts_are_listed_with_their_product()
    {
        await ListAsync();
        var hosts = await Session.Discovery.GetHypervisorsAsync(s_none);
        var host = Assert.Single(hosts, h => h.Name == "localhost.localdomain");
        Assert.Contains("ESX", host.Product);
        Assert.NotEmpty(host.Version);
        Assert.True(host.CpuCores > 0);
        Assert.True(host.MemoryBytes > 1 << 20);
        Assert.True(host.IsUsable);
        if (Session.Hypervisor == HypervisorKind.Esxi)
            Assert.Null(host.Cluster);
        else
            Assert.Contains(hosts, h => h.Cluster is not null);
    }

    [SkippableFact]
    public async Task A_wait_ends_when_the_VM_is_so()
    {
        var vm = (await ImportAsync(TinyVm("waited")))[0];
        await Session.Waiting.WaitAsync(vm, VmCondition.Off, TimeSpan.FromMinutes(1), s_none);
        var waiting = Session.Waiting.WaitAsync(vm, VmCondition.On, TimeSpan.FromMinutes(1), s_none);
        await Session.Power.StartAsync(new Vm(Session, vm.Id, await Session.ReadVmAsync(vm.Id, s_none)), s_none);
        await waiting;
        Assert.Equal("On", vm.PowerState);
    }

    [SkippableFact]
    public async Task A_wait_that_lasts_too_long_says_how_things_are()
    {
        var vm = (await ImportAsync(TinyVm("awaited")))[0];
        var late = await Assert.ThrowsAsync<VmDeployException>(
            () => Session.Waiting.WaitAsync(vm, VmCondition.IpAddress, TimeSpan.FromMilliseconds(200), s_none));
        Assert.Equal("WaitTimeout", late.Code.Id);
        Assert.Contains("awaited", late.Message);
        Assert.Contains("poweredOff", late.Message);
    }

    [SkippableFact]
    public async Task A_wait_for_a_VM_that_is_removed_says_so()
    {
        var vm = (await ImportAsync(TinyVm("lost")))[0];
        // The second call waits for changes; the first has reported the present state.
        var isWaiting = new TaskCompletionSource();
        var calls = 0;
        var line = new BrokenLine
        {
            Seen = body =>
            {
                if (body.Contains("WaitForUpdatesEx", StringComparison.Ordinal) && ++calls == 2)
                    isWaiting.SetResult();
            },
        };
        using var session = await ConnectAsync(line);
        var waiting = session.Waiting.WaitAsync(new Vm(session, vm.Id, new VmState { Name = vm.Name }), VmCondition.On, TimeSpan.FromMinutes(1), s_none);
        await isWaiting.Task;
        await Session.RemoveVmAsync(vm, force: false, s_none);
        var gone = await Assert.ThrowsAsync<VmDeployException>(() => waiting);
        Assert.Equal("VmNotFound", gone.Code.Id);
    }
}
