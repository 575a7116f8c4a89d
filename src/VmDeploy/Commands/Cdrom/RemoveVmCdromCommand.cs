namespace VmDeploy.PowerShell;

/// <summary>Removes CD-ROM drives from VMs.</summary>
[Cmdlet(VerbsCommon.Remove, "VmCdrom", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
public sealed class RemoveVmCdromCommand : CdromActionCmdlet
{
    /// <inheritdoc/>
    protected override async Task ActAsync(VmCdrom device, CancellationToken cancellationToken)
    {
        if (await ShouldProcessAsync(Describe(device), "Remove"))
            await device.Vm.Session.Cdroms.RemoveAsync(device, cancellationToken);
    }
}
