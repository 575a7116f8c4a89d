namespace VmDeploy.Vsphere;

/// <summary>The places of an inventory.</summary>
internal static class VspherePlaces
{
    public static IReadOnlyList<VmPlace> Find(VsphereSession session, Inventory inventory, IReadOnlyCollection<VmPlaceKind> kinds) =>
        kinds.Distinct().OrderBy(kind => kind).SelectMany(kind => Of(inventory, kind)
            .Select(found => new VmPlace(session, kind, found.Item.Object.Value, found.Path, found.Parent)
            {
                Datacenter = kind == VmPlaceKind.Datacenter ? found.Path : CenterOf(inventory, inventory[found.Item.Reference("owner")] ?? found.Item),
            })
            .OrderBy(place => place.Path, StringComparer.OrdinalIgnoreCase)).ToList();

    private static IEnumerable<(ObjectContent Item, string Path, string Parent)> Of(Inventory inventory, VmPlaceKind kind) => kind switch
    {
        VmPlaceKind.Datacenter => inventory.Datacenters.Select(d => (d, inventory.DatacenterPath(d), "")),
        VmPlaceKind.Folder =>
            from center in inventory.Datacenters
            from folder in Placement.Folders(inventory, center)
            select (folder, inventory.PathBelow(folder, center.Reference("vmFolder")!.Value), inventory.DatacenterPath(center)),
        VmPlaceKind.Cluster => inventory.ComputeResources.Where(IsCluster).Select(c => (c, Inventory.NameOf(c), CenterOf(inventory, c))),
        VmPlaceKind.Host => inventory.Hosts.Select(h => (h, Inventory.NameOf(h),
            inventory[h.Reference("parent")] is { } owner && IsCluster(owner) ? Inventory.NameOf(owner) : CenterOf(inventory, h))),
        VmPlaceKind.DatastoreCluster => inventory.StoragePods.Select(p => (p, Inventory.NameOf(p), CenterOf(inventory, p))),
        _ =>
            from pool in inventory.ResourcePools
            let owner = inventory[pool.Reference("owner")]
            where owner is not null
            select (pool, inventory.PoolPath(pool) is { Length: > 0 } path ? path : Inventory.NameOf(pool), Inventory.NameOf(owner)),
    };

    private static bool IsCluster(ObjectContent compute) => compute.Object.Type == "ClusterComputeResource";

    private static string CenterOf(Inventory inventory, ObjectContent item) =>
        inventory.DatacenterOf(item) is { } center ? inventory.DatacenterPath(center) : "";
}
