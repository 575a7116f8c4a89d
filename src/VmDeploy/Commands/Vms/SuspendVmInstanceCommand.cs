namespace VmDeploy.PowerShell;

/// <summary>Suspends VMs to disk.</summary>
[Cmdlet(VerbsLifecycle.Suspend, "VmInstance", SupportsShouldProcess = true, DefaultParameterSetName = ByVm)]
[OutputType(typeof(Vm))]
public sealed class SuspendVmInstanceCommand : VmActionCmdlet
{
    /// <inheritdoc/>
    protected override async Task ActAsync(Vm vm, CancellationToken cancellationToken)
    {
        if (!await ShouldProcessAsync(Describe(vm), "Suspend"))
            return;
        await vm.Session.Power.SuspendAsync(vm, cancellationToken);
        WriteObject(vm);
    }
}
