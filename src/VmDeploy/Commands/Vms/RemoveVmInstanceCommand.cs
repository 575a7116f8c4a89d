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
        if (await ShouldProcessAsync(Describe(vm), "Delete with its disks"))
            await vm.Session.RemoveVmAsync(vm, Force, cancellationToken);
    }
}
