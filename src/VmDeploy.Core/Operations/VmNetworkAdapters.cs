namespace VmDeploy;

/// <summary>Adds, changes and removes the network adapters of VMs.</summary>
public abstract class VmNetworkAdapters
{
    /// <summary>Resolves the network and the place of a new adapter; changes nothing.</summary>
    public abstract Task<PlannedChange<VmNetworkAdapter>> PlanAddAsync(Vm vm, NewNetworkAdapter adapter, CancellationToken cancellationToken);

    /// <summary>Resolves a change of an adapter; changes nothing.</summary>
    public abstract Task<PlannedChange<VmNetworkAdapter>> PlanSetAsync(VmNetworkAdapter adapter, NetworkAdapterChange change, CancellationToken cancellationToken);

    /// <summary>Checks that an adapter can be removed; changes nothing. The change gives the VM as it is afterwards.</summary>
    public abstract Task<PlannedChange<Vm>> PlanRemoveAsync(VmNetworkAdapter adapter, CancellationToken cancellationToken);

    internal static VmDeployException NotFound(VmNetworkAdapter adapter, Exception? cause = null) => new(ErrorCodes.NetworkAdapterNotFound,
        $"{adapter.Label} of {adapter.Vm.Name} does not exist (any more).", adapter.Label, cause);
}
