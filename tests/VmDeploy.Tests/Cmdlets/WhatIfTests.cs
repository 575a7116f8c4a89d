using VmDeploy.Simulator.Esxi;
using VmDeploy.Simulator.Xapi;
using VmDeploy.Tests.Support;
using Xunit;

namespace VmDeploy.Tests.Cmdlets;

/// <summary>-WhatIf refuses what the run refuses, with words for the value that the user gave.</summary>
public sealed class WhatIfTests : IDisposable
{
    private readonly Engine _engine = Engine.Start();

    public void Dispose() => _engine.Dispose();

    [Theory]
    [InlineData("Import-VmOva $ova -Name a @at -Annotation $bad", "the annotation")]
    [InlineData("Import-VmOva $ova -Name a @at -ExtraConfig @{ 'platform:k' = $bad }", "'platform:k'")]
    [InlineData("Import-VmOva $ova -Name a @at -ExtraConfig @{ ('platform:' + $bad) = 'v' }", "a key")]
    [InlineData("Import-VmOva $ova -Name a @at -Property @{ color = $bad }", "the property 'color'")]
    [InlineData("New-VmFromIso $iso -Name a @at -Annotation $bad", "the annotation")]
    [InlineData("New-VmClone web1 -Annotation $bad", "the annotation")]
    [InlineData("Copy-VmInstance web1 -Destination $session @at -Name a -Annotation $bad", "the annotation")]
    [InlineData("Set-VmInstance web1 -Annotation $bad", "the annotation")]
    [InlineData("Set-VmInstance web1 -ExtraConfig @{ 'platform:k' = $bad }", "'platform:k'")]
    [InlineData("New-VmSnapshot web1 $bad", "the name of the snapshot")]
    [InlineData("New-VmSnapshot web1 s -Description $bad", "the description of the snapshot")]
    public async Task A_text_that_no_host_can_get_is_refused_by_the_plan(string command, string field)
    {
        await using var esxi = await EsxiSimulator.StartAsync();
        await using var xen = await XapiSimulator.StartAsync(new XapiSimulatorOptions());
        using var folder = new TempFolder();
        _engine["ova"] = new OvaBuilder { ProductSections = VAppOva.Product(("color", "red")) }.WriteOva(folder);
        _engine["iso"] = Repository.Path("examples/tiny.iso");
        _engine["bad"] = "a\u0007b";
        foreach (var datastore in new[] { "datastore1", "Local storage" })
        {
            _engine["session"] = datastore == "datastore1" ? await _engine.ConnectAsync(esxi) : await _engine.ConnectAsync(xen);
            await _engine.MustRunAsync($"Set-VmSession $session -Default; Import-VmOva $ova -Name web1 -Datastore '{datastore}'; $global:at = @{{ Datastore = '{datastore}' }}");
            foreach (var run in new[] { await _engine.RunAsync($"{command} -WhatIf"), await _engine.RunAsync(command) })
            {
                run.Error("ValueRefused");
                Assert.Contains("The value of ", run.Errors[0].ToString(), StringComparison.Ordinal);
                Assert.Contains(field, run.Errors[0].ToString(), StringComparison.Ordinal);
                Assert.Contains("U+0007 at position", run.Errors[0].ToString(), StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task A_snapshot_says_what_it_does_not_hold()
    {
        await using var simulator = await EsxiSimulator.StartAsync();
        await _engine.ConnectAsync(simulator);
        _engine["ova"] = Repository.Path("examples/tinyVM.ova");
        await _engine.MustRunAsync("Import-VmOva $ova -Name web1 -Datastore datastore1");
        Assert.Contains("Take snapshot 's', without memory and not quiesced because the VM is not running",
            (await _engine.MustRunAsync("New-VmSnapshot web1 s -Memory -Quiesce -WhatIf")).HostText, StringComparison.Ordinal);
        await _engine.MustRunAsync("Start-VmInstance web1");
        Assert.Contains("Take snapshot 's' with memory, quiesced", (await _engine.MustRunAsync("New-VmSnapshot web1 s -Memory -Quiesce -WhatIf")).HostText, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Get-VmDatastoreFile '[a'", "'[a' is not a valid path on a datastore.")]
    [InlineData("Get-VmDatastoreFile '[]'", "'[]' is not a valid path on a datastore.")]
    [InlineData("Remove-VmDatastoreFile '[datastore1]' -WhatIf", "'[datastore1]' names no file.")]
    [InlineData("Import-VmOva $ova -Datastore datastore1 -Network @{ 'VM Network' = $null } -WhatIf", "The map has no network for 'VM Network'.")]
    [InlineData("New-VmClone web1 -NamePattern '{n:' -WhatIf", "'{n:' in the pattern '{n:' is not a known placeholder.")]
    [InlineData("New-VmClone web1 -NamePattern 'a{n}}' -WhatIf", "'}' in the pattern 'a{n}}' is not a known placeholder.")]
    [InlineData("Import-VmOva $ova -Datastore datastore1 -ResourcePool / -WhatIf", "Resource pool '/' not found")]
    [InlineData("Export-VmDeployment web1 \"a`0b\" -WhatIf", "contains a NUL character")]
    public async Task A_value_that_means_nothing_is_named(string command, string message)
    {
        await using var simulator = await EsxiSimulator.StartAsync();
        await _engine.ConnectAsync(simulator);
        _engine["ova"] = Repository.Path("examples/tinyVM.ova");
        await _engine.MustRunAsync("Import-VmOva $ova -Name web1 -Datastore datastore1");
        Assert.Contains(message, Assert.Single((await _engine.RunAsync(command)).Errors).ToString(), StringComparison.OrdinalIgnoreCase);
    }
}
