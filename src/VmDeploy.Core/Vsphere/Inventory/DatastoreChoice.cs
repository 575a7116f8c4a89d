namespace VmDeploy.Vsphere;

/// <summary>The datastore of a request. A datastore cluster stands for one of its members.</summary>
/// <param name="Datastore">The datastore.</param>
/// <param name="Pod">The datastore cluster that was named; null if the datastore itself was.</param>
/// <param name="Reason">Why this member of the cluster, for -WhatIf.</param>
internal sealed record DatastoreChoice(ObjectContent Datastore, ObjectContent? Pod = null, string? Reason = null)
{
    /// <summary>The datastore or datastore cluster of that name; with no name, the only datastore.</summary>
    /// <param name="inventory">Everything.</param>
    /// <param name="datastores">Those that are possible.</param>
    /// <param name="name">What was asked for.</param>
    /// <param name="where">For messages.</param>
    public static DatastoreChoice Find(Inventory inventory, IReadOnlyList<ObjectContent> datastores, string? name, string where)
    {
        var pods = inventory.StoragePods.Where(pod => Members(inventory, pod, datastores).Any()).ToList();
        if (name is not null && !datastores.Any(d => Placement.Matches(d, name)))
        {
            if (pods.Find(pod => Placement.Matches(pod, name)) is { } pod)
                return Roomiest(inventory, pod, datastores);
            throw Placement.Missing(ErrorCodes.DatastoreNotFound, "datastore", name, where, datastores.Concat(pods).Select(Inventory.NameOf));
        }
        return new DatastoreChoice(Placement.Choose(datastores, name, "datastore", where, ErrorCodes.DatastoreNotFound));
    }

    private static DatastoreChoice Roomiest(Inventory inventory, ObjectContent pod, IReadOnlyList<ObjectContent> datastores)
    {
        var name = Inventory.NameOf(pod);
        var member = Members(inventory, pod, datastores).Where(d => d.Text("summary.maintenanceMode") is null or "normal")
            .OrderByDescending(d => VmProperties.Number(d.Text("summary.freeSpace"))).FirstOrDefault()
            ?? throw new VmDeployException(ErrorCodes.DatastoreNotFound, $"All datastores of datastore cluster '{name}' are in maintenance mode.", name);
        return new DatastoreChoice(member, pod, $"the member of datastore cluster '{name}' with the most free space");
    }

    private static IEnumerable<ObjectContent> Members(Inventory inventory, ObjectContent pod, IReadOnlyList<ObjectContent> datastores) =>
        datastores.Where(d => inventory.IsUnder(d, pod.Object));
}
