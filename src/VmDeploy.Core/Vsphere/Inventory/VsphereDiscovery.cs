namespace VmDeploy.Vsphere;

internal sealed class VsphereDiscovery(VsphereSession session) : VmDiscovery
{
    public override async Task<IReadOnlyList<VmDatastore>> GetDatastoresAsync(CancellationToken cancellationToken)
    {
        var found = await ReadAllAsync(new PropertySet("Datastore",
            "name", "parent", "summary.type", "summary.capacity", "summary.freeSpace", "summary.accessible"), cancellationToken);
        await LoadPlacesAsync(found, cancellationToken);
        return found.Select(d => new VmDatastore(session, d.Object.Value, Inventory.NameOf(d))
        {
            Datacenter = session.Names.PlaceOf(d.Reference("parent")).Datacenter,
            Folder = session.Names.PlaceOf(d.Reference("parent")).Folder,
            Type = d.Text("summary.type") ?? "",
            CapacityBytes = VmProperties.Number(d.Text("summary.capacity")),
            FreeBytes = VmProperties.Number(d.Text("summary.freeSpace")),
            IsAccessible = d.Text("summary.accessible") != "false",
        }).OrderBy(d => d.Name, StringComparer.OrdinalIgnoreCase).ToList();
    }

    public override async Task<IReadOnlyList<VmNetwork>> GetNetworksAsync(CancellationToken cancellationToken)
    {
        var found = Inventory.WithoutUplinks(await session.Properties.SelectAllAsync([.. Inventory.Networks("name", "parent")], page => page, cancellationToken)).ToList();
        var hosts = await ReadAllAsync(new PropertySet("HostSystem", "network", "config.network.portgroup"), cancellationToken);
        var groups = await session.Properties.ReadAsync(
            found.Select(n => n.Object).Where(n => n.Type == "DistributedVirtualPortgroup").ToList(), cancellationToken, "config.defaultPortConfig");
        await LoadPlacesAsync(found, cancellationToken);
        return found.Select(n => new VmNetwork(session, n.Object.Value, Inventory.NameOf(n))
        {
            Datacenter = session.Names.PlaceOf(n.Reference("parent")).Datacenter,
            Folder = session.Names.PlaceOf(n.Reference("parent")).Folder,
            Type = n.Object.Type switch
            {
                "DistributedVirtualPortgroup" => "Distributed",
                "OpaqueNetwork" => "Opaque",
                _ => "Standard",
            },
            Vlan = n.Object.Type == "Network"
                ? VlanOf(n, hosts)
                : Tag(groups.FirstOrDefault(g => g.Object == n.Object)?["config.defaultPortConfig"]?.Child("vlan")),
        }).OrderBy(n => n.Name, StringComparer.OrdinalIgnoreCase).ToList();
    }

    public override async Task<IReadOnlyList<VmHypervisor>> GetHypervisorsAsync(CancellationToken cancellationToken)
    {
        var found = await ReadAllAsync(new PropertySet("HostSystem",
            "name", "parent", "summary.config.product.fullName", "summary.config.product.version", "summary.hardware.numCpuCores",
            "summary.hardware.memorySize", "runtime.connectionState", "runtime.inMaintenanceMode"), cancellationToken);
        await session.Names.LoadAsync(found.Select(ClusterOf).OfType<MoRef>(), cancellationToken);
        return found.Select(h => new VmHypervisor(session, h.Object.Value, Inventory.NameOf(h))
        {
            Product = h.Text("summary.config.product.fullName") ?? "",
            Version = h.Text("summary.config.product.version") ?? "",
            CpuCores = (int)VmProperties.Number(h.Text("summary.hardware.numCpuCores")),
            MemoryBytes = VmProperties.Number(h.Text("summary.hardware.memorySize")),
            IsUsable = h.Text("runtime.connectionState") == "connected" && h.Text("runtime.inMaintenanceMode") != "true",
            Cluster = session.Names[ClusterOf(h)],
        }).OrderBy(h => h.Name, StringComparer.OrdinalIgnoreCase).ToList();
    }

    public override async Task<IReadOnlyList<VmTemplate>> GetTemplatesAsync(CancellationToken cancellationToken) =>
        (await session.Host.GetTemplatesAsync(cancellationToken)).OrderBy(t => t.Name, StringComparer.OrdinalIgnoreCase).ToList();

    public override async Task<IReadOnlyList<VmPlace>> GetPlacesAsync(IReadOnlyCollection<VmPlaceKind> kinds, CancellationToken cancellationToken) =>
        VspherePlaces.Find(session, await Inventory.ReadAsync(session.Properties, cancellationToken), kinds);

    private async Task LoadPlacesAsync(IReadOnlyList<ObjectContent> items, CancellationToken cancellationToken)
    {
        session.Names.RenewFolders();
        await session.Names.LoadAsync(items.Select(item => item.Reference("parent")).OfType<MoRef>(), cancellationToken);
    }

    private Task<List<ObjectContent>> ReadAllAsync(PropertySet set, CancellationToken cancellationToken) =>
        session.Properties.SelectAllAsync([set], page => page, cancellationToken);

    // A standard network is one for all hosts that have a port group of its name; they need not agree on the tag.
    private static int? VlanOf(ObjectContent network, IEnumerable<ObjectContent> hosts)
    {
        var tags = hosts.Where(h => h.References("network").Contains(network.Object))
            .SelectMany(h => h["config.network.portgroup"]?.Elements() ?? [])
            .Select(group => group.Child("spec")).OfType<XElement>()
            .Where(spec => spec.Value("name") == Inventory.NameOf(network))
            .Select(spec => Tag(spec)).Distinct().ToList();
        return tags.Count == 1 ? tags[0] : null;
    }

    // 0 means untagged; a trunk's vlanId is a list of ranges, not a number.
    private static int? Tag(XElement? holder) =>
        int.TryParse(holder?.Value("vlanId"), NumberStyles.None, CultureInfo.InvariantCulture, out var tag) && tag > 0 ? tag : null;

    private static MoRef? ClusterOf(ObjectContent host) =>
        host.Reference("parent") is { Type: "ClusterComputeResource" } cluster ? cluster : null;
}
