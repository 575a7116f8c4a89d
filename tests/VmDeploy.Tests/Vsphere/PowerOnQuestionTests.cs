using VmDeploy.Simulator.Esxi;
using VmDeploy.Tests.Support;
using Xunit;

namespace VmDeploy.Tests.Vsphere;

/// <summary>A host that asks a question before it powers a VM on: the cmdlet doesn't wait for ever, and doesn't answer for the user.</summary>
public sealed class PowerOnQuestionTests
{
    private static readonly OvaImportRequest s_tinyVm = new(Repository.Path("examples/tinyVM.ova"))
    {
        Datacenter = "ha-datacenter",
        HostName = "localhost.localdomain",
    };

    [Theory]
    [InlineData(EsxiMode.Esxi)]
    [InlineData(EsxiMode.VCenter)]
    public async Task The_question_is_passed_on_and_its_answer_decides(EsxiMode mode)
    {
        await using var host = await SimulatedHost.StartAsync(new EsxiSimulatorOptions { Mode = mode });
        var vm = Assert.Single(await host.ImportAsync(s_tinyVm with { Names = ["asked"] }));
        host.Simulator.Faults.AskAtPowerOn();

        await AssertAsksAsync();
        // Until somebody answers, it is the same question.
        await AssertAsksAsync();
        var question = await host.Session.Questions.GetAsync(vm, CancellationToken.None);
        Assert.Equal("This virtual machine might have been moved or copied. What did you do?", question.Text);
        Assert.Equal(["Cancel", "I Moved It", "I Copied It"], question.Answers.Select(answer => answer.Text));
        Assert.Equal("I Copied It", question.Default?.Text);
        var refused = await Assert.ThrowsAsync<VmDeployException>(() => host.Session.Questions.AnswerAsync(question, "maybe", CancellationToken.None));
        Assert.Equal("AnswerUnknown", refused.Code.Id);
        Assert.Contains("'I Copied It', 'I Moved It'", refused.Message);
        await AssertAsksAsync();

        // Its key, and an answer whose reply is lost.
        host.Simulator.Faults.DropReply("AnswerVM");
        await host.Session.Questions.AnswerAsync(question, "2", CancellationToken.None);
        Assert.Equal("On", vm.PowerState);
        Assert.Null(await host.Session.Questions.FindAsync(vm, CancellationToken.None));
        refused = await Assert.ThrowsAsync<VmDeployException>(() => host.Session.Questions.AnswerAsync(question, "2", CancellationToken.None));
        Assert.Equal("QuestionNotFound", refused.Code.Id);
        await host.Session.Waiting.WaitAsync(vm, VmCondition.On, TimeSpan.FromMinutes(1), CancellationToken.None);
        Assert.Equal("On", vm.PowerState);

        async Task AssertAsksAsync()
        {
            var asked = await Assert.ThrowsAsync<VmDeployException>(() => host.Session.Power.StartAsync(vm, CancellationToken.None));
            Assert.Equal("VmQuestionPending", asked.Code.Id);
            Assert.Contains("asked", asked.Message);
            Assert.Contains("moved or copied. What did you do?", asked.Message);
            Assert.Contains("'Cancel', 'I Moved It', 'I Copied It' (usual)", asked.Message);
        }
    }

    [Fact]
    public async Task Of_a_deployment_only_the_VM_that_is_asked_about_is_not_started()
    {
        await using var host = await SimulatedHost.StartAsync();
        host.Simulator.Faults.AskAtPowerOn();
        // The other one exists too, so it is emitted, along with its error.
        var made = await host.ImportAsync(s_tinyVm with { Names = ["two1", "two2"], PowerOn = true });
        Assert.Equal(["Off", "On"], made.Select(vm => vm.PowerState).Order());
        var asked = Assert.Single(host.Failures).Value;
        Assert.Equal("VmQuestionPending", asked.Code.Id);
        Assert.Contains("exists, but could not be powered on", asked.Message);
        Assert.Contains("I Copied It", asked.Message);
        Assert.Equal(["two1", "two2"], host.Simulator.Vms.Select(v => v.Name).Where(n => n.StartsWith("two", StringComparison.Ordinal)).Order());
    }
}
