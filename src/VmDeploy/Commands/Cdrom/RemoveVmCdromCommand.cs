namespace VmDeploy.PowerShell;

/// <summary>Removes CD-ROM drives from VMs.</summary>
[Cmdlet(VerbsCommon.Remove, "VmCdrom", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
public sealed class RemoveVmCdromCommand : CdromActionCmdlet
{
    /// <inheritdoc/>
    protected override async Task ActAsync(VmCdrom device, CancellationToken cancellationToken)
    {
        var plan = await device.Vm.Session.Cdroms.PlanRemoveAsync(device, cancellationToken);
        if (await ShouldProcessAsync(Describe(device), plan.Description))
            await plan.RunAsync(Progress, cancellationToken);
    }
}
