namespace VmDeploy.Xapi;

internal sealed class XapiInventory
{
    private XapiInventory()
    {
    }

    public XapiRecord Pool { get; private init; } = null!;
    public IReadOnlyDictionary<string, XapiRecord> Hosts { get; private init; } = null!;
    public IReadOnlyDictionary<string, XapiRecord> Storage { get; private init; } = null!;
    public IReadOnlyDictionary<string, XapiRecord> Connections { get; private init; } = null!;
    public IReadOnlyDictionary<string, XapiRecord> Networks { get; private init; } = null!;
    public IReadOnlyDictionary<string, XapiRecord> Uplinks { get; private init; } = null!;

    public static async Task<XapiInventory> ReadAsync(XapiClient client, CancellationToken cancellationToken) => new()
    {
        Pool = (await client.AllAsync("pool", cancellationToken)).Values.First(),
        Hosts = await client.AllAsync("host", cancellationToken),
        Storage = await client.AllAsync("SR", cancellationToken),
        Connections = await client.AllAsync("PBD", cancellationToken),
        Networks = await client.AllAsync("network", cancellationToken),
        Uplinks = await client.AllAsync("PIF", cancellationToken),
    };

    /// <summary>The host with a name or uuid; null for null. A disabled host is refused.</summary>
    public XapiRecord? Host(string? name)
    {
        if (name is null)
            return null;
        var host = Hosts.Values.FirstOrDefault(h => Is(h, name) || h.Text("hostname") == name || h.Text("address") == name)
            ?? throw new VmDeployException(ErrorCodes.HostNotFound, $"Host '{name}' not found in the pool. {Names.Available(Hosts.Values.Select(h => h.Name))}", name);
        return host.Flag("enabled") ? host : throw new VmDeployException(ErrorCodes.HostNotUsable, $"Host '{host.Name}' is disabled (maintenance mode).", name);
    }

    /// <summary>The storage repository with a name or uuid, for new disks; null for the pool's default, or the only one.</summary>
    public XapiRecord DiskStorage(string? name, XapiRecord? host)
    {
        var candidates = Storage.Values.Where(sr => HoldsDisks(sr) && IsUsable(sr, host)).ToList();
        if (name is not null)
            candidates = candidates.Where(sr => Is(sr, name)).ToList();
        if (candidates.Count > 1)
        {
            // Every host of a pool has a repository named "Local storage".
            var preferred = candidates.FirstOrDefault(sr => sr.Ref == Pool.Reference("default_SR"));
            if (preferred is not null)
                return preferred;
            var choice = string.Join(", ", candidates.Select(sr => $"'{sr.Name}' ({sr.Uuid})"));
            throw new VmDeployException(ErrorCodes.AmbiguousPlacement, $"Several storage repositories are possible, and the pool has no default: {choice}.", name);
        }
        return candidates.Count == 1 ? candidates[0] : throw new VmDeployException(ErrorCodes.StorageNotFound,
            $"Storage repository {(name is null ? "for disks" : $"'{name}'")} not found{(host is null ? "" : $" on '{host.Name}'")}. "
            + Names.Available(Storage.Values.Where(sr => HoldsDisks(sr) && IsUsable(sr, host)).Select(sr => sr.Name)), name);
    }

    /// <summary>The ISO repository with a name or uuid, for new files; null for the only one.</summary>
    public XapiRecord IsoStorage(string? name)
    {
        var writable = Storage.Values.Where(sr => HoldsIsos(sr) && IsUsable(sr, null) && sr.List("allowed_operations").Contains("vdi_create")).ToList();
        var candidates = name is null ? writable : writable.Where(sr => Is(sr, name)).ToList();
        return candidates.Count switch
        {
            1 => candidates[0],
            0 => throw new VmDeployException(ErrorCodes.IsoStorageNotFound,
                $"ISO repository{(name is null ? " that files can be written to" : $" '{name}'")} not found. {Names.Available(writable.Select(sr => sr.Name))}", name),
            _ => throw new VmDeployException(ErrorCodes.AmbiguousPlacement,
                $"Several ISO repositories are possible: {string.Join(", ", candidates.Select(sr => $"'{sr.Name}' ({sr.Uuid})"))}.", name),
        };
    }

    public XapiRecord Network(string name)
    {
        var found = Networks.Values.Where(n => Is(n, name)).ToList();
        return found.Count switch
        {
            1 => found[0],
            0 => throw new VmDeployException(ErrorCodes.NetworkNotFound,
                $"Network '{name}' not found. {Names.Available(VisibleNetworks.Select(n => n.Name))}", name),
            _ => throw new VmDeployException(ErrorCodes.AmbiguousPlacement,
                $"{found.Count} networks have the name '{name}'; their ids: {string.Join(", ", found.Select(n => n.Uuid))}.", name),
        };
    }

    public IEnumerable<XapiRecord> VisibleNetworks => Networks.Values.Where(n =>
        !n.Map("other_config").ContainsKey("is_host_internal_management_network") && !n.Map("other_config").ContainsKey("is_guest_installer_network"));

    /// <summary>The default for VMs: the network of the pool master's management interface.</summary>
    public XapiRecord DefaultNetwork =>
        Uplinks.Values.FirstOrDefault(p => p.Flag("management") && p.Reference("host") == Pool.Reference("master"))?.Reference("network") is { } reference
            && Networks.TryGetValue(reference, out var network) ? network
        : VisibleNetworks.FirstOrDefault() ?? throw new VmDeployException(ErrorCodes.NetworkNotFound, "The pool has no network.");

    public int? VlanOf(XapiRecord network) => network.List("PIFs").Where(Uplinks.ContainsKey).Select(p => (int)Uplinks[p].Number("VLAN")).Where(tag => tag >= 0)
        .Select(tag => (int?)tag).FirstOrDefault();

    /// <summary>The physical uplink of a network, preferably on the pool master; refuses a network without one.</summary>
    public XapiRecord UplinkOf(XapiRecord network) =>
        network.List("PIFs").Where(Uplinks.ContainsKey).Select(p => Uplinks[p]).OrderByDescending(p => p.Reference("host") == Pool.Reference("master"))
            .FirstOrDefault(p => p.Number("VLAN") < 0)
        ?? throw new VmDeployException(ErrorCodes.VlanNotPossible, $"A VLAN on network '{network.Name}' is not possible: it has no physical uplink.", network.Name);

    public XapiRecord? VlanNetwork(XapiRecord uplink, int tag) =>
        Uplinks.Values.FirstOrDefault(p => p.Number("VLAN") == tag && p.Text("device") == uplink.Text("device") && p.Reference("host") == uplink.Reference("host"))
            ?.Reference("network") is { } reference && Networks.TryGetValue(reference, out var network) ? network : null;

    /// <summary>True if the host (or, for null, any host) is connected to the repository.</summary>
    public bool IsUsable(XapiRecord sr, XapiRecord? host) => sr.List("PBDs").Where(Connections.ContainsKey).Select(p => Connections[p])
        .Any(p => p.Flag("currently_attached") && (host is null || p.Reference("host") == host.Ref));

    public IEnumerable<XapiRecord> IsoRepositories => Storage.Values.Where(HoldsIsos);

    public static bool HoldsIsos(XapiRecord sr) => sr.Text("content_type") == "iso";

    private static bool HoldsDisks(XapiRecord sr) => !HoldsIsos(sr) && sr.List("allowed_operations").Contains("vdi_create");

    private static bool Is(XapiRecord record, string name) => record.Name == name || string.Equals(record.Uuid, name, StringComparison.OrdinalIgnoreCase);
}
