namespace VmDeploy.Vsphere;

/// <summary>Where a VM goes, resolved. A name that does not exist is refused with those that do.</summary>
internal sealed class Placement(
    ObjectContent datacenter, ObjectContent compute, ObjectContent? host, ObjectContent pool, DatastoreChoice datastore, MoRef folder,
    IReadOnlyList<ObjectContent> networks, Inventory inventory)
{
    public ObjectContent Datacenter { get; } = datacenter;

    /// <summary>The host's compute resource, or the cluster.</summary>
    public ObjectContent Compute { get; } = compute;

    /// <summary>The host; null if the cluster chooses.</summary>
    public ObjectContent? Host { get; } = host;

    private DatastoreChoice Choice { get; } = datastore;

    public MoRef ResourcePool { get; } = pool.Object;
    public ObjectContent Datastore => Choice.Datastore;

    /// <summary>The datastore cluster that the request names; null if it names a datastore.</summary>
    public ObjectContent? Pod => Choice.Pod;

    public MoRef Folder { get; } = folder;
    public IReadOnlyList<ObjectContent> Networks { get; } = networks;

    /// <summary>Of a copy: its disks go to <see cref="Datastore"/>; otherwise each stays on the datastore of its original.</summary>
    public bool MovesDisks { get; private init; }

    /// <summary>Of a copy: it goes to another datacenter than its source.</summary>
    public bool LeavesDatacenter { get; private init; }

    public string HostName => Inventory.NameOf(Host ?? Compute);

    public static Placement Resolve(Inventory inventory, DeploymentRequest request) =>
        Resolve(inventory, request, DatacenterChoice.Find(inventory, request, own: null));

    private static Placement Resolve(Inventory inventory, DeploymentRequest request, ObjectContent datacenter)
    {
        (var compute, var host) = FindCompute(inventory, datacenter, request);
        var runner = host ?? compute;
        return new Placement(datacenter, compute, host,
            FindPool(inventory, compute, request.ResourcePool),
            DatastoreChoice.Find(inventory, Reachable(inventory, runner), request.Datastore, $"on {Inventory.NameOf(runner)}"),
            FindFolder(inventory, datacenter, request.Folder),
            inventory.Resolve(runner.References("network")), inventory);
    }

    /// <summary>The same on another member of the datastore cluster; null if it can't be used from the host.</summary>
    /// <param name="datastore">The member.</param>
    /// <param name="reason">Why this one, for -WhatIf.</param>
    public Placement? On(MoRef datastore, string reason) =>
        Reachable(inventory, Host ?? Compute).Find(d => d.Object == datastore) is not { } member ? null
            : new Placement(Datacenter, Compute, Host, inventory[ResourcePool]!, Choice with { Datastore = member, Reason = reason }, Folder, Networks, inventory)
            {
                MovesDisks = MovesDisks,
                LeavesDatacenter = LeavesDatacenter,
            };

    private static List<ObjectContent> Reachable(Inventory inventory, ObjectContent runner) =>
        [.. inventory.Resolve(runner.References("datastore")).Where(d => d.Text("summary.accessible") != "false")];

    public VmSummary Summarize() => new()
    {
        Datastore = Inventory.NameOf(Datastore),
        DatastoreCluster = Choice.Reason,
        Datacenter = inventory.Datacenters.Skip(1).Any() ? inventory.DatacenterPath(Datacenter) : null,
        Host = HostName,
        Folder = inventory[Folder] is { } folder ? inventory.PathBelow(folder, Datacenter.Reference("vmFolder")!.Value) : null,
        ResourcePool = inventory.PoolPath(inventory[ResourcePool]!),
    };

    /// <summary>The placement of a copy: that of its source, except for what the request names.</summary>
    public static Placement OfCopy(Inventory inventory, CloneSource source, DeploymentRequest request)
    {
        var host = inventory[source.Content.Reference("runtime.host")];
        var folder = inventory[source.Content.Reference("parent")];
        var own = folder is null ? null : inventory.DatacenterOf(folder);
        var datacenter = DatacenterChoice.Find(inventory, request, own);
        var leaves = datacenter != own;
        var moves = request.HostName is not null || request.ResourcePool is not null || leaves;
        var found = Resolve(inventory, request with
        {
            HostName = request.HostName ?? (moves || host is null ? null : Inventory.NameOf(host)),
            Datastore = request.Datastore ?? (leaves ? null : DatastorePath.Parse(source.VmxPath).Datastore),
        }, datacenter);
        return new Placement(found.Datacenter, found.Compute, found.Host,
            !moves && inventory[source.Content.Reference("resourcePool")] is { } pool ? pool : inventory[found.ResourcePool]!,
            found.Choice,
            request.Folder is null && !leaves && folder is not null ? folder.Object : found.Folder,
            found.Networks, inventory)
        {
            MovesDisks = request.Datastore is not null || leaves,
            LeavesDatacenter = leaves,
        };
    }

    private static (ObjectContent Compute, ObjectContent? Host) FindCompute(
        Inventory inventory, ObjectContent datacenter, DeploymentRequest request)
    {
        var runners = Runners(inventory, datacenter).ToList();
        var where = $"in datacenter '{Inventory.NameOf(datacenter)}'";
        if (request.HostName is null)
        {
            // A pool's owner, the only cluster or the only host is used; between several the user must choose.
            var computes = runners.Select(r => r.Compute).Distinct().ToList();
            if (request.ResourcePool is { } pool)
                computes = computes.Where(c => FindPools(inventory, c, pool).Count > 0).ToList();
            if (computes.Count == 0 && request.ResourcePool is not null)
                throw Missing(ErrorCodes.ResourcePoolNotFound, "resource pool", request.ResourcePool, where, PoolPaths(inventory, runners.Select(r => r.Compute)));
            var compute = Choose(computes, null, "host or cluster", where, ErrorCodes.HostNotFound);
            var hosts = inventory.Resolve(compute.References("host")).ToList();
            return (compute, hosts.Count == 1 ? Usable(hosts[0]) : null);
        }
        (var runner, var owner) = runners.FirstOrDefault(r => Matches(r.Runner, request.HostName));
        if (runner is null)
            throw Missing(ErrorCodes.HostNotFound, "host", request.HostName, where, runners.Select(r => Inventory.NameOf(r.Runner)));
        return runner.Object.Type == "HostSystem" ? (owner, Usable(runner)) : (owner, null);
    }

    // Hosts, and the clusters that hold several, each with its compute resource.
    internal static IEnumerable<(ObjectContent Runner, ObjectContent Compute)> Runners(Inventory inventory, ObjectContent datacenter)
    {
        foreach (var compute in inventory.ComputeResources.Where(c => inventory.IsUnder(c, datacenter.Object)))
        {
            foreach (var host in inventory.Resolve(compute.References("host")))
                yield return (host, compute);
            if (compute.Object.Type == "ClusterComputeResource")
                yield return (compute, compute);
        }
    }

    private static ObjectContent Usable(ObjectContent host)
    {
        var name = Inventory.NameOf(host);
        if (host.Text("runtime.connectionState") is { } state && state != "connected")
            throw new VmDeployException(ErrorCodes.HostNotUsable, $"Host '{name}' is {state}.", name);
        return host.Text("runtime.inMaintenanceMode") == "true"
            ? throw new VmDeployException(ErrorCodes.HostNotUsable, $"Host '{name}' is in maintenance mode.", name)
            : host;
    }

    private static ObjectContent FindPool(Inventory inventory, ObjectContent compute, string? name)
    {
        var where = $"on '{Inventory.NameOf(compute)}'";
        if (name is null)
        {
            return inventory[compute.Reference("resourcePool")]
                ?? throw Missing(ErrorCodes.ResourcePoolNotFound, "resource pool", "Resources", where, []);
        }
        var found = FindPools(inventory, compute, name);
        return found.Count switch
        {
            1 => found[0],
            0 => throw Missing(ErrorCodes.ResourcePoolNotFound, "resource pool", name, where, PoolPaths(inventory, [compute])),
            _ => throw Ambiguous("resource pool", "by that name", found.Select(inventory.PoolPath)),
        };
    }

    // A path below the root pool takes precedence over a name anywhere.
    internal static List<ObjectContent> FindPools(Inventory inventory, ObjectContent compute, string name)
    {
        var path = name.Trim('/');
        var pools = inventory.ResourcePools.Where(p => p.Reference("owner") == compute.Object).ToList();
        // The path of the root pool is empty; a user gives its name.
        var exact = pools.Where(p => path.Length > 0 && Same(inventory.PoolPath(p), path)).ToList();
        return exact.Count > 0 ? exact : pools.Where(p => Matches(p, path)).ToList();
    }

    internal static IEnumerable<string> PoolPaths(Inventory inventory, IEnumerable<ObjectContent> computes)
    {
        HashSet<MoRef?> owners = [.. computes.Select(c => (MoRef?)c.Object)];
        return inventory.ResourcePools.Where(p => owners.Contains(p.Reference("owner")))
            .Select(p => inventory.PoolPath(p) is { Length: > 0 } path ? path : Inventory.NameOf(p));
    }

    private static MoRef FindFolder(Inventory inventory, ObjectContent datacenter, string? name)
    {
        var root = datacenter.Reference("vmFolder")!.Value;
        if (string.IsNullOrEmpty(name))
            return root;
        var found = FindFolders(inventory, datacenter, name!);
        return found.Count switch
        {
            1 => found[0].Object,
            0 => throw Missing(ErrorCodes.FolderNotFound, "VM folder", name!,
                $"in datacenter '{Inventory.NameOf(datacenter)}'", Folders(inventory, datacenter).Select(f => inventory.PathBelow(f, root))),
            _ => throw Ambiguous("folder", $"with the name '{name!.Trim('/')}'", found.Select(f => inventory.PathBelow(f, root))),
        };
    }

    // The VM folders of a datacenter.
    internal static IReadOnlyList<ObjectContent> Folders(Inventory inventory, ObjectContent datacenter)
    {
        var root = datacenter.Reference("vmFolder")!.Value;
        return inventory.Folders.Where(f => f.Object != root && inventory.IsUnder(f, root)).ToList();
    }

    // A path below the VM folder takes precedence over a name anywhere.
    internal static IReadOnlyList<ObjectContent> FindFolders(Inventory inventory, ObjectContent datacenter, string name)
    {
        var root = datacenter.Reference("vmFolder")!.Value;
        var folders = Folders(inventory, datacenter);
        var path = name.Trim('/');
        return folders.FirstOrDefault(f => Same(inventory.PathBelow(f, root), path)) is { } exact ? [exact] : folders.Where(f => Matches(f, path)).ToList();
    }

    internal static ObjectContent Choose(IReadOnlyList<ObjectContent> items, string? name, string what, string where, ErrorCode missing)
    {
        if (name is not null)
        {
            return items.FirstOrDefault(i => Inventory.NameOf(i) == name) ?? items.FirstOrDefault(i => Matches(i, name))
                ?? throw Missing(missing, what, name, where, items.Select(Inventory.NameOf));
        }
        return items.Count switch
        {
            1 => items[0],
            0 => throw new VmDeployException(missing, $"No {what} found {where}."),
            _ => throw Ambiguous(what, where, items.Select(Inventory.NameOf)),
        };
    }

    internal static bool Matches(ObjectContent item, string name) => Same(Inventory.NameOf(item), name);

    internal static bool Same(string a, string b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);

    internal static VmDeployException Missing(ErrorCode code, string what, string name, string where, IEnumerable<string> valid) =>
        new(code, $"{char.ToUpperInvariant(what[0])}{what.Substring(1)} '{name}' not found {where}. {Names.Available(valid)}", name);

    internal static VmDeployException Ambiguous(string what, string where, IEnumerable<string> valid, ErrorHint? hint = null) =>
        new(ErrorCodes.AmbiguousPlacement, $"More than one {what} found {where}. {Names.Available(valid)}", what, hint: hint);
}
