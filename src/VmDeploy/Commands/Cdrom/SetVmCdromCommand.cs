namespace VmDeploy.PowerShell;

/// <summary>Inserts a medium into CD-ROM drives, or ejects it.</summary>
[Cmdlet(VerbsCommon.Set, "VmCdrom", SupportsShouldProcess = true, DefaultParameterSetName = "Iso")]
[OutputType(typeof(VmCdrom))]
public sealed class SetVmCdromCommand : CdromActionCmdlet
{
    private CdromMedium _medium = CdromMedium.Empty;

    /// <summary>A local ISO, which is uploaded once, or one on a datastore: <c>[datastore] dir/file.iso</c>.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = "Iso")]
    [Alias("iso_path")]
    [ValidateNotNullOrEmpty]
    [IsoFile]
    [ArgumentCompleter(typeof(IsoPathCompleter))]
    public string? IsoPath { get; set; }

    /// <summary>The host's physical drive; empty for its first.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "HostDevice")]
    [PlainText]
    [AllowEmptyString]
    public string? HostDevice { get; set; }

    /// <summary>Eject the medium.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Eject")]
    [Alias("NoMedia")]
    public SwitchParameter Eject { get; set; }

    /// <summary>Eject the current medium even if the guest has locked the drive.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override async Task PrepareAsync() =>
        _medium = await OnPipelineThreadAsync(cmdlet => IsoPaths.Medium(cmdlet, IsoPath, HostDevice));

    /// <inheritdoc/>
    protected override async Task ActAsync(VmCdrom device, CancellationToken cancellationToken)
    {
        var plan = await device.Vm.Session.Cdroms.PlanSetAsync(device, _medium, Force, cancellationToken);
        var action = plan.ChangesNothing ? plan.DescribeAs("Eject") : _medium.MediumKind == CdromMediumKind.Empty ? "Eject" : $"Insert {plan.Description}";
        if (await ShouldProcessAsync(Describe(device), action))
            WriteObject(await plan.RunAsync(Progress, cancellationToken));
    }
}
