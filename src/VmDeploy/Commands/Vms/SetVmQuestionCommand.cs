namespace VmDeploy.PowerShell;

/// <summary>Answers the questions of hosts about their VMs.</summary>
[Cmdlet(VerbsCommon.Set, "VmQuestion", SupportsShouldProcess = true, DefaultParameterSetName = ByVm)]
[OutputType(typeof(Vm))]
public sealed class SetVmQuestionCommand : VmOrNameCmdlet
{
    /// <summary>The questions, from Get-VmQuestion.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = nameof(Question))]
    public VmQuestion[] Question { get; set; } = [];

    /// <summary>The text or the key of an answer that the host offers.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true)]
    [PlainText(Also = typeof(VmAnswer))]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(AnswerCompleter))]
    public string Answer { get; set; } = "";

    /// <inheritdoc/>
    protected override async Task ProcessRecordAsync(CancellationToken cancellationToken)
    {
        if (ParameterSetName == ByVm)
        {
            await ForEachVmAsync(async vm => await AnswerAsync(await vm.Session.Questions.GetAsync(vm, cancellationToken), cancellationToken), cancellationToken);
            return;
        }
        foreach (var question in Question)
            await TryAsync(question.Vm, () => AnswerAsync(question, cancellationToken));
    }

    private async Task AnswerAsync(VmQuestion question, CancellationToken cancellationToken)
    {
        if (!await ShouldProcessAsync(Describe(question.Vm), $"Answer '{Answer}' to: {question}"))
            return;
        await question.Vm.Session.Questions.AnswerAsync(question, Answer, cancellationToken);
        WriteObject(question.Vm);
    }
}
