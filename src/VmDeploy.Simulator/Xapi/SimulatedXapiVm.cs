namespace VmDeploy.Simulator.Xapi;

/// <summary>The state of a VM.</summary>
public sealed record SimulatedXapiVm
{
    // Of an interface: everything that a change of its address must not touch.
    private static readonly string[] s_settings =
    [
        "MTU", "qos_algorithm_type", "qos_algorithm_params", "other_config", "ipv4_allowed", "ipv6_allowed", "trunks",
        "ipv4_configuration_mode", "ipv4_addresses", "ipv4_gateway", "ipv6_configuration_mode", "ipv6_addresses", "ipv6_gateway",
    ];

    /// <summary>Uuid.</summary>
    public required string Uuid { get; init; }

    /// <summary>Name.</summary>
    public required string Name { get; init; }

    /// <summary>Free text.</summary>
    public required string Description { get; init; }

    /// <summary>Halted, Running, Paused or Suspended.</summary>
    public required string PowerState { get; init; }

    /// <summary>VCPUs_at_startup and VCPUs_max.</summary>
    public required (long AtStartup, long Max) Cpus { get; init; }

    /// <summary>memory_static_min, dynamic_min, dynamic_max, static_max in bytes.</summary>
    public required IReadOnlyList<long> Memory { get; init; }

    /// <summary>HVM_boot_params.</summary>
    public required IReadOnlyDictionary<string, string> BootParams { get; init; }

    /// <summary>platform.</summary>
    public required IReadOnlyDictionary<string, string> Platform { get; init; }

    /// <summary>other_config.</summary>
    public required IReadOnlyDictionary<string, string> OtherConfig { get; init; }

    /// <summary>xenstore_data.</summary>
    public required IReadOnlyDictionary<string, string> XenstoreData { get; init; }

    /// <summary>Disks and CD drives in the order of their positions.</summary>
    public required IReadOnlyList<SimulatedVbd> Drives { get; init; }

    /// <summary>Virtual interfaces in the order of their positions.</summary>
    public required IReadOnlyList<SimulatedVif> Vifs { get; init; }

    internal static SimulatedXapiVm From(XapiHost host, XapiObject vm)
    {
        var database = host.Database;
        return new SimulatedXapiVm
        {
            Uuid = vm.Uuid,
            Name = vm.Name,
            Description = vm.Text("name_description"),
            PowerState = vm.Text("power_state"),
            Cpus = (vm.Number("VCPUs_at_startup"), vm.Number("VCPUs_max")),
            Memory = [vm.Number("memory_static_min"), vm.Number("memory_dynamic_min"), vm.Number("memory_dynamic_max"), vm.Number("memory_static_max")],
            BootParams = Strings(vm, "HVM_boot_params"),
            Platform = Strings(vm, "platform"),
            OtherConfig = Strings(vm, "other_config"),
            XenstoreData = Strings(vm, "xenstore_data"),
            Drives = [.. vm.Refs("VBDs").Select(r => database.Get("VBD", r)).OrderBy(v => int.Parse(v.Text("userdevice"), System.Globalization.CultureInfo.InvariantCulture)).Select(vbd =>
            {
                var vdi = database.Find(vbd.Text("VDI"));
                return new SimulatedVbd(vbd.Uuid, vbd.Text("type"), vbd.Text("userdevice"), vbd.Flag("bootable"), vdi?.Uuid, vdi?.Name,
                    vdi?.Number("virtual_size") ?? 0, vdi is null ? null : database.Get("SR", vdi.Text("SR")).Name, vdi is null ? null : host.Files.PathOf(vdi.Uuid))
                { IsAttached = vbd.Flag("currently_attached") };
            })],
            Vifs = [.. vm.Refs("VIFs").Select(r => database.Get("VIF", r)).OrderBy(v => v.Text("device"))
                .Select(v => new SimulatedVif(v.Text("device"), v.Text("MAC"), database.Get("network", v.Text("network")).Name)
                { IsAttached = v.Flag("currently_attached"), LockingMode = v.Text("locking_mode"), Settings = Settings(v) })],
        };
    }

    private static string Settings(XapiObject vif) => string.Join("; ", s_settings.Select(field => $"{field}={vif.Fields[field] switch
    {
        Dictionary<string, object> map => string.Join(",", map.OrderBy(e => e.Key, StringComparer.Ordinal).Select(e => $"{e.Key}:{e.Value}")),
        List<object> list => string.Join(",", list),
        var value => value,
    }}"));

    private static Dictionary<string, string> Strings(XapiObject vm, string field) => vm.Map(field).ToDictionary(e => e.Key, e => (string)e.Value);
}

/// <summary>A disk or CD drive of a VM.</summary>
/// <param name="Uuid">Of the VBD.</param>
/// <param name="Type">Disk or CD.</param>
/// <param name="Device">Position.</param>
/// <param name="IsBootable">The guest boots from it.</param>
/// <param name="VdiUuid">Of the VDI in it, or null.</param>
/// <param name="VdiName">Its name.</param>
/// <param name="VirtualSize">Its size in bytes.</param>
/// <param name="SrName">Its storage repository.</param>
/// <param name="LocalPath">The file on this machine with its bytes.</param>
public sealed record SimulatedVbd(
    string Uuid, string Type, string Device, bool IsBootable, string? VdiUuid, string? VdiName, long VirtualSize, string? SrName, string? LocalPath)
{
    /// <summary>The guest has it.</summary>
    public bool IsAttached { get; init; }
}

/// <summary>A virtual interface of a VM.</summary>
/// <param name="Device">Position.</param>
/// <param name="MacAddress">Its address.</param>
/// <param name="Network">Name of the network.</param>
public sealed record SimulatedVif(string Device, string MacAddress, string Network)
{
    /// <summary>The guest has it.</summary>
    public bool IsAttached { get; init; }

    /// <summary>locking_mode.</summary>
    public string LockingMode { get; init; } = "";

    /// <summary>Its other settings as text, to compare.</summary>
    public string Settings { get; init; } = "";
}
