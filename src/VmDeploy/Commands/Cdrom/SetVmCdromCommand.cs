using System.Management.Automation;
using System.Threading;
using System.Threading.Tasks;

namespace VmDeploy.PowerShell;

/// <summary>Inserts a medium into CD-ROM drives, or ejects it.</summary>
[Cmdlet(VerbsCommon.Set, "VmCdrom", SupportsShouldProcess = true, DefaultParameterSetName = "Iso")]
[OutputType(typeof(VmCdrom))]
public sealed class SetVmCdromCommand : AsyncCmdlet
{
    /// <summary>The drives, from Get-VmCdrom.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    public VmCdrom[] Cdrom { get; set; } = [];

    /// <summary>A local ISO, which is uploaded once, or one on a datastore: <c>[datastore] dir/file.iso</c>.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Iso")]
    [Alias("iso_path")]
    [ValidateNotNullOrEmpty]
    public string? IsoPath { get; set; }

    /// <summary>The host's physical drive; empty for its first.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "HostDevice")]
    [AllowEmptyString]
    public string? HostDevice { get; set; }

    /// <summary>Take the medium out.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Eject")]
    [Alias("NoMedia")]
    public SwitchParameter Eject { get; set; }

    /// <summary>Take the present medium out even if the guest has locked the drive.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessRecordAsync(CancellationToken cancellationToken)
    {
        var medium = await OnPipelineThreadAsync(cmdlet => IsoPaths.Medium(cmdlet, IsoPath, HostDevice));
        foreach (var cdrom in Cdrom)
        {
            try
            {
                var plan = await UseSession(cdrom.Vm.Session).PlanSetCdromAsync(cdrom, medium, Force, cancellationToken);
                var action = medium.Kind == CdromMediumKind.Empty ? "Eject" : $"Insert {plan.Description}";
                if (await ShouldProcessAsync($"{cdrom.Label} of {cdrom.Vm} on {cdrom.Vm.Server}", action))
                    WriteObject(await plan.RunAsync(Progress, cancellationToken));
            }
            catch (VmDeployException e)
            {
                WriteError(e);
            }
        }
    }
}
