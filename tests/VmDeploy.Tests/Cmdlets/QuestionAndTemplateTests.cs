using VmDeploy.Simulator.Esxi;
using VmDeploy.Tests.Support;
using Xunit;

namespace VmDeploy.Tests.Cmdlets;

/// <summary>Restart, suspend and resume, questions and templates in the engine.</summary>
public sealed class QuestionAndTemplateTests : IAsyncLifetime
{
    private readonly Engine _engine = Engine.Start();
    private EsxiSimulator _simulator = null!;

    public async Task InitializeAsync()
    {
        _simulator = await EsxiSimulator.StartAsync(new EsxiSimulatorOptions { Mode = EsxiMode.VCenter });
        await _engine.ConnectAsync(_simulator);
        _engine["ova"] = Repository.Path("examples/tinyVM.ova");
        await _engine.MustRunAsync("Import-VmOva $ova -Name web1, web2 -HostName localhost.localdomain -Datastore datastore1 -ThrottleLimit 1");
    }

    public async Task DisposeAsync()
    {
        _engine.Dispose();
        await _simulator.DisposeAsync();
    }

    [Fact]
    public async Task WhatIf_changes_nothing()
    {
        await _engine.MustRunAsync("Start-VmInstance web1");
        _simulator.Faults.AskAtPowerOn();
        (await _engine.RunAsync("Start-VmInstance web2")).Error("VmQuestionPending");
        var run = await _engine.MustRunAsync("""
            Restart-VmInstance web1 -WhatIf
            Restart-VmInstance web1 -Force -WhatIf
            Suspend-VmInstance web1 -WhatIf
            Set-VmQuestion web2 'I Moved It' -WhatIf
            Set-VmQuestion web2 (Get-VmQuestion web2).Answers[0] -WhatIf
            ConvertTo-VmTemplate web2 -WhatIf
            """);
        Assert.Empty(run.Output);
        foreach (var action in new[] { "Restart the guest", "Reset", "Suspend", "Answer 'I Moved It' to: This virtual machine might", "Answer 'Cancel' to", "Convert to a template" })
            Assert.Contains(action, run.HostText);
        Assert.Equal(["poweredOff", "poweredOn"], _simulator.Vms.Select(vm => vm.PowerState).Order());
        Assert.Single((await _engine.MustRunAsync("Get-VmInstance | Get-VmQuestion")).Output);
    }

    [Fact]
    public async Task A_reset_asks_first_and_its_answer_is_heeded()
    {
        await _engine.MustRunAsync("Start-VmInstance web1");
        _engine.Host.Answers.Enqueue("N");
        var run = await _engine.MustRunAsync("Restart-VmInstance web1 -Force");
        Assert.Empty(run.Output);
        Assert.DoesNotContain(_simulator.Requests, request => request.Method == "ResetVM_Task");
        var failed = (await _engine.RunAsync("Restart-VmInstance web1")).Error("ToolsNotRunning");
        Assert.Contains("Restart-VmInstance -Force", failed.ErrorDetails.RecommendedAction);
    }

    [Fact]
    public async Task An_answer_is_a_text_or_a_key_and_anything_else_is_refused_with_those_that_are()
    {
        (await _engine.RunAsync("Set-VmQuestion web1 yes")).Error("QuestionNotFound");
        _simulator.Faults.AskAtPowerOn(2);
        Assert.Equal(["VmQuestionPending", "VmQuestionPending"], (await _engine.RunAsync("Start-VmInstance web1, web2")).ErrorIds);
        Assert.Equal(["I Moved It"], (await _engine.MustRunAsync("""
            [System.Management.Automation.CommandCompletion]::CompleteInput(($line = 'Set-VmQuestion web1 -Answer "I M'), $line.Length, $null).CompletionMatches.ListItemText
            """)).Values);
        var refused = (await _engine.RunAsync("Set-VmQuestion web1 perhaps")).Error("AnswerUnknown");
        Assert.Contains("'Cancel', 'I Copied It', 'I Moved It'", refused.Exception.Message);

        var run = await _engine.MustRunAsync("Get-VmQuestion web1 | Set-VmQuestion -Answer 'i moved it'; Set-VmQuestion web2 0");
        Assert.Equal(["On", "Off"], run.All<Vm>().Select(vm => vm.PowerState));
        Assert.Empty((await _engine.MustRunAsync("Get-VmQuestion web*")).Output);
    }

    [Fact]
    public async Task A_template_goes_through_the_pipeline_and_back()
    {
        var run = await _engine.MustRunAsync("Get-VmInstance web1 | ConvertTo-VmTemplate | ConvertFrom-VmTemplate; Get-VmTemplate web1 -ErrorAction Ignore");
        Assert.Equal("web1", run.Single<Vm>().Name);
        await _engine.MustRunAsync("ConvertTo-VmTemplate web1; [pscustomobject]@{ template = 'web1'; host_name = 'localhost.localdomain'; resource_pool = '' } | ConvertFrom-VmTemplate");
        Assert.All(_simulator.Vms, vm => Assert.False(vm.IsTemplate));
        (await _engine.RunAsync("ConvertFrom-VmTemplate web1")).Error("TemplateNotFound");
        await _engine.MustRunAsync("Start-VmInstance web1");
        (await _engine.RunAsync("ConvertTo-VmTemplate web1")).Error("WrongPowerState");
    }
}
