namespace VmDeploy.PowerShell;

/// <summary>Lists the questions of hosts about their VMs.</summary>
[Cmdlet(VerbsCommon.Get, "VmQuestion", DefaultParameterSetName = ByVm)]
[OutputType(typeof(VmQuestion))]
public sealed class GetVmQuestionCommand : VmActionCmdlet
{
    /// <inheritdoc/>
    protected override async Task ActAsync(Vm vm, CancellationToken cancellationToken)
    {
        if (await vm.Session.Questions.FindAsync(vm, cancellationToken) is { } question)
            WriteObject(question);
    }
}
