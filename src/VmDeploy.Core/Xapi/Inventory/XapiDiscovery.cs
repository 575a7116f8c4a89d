namespace VmDeploy.Xapi;

internal sealed class XapiDiscovery(XapiSession session) : VmDiscovery
{
    public override async Task<IReadOnlyList<VmDatastore>> GetDatastoresAsync(CancellationToken cancellationToken)
    {
        var inventory = await XapiInventory.ReadAsync(session.Client, cancellationToken);
        return ByName(inventory.Storage.Values, sr => new VmDatastore(session, sr.Uuid, sr.Name)
        {
            Type = sr.Text("type"),
            CapacityBytes = sr.Number("physical_size"),
            FreeBytes = Math.Max(0, sr.Number("physical_size") - sr.Number("physical_utilisation")),
            IsAccessible = inventory.IsUsable(sr, null),
        });
    }

    public override async Task<IReadOnlyList<VmNetwork>> GetNetworksAsync(CancellationToken cancellationToken)
    {
        var inventory = await XapiInventory.ReadAsync(session.Client, cancellationToken);
        return ByName(inventory.VisibleNetworks, network => new VmNetwork(session, network.Uuid, network.Name) { Type = "Bridge", Vlan = inventory.VlanOf(network) });
    }

    public override async Task<IReadOnlyList<VmHypervisor>> GetHypervisorsAsync(CancellationToken cancellationToken)
    {
        var pool = (await session.Client.AllAsync("pool", cancellationToken)).Values.First();
        var metrics = await session.Client.AllAsync("host_metrics", cancellationToken);
        var hosts = await session.Client.AllAsync("host", cancellationToken);
        return ByName(hosts.Values, host =>
        {
            var measured = host.Reference("metrics") is { } reference && metrics.TryGetValue(reference, out var found) ? found : null;
            return new VmHypervisor(session, host.Uuid, host.Name)
            {
                Product = XapiSession.ProductOf(host),
                Version = XapiSession.VersionOf(host),
                CpuCores = host.Map("cpu_info").TryGetValue("cpu_count", out var count) && int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var cores) ? cores : 0,
                MemoryBytes = measured?.Number("memory_total") ?? 0,
                IsUsable = host.Flag("enabled") && measured?.Flag("live") != false,
                Cluster = pool.Name.Length > 0 ? pool.Name : null,
            };
        });
    }

    public override async Task<IReadOnlyList<VmTemplate>> GetTemplatesAsync(CancellationToken cancellationToken)
    {
        var vms = await session.Client.AllAsync("VM", cancellationToken);
        return ByName(vms.Values.Where(vm => vm.Flag("is_a_template") && !vm.Flag("is_a_snapshot")), template => new VmTemplate(session, template.Uuid, template.Name)
        {
            Uuid = template.Uuid,
            CpuCount = (int)template.Number("VCPUs_at_startup"),
            MemoryMB = template.Number("memory_static_max") >> 20,
            Description = template.Text("name_description") is { Length: > 0 } text ? text : null,
            IsDefault = template.Flag("is_default_template"),
        });
    }

    public override async Task<IReadOnlyList<VmPlace>> GetPlacesAsync(IReadOnlyCollection<VmPlaceKind> kinds, CancellationToken cancellationToken)
    {
        if (!kinds.Contains(VmPlaceKind.Cluster) && !kinds.Contains(VmPlaceKind.Host))
            return [];
        var pool = (await session.Client.AllAsync("pool", cancellationToken)).Values.First();
        var places = new List<VmPlace>();
        if (kinds.Contains(VmPlaceKind.Cluster) && pool.Name.Length > 0)
            places.Add(new VmPlace(session, VmPlaceKind.Cluster, pool.Uuid, pool.Name, ""));
        if (kinds.Contains(VmPlaceKind.Host))
            places.AddRange(ByName((await session.Client.AllAsync("host", cancellationToken)).Values, host => new VmPlace(session, VmPlaceKind.Host, host.Uuid, host.Name, pool.Name)));
        return places;
    }

    private static List<T> ByName<T>(IEnumerable<XapiRecord> records, Func<XapiRecord, T> convert) =>
        records.OrderBy(r => r.Name, StringComparer.OrdinalIgnoreCase).Select(convert).ToList();
}
