using System.Threading.Tasks;
using VmDeploy.Simulator.Esxi;
using VmDeploy.Tests.Support;
using Xunit;

namespace VmDeploy.Tests.Cmdlets;

/// <summary>The module in the engine, from import to removal.</summary>
public sealed class EngineTests
{
    [Fact]
    public async Task The_module_imports_deploys_and_logs_out_when_it_is_removed()
    {
        await using var simulator = await EsxiSimulator.StartAsync();
        using var engine = Engine.Start();
        var session = await engine.ConnectAsync(simulator);
        engine["ova"] = Repository.Path("examples/tinyVM.ova");

        var run = await engine.MustRunAsync("Import-VmOva $ova -Name web1, web2 -Datastore datastore1 | Start-VmInstance");

        Assert.Equal(2, run.All<Vm>().Count);
        Assert.All(simulator.Vms, vm => Assert.Equal("poweredOn", vm.PowerState));
        await engine.MustRunAsync("Remove-Module VmDeploy");
        Assert.False(session.IsOpen);
        Assert.Equal(0, simulator.OpenSessions);
    }
}
