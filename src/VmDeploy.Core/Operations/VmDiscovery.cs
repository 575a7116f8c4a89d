namespace VmDeploy;

/// <summary>What a host or a pool has.</summary>
public abstract class VmDiscovery
{
    /// <summary>All datastores (SRs), by name.</summary>
    public abstract Task<IReadOnlyList<VmDatastore>> GetDatastoresAsync(CancellationToken cancellationToken);

    /// <summary>All networks, by name.</summary>
    public abstract Task<IReadOnlyList<VmNetwork>> GetNetworksAsync(CancellationToken cancellationToken);

    /// <summary>All hosts, by name.</summary>
    public abstract Task<IReadOnlyList<VmHypervisor>> GetHypervisorsAsync(CancellationToken cancellationToken);

    /// <summary>All templates, by name; empty on a standalone ESXi host.</summary>
    public abstract Task<IReadOnlyList<VmTemplate>> GetTemplatesAsync(CancellationToken cancellationToken);

    /// <summary>All places of some kinds, by kind and path. XenServer has its hosts and its pool only, a standalone host neither clusters nor folders.</summary>
    public abstract Task<IReadOnlyList<VmPlace>> GetPlacesAsync(IReadOnlyCollection<VmPlaceKind> kinds, CancellationToken cancellationToken);
}
