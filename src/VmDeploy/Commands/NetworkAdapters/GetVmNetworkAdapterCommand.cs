namespace VmDeploy.PowerShell;

/// <summary>Lists the network adapters of VMs.</summary>
[Cmdlet(VerbsCommon.Get, "VmNetworkAdapter", DefaultParameterSetName = ByVm)]
[OutputType(typeof(VmNetworkAdapter))]
public sealed class GetVmNetworkAdapterCommand : GetDeviceCmdlet<VmNetworkAdapter>
{
    /// <summary>Labels of the adapters, with wildcards.</summary>
    [Parameter]
    [HostObjectName(typeof(VmNetworkAdapter), List = true)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(NetworkAdapterLabelCompleter))]
    public string[]? Label { get; set; }

    private protected override string[]? Labels => Label;

    private protected override DeviceKind<VmNetworkAdapter> Kind => DeviceKinds.NetworkAdapter;
}
