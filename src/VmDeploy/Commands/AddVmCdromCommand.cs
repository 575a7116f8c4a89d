using System.Management.Automation;
using System.Threading;
using System.Threading.Tasks;

namespace VmDeploy.PowerShell;

/// <summary>Adds a CD-ROM drive to VMs, with an ISO, the host's drive, or nothing in it.</summary>
[Cmdlet(VerbsCommon.Add, "VmCdrom", SupportsShouldProcess = true, DefaultParameterSetName = DefaultSet)]
[OutputType(typeof(Vm))]
public sealed class AddVmCdromCommand : VmActionCmdlet
{
    /// <summary>A local ISO, which is uploaded once, or one on a datastore: <c>[datastore] dir/file.iso</c>.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("iso_path")]
    public string? IsoPath { get; set; }

    /// <summary>Use the host's physical drive; with a name, that one.</summary>
    [Parameter]
    [AllowEmptyString]
    public string? HostDevice { get; set; }

    /// <summary>Ide or Sata; by default what the guest wants.</summary>
    [Parameter]
    public CdromBus? Bus { get; set; }

    /// <inheritdoc/>
    protected override async Task ActAsync(Vm vm, CancellationToken cancellationToken)
    {
        CdromMedium medium = await OnPipelineThreadAsync(cmdlet => IsoPaths.Medium(cmdlet, IsoPath, HostDevice));
        if (!await ShouldProcessAsync($"{vm} on {vm.Server}", $"Add a CD-ROM drive ({IsoPaths.Describe(medium)})"))
            return;
        await vm.Session.AddCdromAsync(vm, medium, Bus, Progress, cancellationToken);
        await vm.RefreshAsync(cancellationToken);
        WriteObject(vm);
    }
}
