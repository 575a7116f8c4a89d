namespace VmDeploy.Xapi;

/// <summary>Converts VM records and the records that belong to them to <see cref="VmState"/>.</summary>
internal sealed class VmReader
{
    private readonly IReadOnlyDictionary<string, XapiRecord> _vbds;
    private readonly IReadOnlyDictionary<string, XapiRecord> _vdis;
    private readonly IReadOnlyDictionary<string, XapiRecord> _vifs;
    private readonly IReadOnlyDictionary<string, XapiRecord> _networks;
    private readonly IReadOnlyDictionary<string, XapiRecord> _metrics;
    private readonly IReadOnlyDictionary<string, XapiRecord> _hosts;

    private VmReader(IReadOnlyList<IReadOnlyDictionary<string, XapiRecord>> records) =>
        (_vbds, _vdis, _vifs, _networks, _metrics, _hosts) = (records[0], records[1], records[2], records[3], records[4], records[5]);

    /// <summary>Reads what belongs to all VMs, in as many calls as there are classes.</summary>
    public static async Task<VmReader> ForAllAsync(XapiClient client, CancellationToken cancellationToken)
    {
        var records = new List<IReadOnlyDictionary<string, XapiRecord>>();
        foreach (var type in new[] { "VBD", "VDI", "VIF", "network", "VM_guest_metrics", "host" })
            records.Add(await client.AllAsync(type, cancellationToken));
        return new VmReader(records);
    }

    public static async Task<VmReader> ForOneAsync(XapiClient client, XapiRecord vm, CancellationToken cancellationToken)
    {
        var (vbds, vifs) = (ReadAsync("VBD", vm.List("VBDs")), ReadAsync("VIF", vm.List("VIFs")));
        var (metrics, hosts) = (ReadAsync("VM_guest_metrics", [vm.Reference("guest_metrics")]), ReadAsync("host", [vm.Reference("resident_on")]));
        var vdis = ReadAsync("VDI", (await vbds).Values.Select(v => v.Reference("VDI")));
        var networks = ReadAsync("network", (await vifs).Values.Select(v => v.Reference("network")));
        return new VmReader([await vbds, await vdis, await vifs, await networks, await metrics, await hosts]);

        async Task<IReadOnlyDictionary<string, XapiRecord>> ReadAsync(string type, IEnumerable<string?> references) =>
            (await client.FindAsync(type, references.OfType<string>(), cancellationToken)).ToDictionary(record => record.Ref);
    }

    public VmState ToState(XapiRecord vm) => new()
    {
        Name = vm.Name,
        PowerState = PowerStateOf(vm),
        Uuid = vm.Uuid,
        CpuCount = (int)vm.Number("VCPUs_at_startup"),
        MemoryMB = vm.Number("memory_dynamic_max") >> 20,
        // The host keeps what the guest last reported after the guest has stopped.
        IpAddress = PowerStateOf(vm) == PowerState.On && Find(_metrics, vm, "guest_metrics") is { } metrics ? IpAddressOf(metrics) : null,
        GuestId = Find(_metrics, vm, "guest_metrics")?.Map("os_version") is { } os && os.TryGetValue("name", out var system) ? system : null,
        HostName = Find(_hosts, vm, "resident_on")?.Name,
        Annotation = vm.Text("name_description") is { Length: > 0 } text ? text : null,
        Disks = Members(vm, "VBDs", _vbds).Where(v => v.Text("type") == "Disk").OrderBy(PositionOf)
            .Select(v => (Vbd: v, Vdi: Find(_vdis, v, "VDI"))).Where(d => d.Vdi is not null)
            .Select(d => new VmDisk(d.Vbd.Uuid, $"Disk {d.Vbd.Text("userdevice")}")
            {
                CapacityBytes = d.Vdi!.Number("virtual_size"),
                Slot = d.Vbd.Text("userdevice"),
                Path = d.Vdi.Uuid,
            }).ToList(),
        NetworkAdapters = Members(vm, "VIFs", _vifs).OrderBy(PositionOf)
            .Select(v => new VmNetworkAdapter(v.Uuid, $"Interface {v.Text("device")}")
            {
                MacAddress = v.Text("MAC"),
                NetworkName = Find(_networks, v, "network")?.Name,
                IsConnected = v.Flag("currently_attached") && !IsSwitchedOff(v),
                StartConnected = !IsSwitchedOff(v),
            }).ToList(),
    };

    /// <summary>The VDIs in the CD-ROM drives of a VM.</summary>
    public IEnumerable<XapiRecord> MediaOf(XapiRecord vm) =>
        Members(vm, "VBDs", _vbds).Where(v => v.Text("type") == "CD" && !v.Flag("empty")).Select(v => Find(_vdis, v, "VDI")).OfType<XapiRecord>();

    public static PowerState PowerStateOf(XapiRecord vm) => vm.Text("power_state") switch
    {
        "Running" => PowerState.On,
        "Suspended" => PowerState.Suspended,
        "Paused" => PowerState.Paused,
        _ => PowerState.Off,
    };

    /// <summary>Whether a VIF passes no traffic, attached or not.</summary>
    public static bool IsSwitchedOff(XapiRecord vif) => vif.Text("locking_mode") == "disabled";

    /// <summary>Whether the guest has reported its PV drivers.</summary>
    public static bool HasDrivers(XapiRecord guestMetrics) => guestMetrics.Flag("PV_drivers_detected") || guestMetrics.Map("PV_drivers_version").Count > 0;

    /// <summary>The guest's first address: IPv4 before IPv6, no link-local ones.</summary>
    public static string? IpAddressOf(XapiRecord guestMetrics)
    {
        var addresses = guestMetrics.Map("networks").OrderBy(n => n.Key, StringComparer.Ordinal).ToList();
        return addresses.Where(n => n.Key.EndsWith("/ip", StringComparison.Ordinal) || n.Key.Contains("/ipv4/"))
            .Concat(addresses.Where(n => n.Key.Contains("/ipv6/")))
            .Select(n => n.Value)
            .FirstOrDefault(a => a.Length > 0 && !a.StartsWith("169.254.", StringComparison.Ordinal) && !a.StartsWith("fe80", StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>The position of a VBD or VIF on its VM.</summary>
    public static int PositionOf(XapiRecord device) =>
        int.TryParse(device.Text(device.Fields.ContainsKey("userdevice") ? "userdevice" : "device"), NumberStyles.None, CultureInfo.InvariantCulture, out var position) ? position : int.MaxValue;

    private static IEnumerable<XapiRecord> Members(XapiRecord vm, string field, IReadOnlyDictionary<string, XapiRecord> records) =>
        vm.List(field).Where(records.ContainsKey).Select(reference => records[reference]);

    private static XapiRecord? Find(IReadOnlyDictionary<string, XapiRecord> records, XapiRecord owner, string field) =>
        owner.Reference(field) is { } reference && records.TryGetValue(reference, out var record) ? record : null;
}
