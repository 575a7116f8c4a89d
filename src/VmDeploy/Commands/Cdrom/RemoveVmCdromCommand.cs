using System.Management.Automation;
using System.Threading;
using System.Threading.Tasks;

namespace VmDeploy.PowerShell;

/// <summary>Takes CD-ROM drives out of their VMs.</summary>
[Cmdlet(VerbsCommon.Remove, "VmCdrom", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
public sealed class RemoveVmCdromCommand : AsyncCmdlet
{
    /// <summary>The drives, from Get-VmCdrom.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    public VmCdrom[] Cdrom { get; set; } = [];

    /// <inheritdoc/>
    protected override async Task ProcessRecordAsync(CancellationToken cancellationToken)
    {
        foreach (var cdrom in Cdrom)
        {
            try
            {
                var session = UseSession(cdrom.Vm.Session);
                if (await ShouldProcessAsync($"{cdrom.Label} of {cdrom.Vm} on {cdrom.Vm.Server}", "Remove"))
                    await session.RemoveCdromAsync(cdrom, cancellationToken);
            }
            catch (VmDeployException e)
            {
                WriteError(e);
            }
        }
    }
}
