namespace VmDeploy.Vsphere;

/// <summary>Finds the datacenter of a request. A host, folder, resource pool or datastore that only one datacenter has determines it too.</summary>
internal static class DatacenterChoice
{
    /// <summary>Finds it.</summary>
    /// <param name="inventory">Everything.</param>
    /// <param name="request">The request.</param>
    /// <param name="own">The datacenter of the source of a copy, which stays there if nothing is against it; null for none.</param>
    public static ObjectContent Find(Inventory inventory, DeploymentRequest request, ObjectContent? own)
    {
        var all = inventory.Datacenters.ToList();
        if (request.Datacenter is not null || all.Count < 2)
            return Named(inventory, all, request.Datacenter);
        var possible = all;
        foreach (var clue in Clues(inventory, request))
        {
            var owners = all.Where(center => clue.IsIn(center)).ToList();
            if (owners.Count == 0)
                throw Placement.Missing(clue.Missing, clue.What, clue.Name, "in any datacenter", all.SelectMany(clue.NamesIn));
            possible = possible.Intersect(owners).ToList();
        }
        if (own is not null && possible.Contains(own))
            return own;
        return possible.Count switch
        {
            1 => possible[0],
            0 => throw new VmDeployException(ErrorCodes.DatacenterNotFound,
                $"No datacenter has all of these: {string.Join(", ", Clues(inventory, request).Select(clue => $"{clue.What} '{clue.Name}'"))}."),
            _ => throw Placement.Ambiguous("datacenter", "on this server", possible.Select(inventory.DatacenterPath)),
        };
    }

    /// <summary>The datacenter of that name or path; with no name, the only one.</summary>
    public static ObjectContent Named(Inventory inventory, IReadOnlyList<ObjectContent> all, string? name)
    {
        const string where = "on this server";
        if (name is null)
            return Placement.Choose(all, null, "datacenter", where, ErrorCodes.DatacenterNotFound);
        var path = name.Trim('/');
        var found = all.Where(center => Placement.Same(inventory.DatacenterPath(center), path)).ToList();
        if (found.Count == 0)
            found = all.Where(center => Placement.Matches(center, path)).ToList();
        return found.Count switch
        {
            1 => found[0],
            0 => throw Placement.Missing(ErrorCodes.DatacenterNotFound, "datacenter", name, where, all.Select(inventory.DatacenterPath)),
            _ => throw Placement.Ambiguous($"datacenter '{path}'", where, found.Select(inventory.DatacenterPath)),
        };
    }

    private static IEnumerable<Clue> Clues(Inventory inventory, DeploymentRequest request)
    {
        if (request.HostName is { } host)
        {
            yield return new Clue("host", host, ErrorCodes.HostNotFound,
                center => Placement.Runners(inventory, center).Any(r => Placement.Matches(r.Runner, host)),
                center => Placement.Runners(inventory, center).Select(r => Inventory.NameOf(r.Runner)));
        }
        if (request.ResourcePool is { } pool)
        {
            yield return new Clue("resource pool", pool, ErrorCodes.ResourcePoolNotFound,
                center => Computes(inventory, center).Any(c => Placement.FindPools(inventory, c, pool).Count > 0),
                center => Placement.PoolPaths(inventory, Computes(inventory, center)));
        }
        if (request.Folder is { Length: > 0 } folder)
        {
            yield return new Clue("VM folder", folder, ErrorCodes.FolderNotFound,
                center => Placement.FindFolders(inventory, center, folder).Count > 0,
                center => Placement.Folders(inventory, center).Select(f => inventory.PathBelow(f, center.Reference("vmFolder")!.Value)));
        }
        if (request.Datastore is { } datastore)
        {
            yield return new Clue("datastore", datastore, ErrorCodes.DatastoreNotFound,
                center => Stores(inventory, center).Any(d => Placement.Matches(d, datastore)),
                center => Stores(inventory, center).Select(Inventory.NameOf));
        }
    }

    private static IEnumerable<ObjectContent> Computes(Inventory inventory, ObjectContent center) =>
        inventory.ComputeResources.Where(c => inventory.IsUnder(c, center.Object));

    private static IEnumerable<ObjectContent> Stores(Inventory inventory, ObjectContent center) =>
        inventory.Datastores.Concat(inventory.StoragePods).Where(d => inventory.IsUnder(d, center.Object));

    /// <summary>A name in the request that can determine the datacenter.</summary>
    /// <param name="What">Its kind, for messages.</param>
    /// <param name="Name">The name.</param>
    /// <param name="Missing">The error if no datacenter has it.</param>
    /// <param name="IsIn">Whether a datacenter has it.</param>
    /// <param name="NamesIn">The valid names of a datacenter.</param>
    private sealed record Clue(
        string What, string Name, ErrorCode Missing, Func<ObjectContent, bool> IsIn, Func<ObjectContent, IEnumerable<string>> NamesIn);
}
