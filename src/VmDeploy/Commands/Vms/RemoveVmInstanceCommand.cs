namespace VmDeploy.PowerShell;

/// <summary>Deletes VMs with their disks.</summary>
[Cmdlet(VerbsCommon.Remove, "VmInstance", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High, DefaultParameterSetName = ByVm)]
public sealed class RemoveVmInstanceCommand : VmActionCmdlet
{
    /// <summary>Power a running VM off first.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override async Task ActAsync(Vm vm, CancellationToken cancellationToken)
    {
        var plan = await vm.Session.PlanRemovalAsync(vm, Force, cancellationToken);
        if (await ShouldProcessAsync(Describe(vm), plan.Description))
            await plan.RunAsync(Progress, cancellationToken);
    }
}
