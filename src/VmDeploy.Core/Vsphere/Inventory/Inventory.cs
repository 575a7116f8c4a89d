namespace VmDeploy.Vsphere;

/// <summary>
/// Everything that placement needs to know of a host or vCenter, read at once: datacenters, hosts, pools, folders,
/// datastores, networks. VMs are not in it.
/// </summary>
internal sealed class Inventory
{
    private static readonly PropertySet[] s_sets =
    [
        new("Datacenter", "name", "parent", "vmFolder"),
        new("ComputeResource", "name", "parent", "resourcePool", "host", "datastore", "network"),
        new("HostSystem", "name", "parent", "datastore", "network", "runtime.connectionState", "runtime.inMaintenanceMode"),
        new("ResourcePool", "name", "parent", "owner"),
        new("Folder", "name", "parent"),
        new("Datastore", "name", "parent", "summary.accessible", "summary.freeSpace", "summary.maintenanceMode", "browser", "capability.topLevelDirectoryCreateSupported"),
        .. Networks("name"),
    ];

    private const string Switch = "DistributedVirtualSwitch";
    private const string UplinkGroups = "config.uplinkPortgroup";

    private readonly Dictionary<MoRef, ObjectContent> _objects;

    private Inventory(IEnumerable<ObjectContent> objects) => _objects = objects.ToDictionary(o => o.Object);

    public static async Task<Inventory> ReadAsync(PropertyReader properties, CancellationToken cancellationToken) =>
        new(WithoutUplinks(await properties.SelectAllAsync(s_sets, page => page, cancellationToken)));

    public IEnumerable<ObjectContent> Datacenters => Of("Datacenter");
    public IEnumerable<ObjectContent> Hosts => Of("HostSystem");
    public IEnumerable<ObjectContent> ComputeResources => Of("ComputeResource", "ClusterComputeResource");
    public IEnumerable<ObjectContent> ResourcePools => Of("ResourcePool");
    public IEnumerable<ObjectContent> Folders => Of("Folder");
    // They derive from folders, and are read with them.
    public IEnumerable<ObjectContent> StoragePods => Of("StoragePod");

    public IEnumerable<ObjectContent> Datastores => Of("Datastore");

    public ObjectContent? this[MoRef? reference] => reference is { } r && _objects.TryGetValue(r, out var content) ? content : null;

    /// <summary>The known objects; a host may still list a datastore or network that no longer exists.</summary>
    public IReadOnlyList<ObjectContent> Resolve(IEnumerable<MoRef> references) =>
        references.Distinct().Select(r => this[r]).OfType<ObjectContent>().ToList();

    public bool IsUnder(ObjectContent item, MoRef ancestor)
    {
        for (var at = item; at is not null; at = this[at.Reference("parent")])
        {
            if (at.Object == ancestor)
                return true;
        }
        return false;
    }

    /// <summary>The path of a folder or pool below an ancestor, with slashes; empty for the ancestor itself.</summary>
    public string PathBelow(ObjectContent item, MoRef ancestor)
    {
        var names = new Stack<string>();
        for (var at = item; at is not null && at.Object != ancestor; at = this[at.Reference("parent")])
            names.Push(NameOf(at));
        return string.Join("/", names);
    }

    /// <summary>The path of a datacenter below the root folder, in the form that a request takes.</summary>
    public string DatacenterPath(ObjectContent datacenter) => PathBelow(datacenter, default);

    /// <summary>The datacenter that contains an object; null for none.</summary>
    public ObjectContent? DatacenterOf(ObjectContent item) => Datacenters.FirstOrDefault(center => IsUnder(item, center.Object));

    /// <summary>The path of a resource pool below the root pool of its host or cluster; empty for the root pool.</summary>
    public string PoolPath(ObjectContent pool) =>
        this[pool.Reference("owner")]?.Reference("resourcePool") is { } root ? PathBelow(pool, root) : NameOf(pool);

    /// <summary>The path from the root with names as the host writes them, which is how its file service knows a datacenter.</summary>
    public string InventoryPath(ObjectContent item)
    {
        var names = new Stack<string>();
        for (var at = item; at is not null; at = this[at.Reference("parent")])
            names.Push(at.Text("name") ?? "");
        return string.Join("/", names);
    }

    /// <summary>The display name; vSphere escapes slash, backslash and percent in names.</summary>
    public static string NameOf(ObjectContent item) => Unescape(item.Text("name") ?? "");

    public static string Unescape(string name) => name
        .Replace("%2f", "/").Replace("%2F", "/").Replace("%5c", "\\").Replace("%5C", "\\").Replace("%25", "%");

    public static string Escape(string name) => name.Replace("%", "%25");

    /// <summary>What must be read of networks, beside their own properties, for <see cref="WithoutUplinks"/>.</summary>
    public static IEnumerable<PropertySet> Networks(params string[] properties) =>
        [new PropertySet("Network", [.. properties, "tag"]), new PropertySet(Switch, UplinkGroups)];

    /// <summary>
    /// Leaves out the uplink port groups of distributed switches, which no adapter can be connected to, and the switches. A vCenter
    /// tags them, and the switch lists them; accounts without read right on the switch see the tag only. (Hosts before 7.0 don't have the
    /// port group's own <c>config.uplink</c>.)
    /// </summary>
    public static IEnumerable<ObjectContent> WithoutUplinks(IReadOnlyCollection<ObjectContent> objects)
    {
        HashSet<MoRef> uplinks = [.. objects.SelectMany(o => o.References(UplinkGroups))];
        return objects.Where(o => !o.Object.Type.EndsWith(Switch, StringComparison.Ordinal) && !uplinks.Contains(o.Object)
            && o["tag"]?.Elements().Any(tag => tag.Value("key") == "SYSTEM/DVS.UPLINKPG") != true);
    }

    private IEnumerable<ObjectContent> Of(params string[] types) =>
        _objects.Values.Where(o => types.Contains(o.Object.Type)).OrderBy(NameOf, StringComparer.OrdinalIgnoreCase);
}
