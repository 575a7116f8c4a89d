using VmDeploy.Simulator.Xapi;
using VmDeploy.Tests.Support;
using Xunit;

namespace VmDeploy.Tests.Cmdlets;

/// <summary>The snapshot cmdlets in the engine: binding, the pipeline, -WhatIf, prompts, errors and completion.</summary>
public sealed class SnapshotCmdletTests : IAsyncLifetime
{
    private readonly Engine _engine = Engine.Start();
    private XapiSimulator _simulator = null!;

    public async Task InitializeAsync()
    {
        _simulator = await XapiSimulator.StartAsync();
        await _engine.ConnectAsync(_simulator);
        _engine["ova"] = Repository.Path("examples/tinyVM.ova");
        await _engine.MustRunAsync("Import-VmOva $ova -Name web1, web2 -ThrottleLimit 1");
    }

    public async Task DisposeAsync()
    {
        _engine.Dispose();
        await _simulator.DisposeAsync();
    }

    [Fact]
    public async Task Names_objects_and_records_bind()
    {
        var run = await _engine.MustRunAsync("""
            New-VmSnapshot web1 one
            Get-VmInstance web* | New-VmSnapshot -Name two -Description 'both'
            [pscustomobject]@{ vm = 'web2'; snapshot_name = 'three'; memory = 'true'; quiesce = $false; description = '' } | New-VmSnapshot
            """);
        Assert.Equal(["one", "two", "two", "three"], run.All<VmSnapshot>().Select(one => one.Name));
        Assert.Null(run.All<VmSnapshot>()[3].Description);
        Assert.Equal(["one", "two"], (await _engine.MustRunAsync("Get-VmSnapshot web1")).All<VmSnapshot>().Select(one => one.Name));
        Assert.Equal(2, (await _engine.MustRunAsync("Get-VmSnapshot web* tw*")).Output.Count);
        Assert.Equal("web2", (await _engine.MustRunAsync("Get-VmInstance | Get-VmSnapshot | Where-Object Name -EQ three | Restore-VmSnapshot -Confirm:$false")).Single<Vm>().Name);
        Assert.Equal("web1", (await _engine.MustRunAsync("Get-VmInstance web1 | Restore-VmSnapshot -Name one -Confirm:$false")).Single<Vm>().Name);
        Assert.Equal("web2", (await _engine.MustRunAsync("[pscustomobject]@{ vm = 'web2'; snapshot_name = 'two' } | Restore-VmSnapshot -Confirm:$false")).Single<Vm>().Name);
        await _engine.MustRunAsync("[pscustomobject]@{ vm = 'web2'; snapshot_name = 'three' } | Remove-VmSnapshot -Confirm:$false");
        Assert.Equal(["two"], (await _engine.MustRunAsync("Get-VmSnapshot web2")).All<VmSnapshot>().Select(one => one.Name));
        (await _engine.RunAsync("Get-VmInstance web1 | Restore-VmSnapshot -Confirm:$false")).Error("NameInvalid");
        await _engine.MustRunAsync("Get-VmSnapshot web1, web2 | Remove-VmSnapshot -Children -Confirm:$false");
        Assert.Empty((await _engine.MustRunAsync("Get-VmSnapshot web*")).Output);
    }

    [Fact]
    public async Task WhatIf_says_what_would_be_lost_and_changes_nothing()
    {
        await _engine.MustRunAsync("New-VmSnapshot web1 one; New-VmSnapshot web1 two; Start-VmInstance web1");
        var before = _simulator.Inventory();
        var run = await _engine.MustRunAsync("""
            New-VmSnapshot web1 three -Memory -WhatIf
            Restore-VmSnapshot web1 one -WhatIf
            Remove-VmSnapshot web1 one -Children -WhatIf
            """);
        Assert.Empty(run.Output);
        Assert.Contains("Take snapshot 'three' with memory", run.HostText);
        Assert.Contains("all changes since then are lost, the VM, which is running, is stopped; the VM is off afterwards", run.HostText);
        Assert.Contains("with its children 'two'", run.HostText);
        Assert.Equal(before, _simulator.Inventory());
    }

    [Fact]
    public async Task Restore_and_Remove_ask_first()
    {
        await _engine.MustRunAsync("New-VmSnapshot web1 one");
        _engine.Host.Answers.Enqueue("N");
        _engine.Host.Answers.Enqueue("N");
        Assert.Empty((await _engine.MustRunAsync("Restore-VmSnapshot web1 one; Remove-VmSnapshot web1 one")).Output);
        Assert.Empty(_engine.Host.Answers);
        Assert.Single((await _engine.MustRunAsync("Get-VmSnapshot web1")).Output);
    }

    [Fact]
    public async Task Errors_have_their_ids()
    {
        await _engine.MustRunAsync("New-VmSnapshot web1 same; New-VmSnapshot web1 same");
        (await _engine.RunAsync("Get-VmInstance web1 | New-VmSnapshot")).Error("NameInvalid");
        (await _engine.RunAsync("Get-VmSnapshot web1 other")).Error("SnapshotNotFound");
        (await _engine.RunAsync("Restore-VmSnapshot web1 other -Confirm:$false")).Error("SnapshotNotFound");
        (await _engine.RunAsync("Remove-VmSnapshot web1 same -Confirm:$false")).Error("AmbiguousSnapshot");
        (await _engine.RunAsync("$gone = (Get-VmSnapshot web1)[1]; $gone | Remove-VmSnapshot -Confirm:$false; $gone | Restore-VmSnapshot -Confirm:$false")).Error("SnapshotNotFound");
        (await _engine.RunAsync("New-VmSnapshot nobody one")).Error("VmNotFound");
    }

    [Fact]
    public async Task Names_are_completed_and_ids_where_names_are_not_enough()
    {
        await _engine.MustRunAsync("New-VmSnapshot web1 'before update'; New-VmSnapshot web1 same; New-VmSnapshot web1 same");
        var ids = (await _engine.MustRunAsync("(Get-VmSnapshot web1 same).Id")).Values;
        var found = (await _engine.MustRunAsync("""
            [System.Management.Automation.CommandCompletion]::CompleteInput(($line = 'Restore-VmSnapshot web1 -Name '), $line.Length, $null).CompletionMatches.CompletionText
            """)).Values;
        Assert.Equal(["'before update'", .. ids], found);
    }
}
