namespace VmDeploy.PowerShell;

/// <summary>Removes CD-ROM drives from VMs.</summary>
[Cmdlet(VerbsCommon.Remove, "VmCdrom", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
public sealed class RemoveVmCdromCommand : CdromActionCmdlet
{
    /// <inheritdoc/>
    protected override async Task ActAsync(VmCdrom cdrom, CancellationToken cancellationToken)
    {
        if (await ShouldProcessAsync($"{cdrom.Label} of {cdrom.Vm} on {cdrom.Vm.Server}", "Remove"))
            await cdrom.Vm.Session.RemoveCdromAsync(cdrom, cancellationToken);
    }
}
