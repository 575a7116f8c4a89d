namespace VmDeploy.PowerShell;

/// <summary>Resumes suspended VMs.</summary>
[Cmdlet(VerbsLifecycle.Resume, "VmInstance", SupportsShouldProcess = true, DefaultParameterSetName = ByVm)]
[OutputType(typeof(Vm))]
public sealed class ResumeVmInstanceCommand : VmActionCmdlet
{
    /// <inheritdoc/>
    protected override async Task ActAsync(Vm vm, CancellationToken cancellationToken)
    {
        if (!await ShouldProcessAsync(Describe(vm), "Resume"))
            return;
        await vm.Session.Power.ResumeAsync(vm, cancellationToken);
        WriteObject(vm);
    }
}
