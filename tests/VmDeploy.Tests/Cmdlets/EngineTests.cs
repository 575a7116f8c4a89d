using VmDeploy.Simulator.Esxi;
using VmDeploy.Simulator.Xapi;
using VmDeploy.Tests.Support;
using Xunit;
using Xunit.Sdk;

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

    /// <summary>The module's own call succeeds, the one after it does not.</summary>
    [SkippableFact]
    public async Task Calls_to_a_XenServer_are_checked_against_the_datamodel()
    {
        SharedFolder.File("xapi", "xenapi.json");
        await using var simulator = await XapiSimulator.StartAsync();
        var engine = Engine.Start();
        await engine.ConnectAsync(simulator);
        using var http = new HttpClient();
        using var call = new StringContent("<methodCall><methodName>VM.get_everything</methodName><params/></methodCall>");
        await http.PostAsync(simulator.HttpUrl, call);

        var wrong = Assert.Throws<XunitException>(engine.Dispose);

        Assert.StartsWith("there is no method VM.get_everything", wrong.Message, StringComparison.Ordinal);
    }
}
