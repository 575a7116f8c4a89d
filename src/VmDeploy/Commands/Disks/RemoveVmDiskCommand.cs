namespace VmDeploy.PowerShell;

/// <summary>Deletes disks of VMs, or detaches them.</summary>
[Cmdlet(VerbsCommon.Remove, "VmDisk", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
public sealed class RemoveVmDiskCommand : DiskActionCmdlet
{
    /// <summary>Detach the disk only, and keep its file or VDI with the data.</summary>
    [Parameter]
    public SwitchParameter KeepFile { get; set; }

    // The only disk of a VM is the one that it boots from.
    private protected override bool NeedsLabel => true;

    /// <inheritdoc/>
    protected override async Task ActAsync(VmDisk device, CancellationToken cancellationToken)
    {
        var plan = await device.Vm.Session.Disks.PlanRemoveAsync(device, KeepFile, cancellationToken);
        if (await ShouldProcessAsync(Describe(device), KeepFile ? $"Detach, and keep {plan.Description}" : $"Delete with all data: {plan.Description}"))
            await plan.RunAsync(Progress, cancellationToken);
    }
}
