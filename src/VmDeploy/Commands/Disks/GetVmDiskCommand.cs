namespace VmDeploy.PowerShell;

/// <summary>Lists the disks of VMs.</summary>
[Cmdlet(VerbsCommon.Get, "VmDisk", DefaultParameterSetName = ByVm)]
[OutputType(typeof(VmDisk))]
public sealed class GetVmDiskCommand : GetDeviceCmdlet<VmDisk>
{
    /// <summary>Labels of the disks, with wildcards.</summary>
    [Parameter]
    [HostObjectName(typeof(VmDisk), List = true)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(DiskLabelCompleter))]
    public string[]? Label { get; set; }

    private protected override string[]? Labels => Label;

    private protected override DeviceKind<VmDisk> Kind => DeviceKinds.Disk;
}
