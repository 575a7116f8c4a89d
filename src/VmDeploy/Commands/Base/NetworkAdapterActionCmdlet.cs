namespace VmDeploy.PowerShell;

/// <summary>A cmdlet that acts on network adapters: those piped in, or those of VMs.</summary>
public abstract class NetworkAdapterActionCmdlet : DeviceActionCmdlet<VmNetworkAdapter>
{
    /// <summary>The adapters, from Get-VmNetworkAdapter; or VMs, or their names.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Vm", "network_adapter")]
    [ArgumentCompleter(typeof(VmNameCompleter))]
    public NetworkAdapterOrVm[] NetworkAdapter { get; set; } = [];

    /// <summary>Labels of the adapters, with wildcards, where VMs with several are given.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [HostObjectName(typeof(VmNetworkAdapter), List = true)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(NetworkAdapterLabelCompleter))]
    public string[]? Label { get; set; }

    private protected sealed override IReadOnlyList<DeviceOrVm<VmNetworkAdapter>> GivenParts => NetworkAdapter;

    private protected sealed override string[]? Labels => Label;

    private protected sealed override DeviceKind<VmNetworkAdapter> Kind => DeviceKinds.NetworkAdapter;
}
