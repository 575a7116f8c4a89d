namespace VmDeploy.PowerShell;

/// <summary>Adds a CD-ROM drive to VMs, with an ISO, the host's drive, or no medium.</summary>
[Cmdlet(VerbsCommon.Add, "VmCdrom", SupportsShouldProcess = true, DefaultParameterSetName = ByVm)]
[OutputType(typeof(Vm))]
public sealed class AddVmCdromCommand : VmActionCmdlet
{
    /// <summary>A local ISO, which is uploaded once, or one on a datastore: <c>[datastore] dir/file.iso</c>.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("iso_path")]
    [IsoFile]
    [ArgumentCompleter(typeof(IsoPathCompleter))]
    public string? IsoPath { get; set; }

    /// <summary>The host's physical drive; empty for its first. Not together with <see cref="IsoPath"/>.</summary>
    [Parameter]
    [PlainText]
    [AllowEmptyString]
    public string? HostDevice { get; set; }

    /// <summary>Ide or Sata; by default the bus that the guest needs.</summary>
    [Parameter]
    public CdromBus? Bus { get; set; }

    /// <inheritdoc/>
    protected override async Task ActAsync(Vm vm, CancellationToken cancellationToken)
    {
        // An empty cell of a CSV file is none; an empty variable must not add an empty drive.
        if (IsoPath is null && IsTyped(nameof(IsoPath)))
            throw new VmDeployException(ErrorCodes.PipelineValueInvalid, "The path for -IsoPath is empty.", vm);
        if (IsoPath is not null && HostDevice is not null)
            throw new VmDeployException(ErrorCodes.PipelineValueInvalid, $"A drive holds one medium: '{IsoPath}' or the drive of the host, not both.", vm);
        var medium = await OnPipelineThreadAsync(cmdlet => IsoPaths.Medium(cmdlet, IsoPath, HostDevice));
        var plan = await vm.Session.Cdroms.PlanAddAsync(vm, medium, Bus, cancellationToken);
        if (!await ShouldProcessAsync(Describe(vm), $"Add a CD-ROM drive ({plan.Description})"))
            return;
        await plan.RunAsync(Progress, cancellationToken);
        await vm.RefreshAsync(cancellationToken);
        WriteObject(vm);
    }
}
