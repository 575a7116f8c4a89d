namespace VmDeploy;

/// <summary>A place in the inventory for VMs or their disks.</summary>
/// <param name="Session">The session that it was read through.</param>
/// <param name="PlaceKind">The kind of place.</param>
/// <param name="Id">The hypervisor's id.</param>
/// <param name="Path">
/// The form that a request uses: a datacenter's path below the root, a folder's path below the datacenter's VM folder, a pool's
/// path below its host or cluster; the name of anything else.
/// </param>
/// <param name="Parent">
/// The host or cluster of a resource pool, the cluster (pool on XenServer) of a host that is in one, the datacenter of anything
/// else; empty for a datacenter and on XenServer.
/// </param>
public sealed record VmPlace(VmSession Session, VmPlaceKind PlaceKind, string Id, string Path, string Parent)
{
    internal VmPlaceKind PlaceKind { get; init; } = PlaceKind;

    /// <summary>The kind of place, for example Folder (<see cref="VmPlaceKind"/>).</summary>
    public string Kind => PlaceKind.ToString();

    /// <summary>The last part of the path.</summary>
    public string Name => Path.Substring(Path.LastIndexOf('/') + 1);

    /// <summary>The path of its datacenter; its own for a datacenter, empty on XenServer.</summary>
    public string Datacenter { get; init; } = "";

    /// <summary>The address of its host, for tables that mix sessions.</summary>
    public string Server => Session.Server;

    /// <inheritdoc/>
    public override string ToString() => Path;
}

/// <summary>Kinds of places.</summary>
public enum VmPlaceKind
{
    /// <summary>A datacenter.</summary>
    Datacenter,

    /// <summary>A folder for VMs.</summary>
    Folder,

    /// <summary>A cluster; the pool on XenServer.</summary>
    Cluster,

    /// <summary>A host.</summary>
    Host,

    /// <summary>A resource pool.</summary>
    ResourcePool,

    /// <summary>A datastore cluster.</summary>
    DatastoreCluster,
}
