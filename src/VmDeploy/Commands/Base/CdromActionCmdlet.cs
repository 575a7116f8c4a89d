namespace VmDeploy.PowerShell;

/// <summary>A cmdlet that acts on CD-ROM drives: those piped in, or the only drive of a VM.</summary>
public abstract class CdromActionCmdlet : DeviceActionCmdlet<VmCdrom>
{
    /// <summary>The drives, from Get-VmCdrom; or VMs with one drive, or their names.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [ArgumentCompleter(typeof(VmNameCompleter))]
    public CdromOrVm[] Cdrom { get; set; } = [];

    private protected sealed override IReadOnlyList<DeviceOrVm<VmCdrom>> Given => Cdrom;

    private protected sealed override (string Kind, ErrorCode Missing, ErrorCode Ambiguous) Words =>
        ("CD-ROM drive", ErrorCodes.CdromNotFound, ErrorCodes.AmbiguousCdrom);

    private protected sealed override Task<IReadOnlyList<VmCdrom>> ReadAsync(Vm vm, CancellationToken cancellationToken) =>
        vm.Session.Cdroms.GetAsync(vm, cancellationToken);
}
