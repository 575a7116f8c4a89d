namespace VmDeploy.PowerShell;

/// <summary>Lists the CD-ROM drives of VMs.</summary>
[Cmdlet(VerbsCommon.Get, "VmCdrom", DefaultParameterSetName = ByVm)]
[OutputType(typeof(VmCdrom))]
public sealed class GetVmCdromCommand : GetDeviceCmdlet<VmCdrom>
{
    /// <summary>Labels of the drives, with wildcards.</summary>
    [Parameter]
    [HostObjectName(typeof(VmCdrom), List = true)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(CdromLabelCompleter))]
    public string[]? Label { get; set; }

    private protected override string[]? Labels => Label;

    private protected override DeviceKind<VmCdrom> Kind => DeviceKinds.Cdrom;
}
