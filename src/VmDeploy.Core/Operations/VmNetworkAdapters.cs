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

    /// <summary>Refuses an address that another adapter of the VM has.</summary>
    /// <param name="vm">The VM.</param>
    /// <param name="address">The address; null or empty if the host chooses.</param>
    /// <param name="others">The other adapters of the VM.</param>
    /// <exception cref="VmDeployException"><c>MacAddressInvalid</c>.</exception>
    private protected static void CheckAddress(Vm vm, string? address, IEnumerable<(string Adapter, string Address)> others)
    {
        if (string.IsNullOrEmpty(address))
            return;
        if (others.FirstOrDefault(other => string.Equals(other.Address, address, StringComparison.OrdinalIgnoreCase)) is { Adapter: { } adapter })
            throw new VmDeployException(ErrorCodes.MacAddressInvalid, $"{adapter} of {vm.Name} already has the MAC address {address}.", address);
    }

    internal static VmDeployException NotFound(VmNetworkAdapter adapter, Exception? cause = null) => new(ErrorCodes.NetworkAdapterNotFound,
        $"{adapter.Label} of {adapter.Vm.Name} does not exist (any more).", adapter.Label, cause);
}
