namespace VmDeploy.PowerShell;

/// <summary>A cmdlet that acts on disks: those piped in, or those of VMs.</summary>
public abstract class DiskActionCmdlet : DeviceActionCmdlet<VmDisk>
{
    /// <summary>The disks, from Get-VmDisk; or VMs, or their names.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Vm")]
    [ArgumentCompleter(typeof(VmNameCompleter))]
    public DiskOrVm[] Disk { get; set; } = [];

    /// <summary>Labels of the disks, with wildcards, where VMs with several are given.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [HostObjectName(typeof(VmDisk), List = true)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(DiskLabelCompleter))]
    public string[]? Label { get; set; }

    private protected sealed override IReadOnlyList<DeviceOrVm<VmDisk>> GivenParts => Disk;

    private protected sealed override string[]? Labels => Label;

    private protected sealed override DeviceKind<VmDisk> Kind => DeviceKinds.Disk;
}
