namespace VmDeploy.PowerShell;

/// <summary>A cmdlet that acts on CD-ROM drives: those piped in, or those of VMs.</summary>
public abstract class CdromActionCmdlet : DeviceActionCmdlet<VmCdrom>
{
    /// <summary>The drives, from Get-VmCdrom; or VMs, or their names.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Vm")]
    [ArgumentCompleter(typeof(VmNameCompleter))]
    public CdromOrVm[] Cdrom { get; set; } = [];

    /// <summary>Labels of the drives, with wildcards, where VMs with several are given.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [HostObjectName(typeof(VmCdrom), List = true)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(CdromLabelCompleter))]
    public string[]? Label { get; set; }

    private protected sealed override IReadOnlyList<DeviceOrVm<VmCdrom>> GivenParts => Cdrom;

    private protected sealed override string[]? Labels => Label;

    private protected sealed override DeviceKind<VmCdrom> Kind => DeviceKinds.Cdrom;
}
