namespace VmDeploy.PowerShell;

/// <summary>Lists the network adapters of VMs.</summary>
[Cmdlet(VerbsCommon.Get, "VmNetworkAdapter", DefaultParameterSetName = ByVm)]
[OutputType(typeof(VmNetworkAdapter))]
public sealed class GetVmNetworkAdapterCommand : VmActionCmdlet
{
    /// <summary>Labels of the adapters, with wildcards.</summary>
    [Parameter]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(NetworkAdapterLabelCompleter))]
    public string[]? Label { get; set; }

    /// <inheritdoc/>
    protected override async Task ActAsync(Vm vm, CancellationToken cancellationToken)
    {
        await vm.RefreshAsync(cancellationToken);
        var all = vm.NetworkAdapters;
        foreach (var adapter in Label is null ? all : DeviceLabels.Choose(vm, all, Label, "network adapter", ErrorCodes.NetworkAdapterNotFound, WriteError))
            WriteObject(adapter);
    }
}
