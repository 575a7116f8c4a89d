namespace VmDeploy.Vsphere;

internal static class VmProperties
{
    public const string Template = "config.template";

    public static readonly PropertySet All = new("VirtualMachine",
        "name", "runtime.powerState", "runtime.host", "guest.ipAddress", "config.uuid", Template, "config.guestId", "config.annotation",
        "config.files.vmPathName", "config.hardware.numCPU", "config.hardware.memoryMB", "config.hardware.device")
    {
        // Most devices are controllers and the like.
        Reduce = vm => Devices(vm).Where(device => !IsDisk(device) && !IsAdapter(device)).ToList().ForEach(device => device.Remove()),
    };

    public static bool IsNoTemplate(ObjectContent vm) => vm.Text(Template) != "true";

    /// <summary>What <see cref="ToState"/> looks up by name.</summary>
    public static IEnumerable<MoRef> References(ObjectContent vm) =>
        Devices(vm).Select(PortGroup).Concat([vm.Reference("runtime.host")]).Where(r => r is not null).Select(r => r!.Value);

    public static VmState ToState(ObjectContent vm, NameCache names) => new()
    {
        Name = Inventory.NameOf(vm),
        PowerState = PowerStateOf(vm.Text("runtime.powerState")),
        Uuid = vm.Text("config.uuid"),
        CpuCount = (int)Number(vm.Text("config.hardware.numCPU")),
        MemoryMB = Number(vm.Text("config.hardware.memoryMB")),
        IpAddress = vm.Text("guest.ipAddress") is { Length: > 0 } address ? address : null,
        GuestId = vm.Text("config.guestId"),
        HostName = names[vm.Reference("runtime.host")],
        Path = vm.Text("config.files.vmPathName"),
        Annotation = vm.Text("config.annotation"),
        Disks = Devices(vm).Where(IsDisk).Select(ToDisk).ToList(),
        NetworkAdapters = Devices(vm).Where(IsAdapter).Select(d => ToAdapter(d, names)).ToList(),
    };

    public static PowerState PowerStateOf(string? value) => value switch
    {
        "poweredOn" => PowerState.On,
        "suspended" => PowerState.Suspended,
        _ => PowerState.Off,
    };

    private static IEnumerable<XElement> Devices(ObjectContent vm) => vm["config.hardware.device"]?.Elements() ?? [];

    public static long CapacityOf(XElement disk) =>
        disk.Value("capacityInBytes") is { } bytes ? Number(bytes) : Number(disk.Value("capacityInKB")) * 1024;

    private static bool IsDisk(XElement device) => device.TypeName() == "VirtualDisk";

    private static bool IsAdapter(XElement device) => device.Child("macAddress") is not null;

    private static VmDisk ToDisk(XElement disk) => new(
        Label(disk),
        CapacityOf(disk),
        disk.Child("backing")?.Value("fileName"));

    private static VmNetworkAdapter ToAdapter(XElement adapter, NameCache names) =>
        new(Label(adapter), adapter.Value("macAddress"), names[PortGroup(adapter)] ?? adapter.Child("backing")?.Value("deviceName"));

    // VirtualEthernetCardDistributedVirtualPortBackingInfo names a port group by key, which is also its id.
    private static MoRef? PortGroup(XElement device) =>
        device.Child("backing")?.Child("port")?.Value("portgroupKey") is { } key ? new MoRef("DistributedVirtualPortgroup", key) : null;

    public static string? NetworkNameOf(XElement adapter, Inventory inventory) =>
        PortGroup(adapter) is { } group && inventory[group] is { } known ? Inventory.NameOf(known) : adapter.Child("backing")?.Value("deviceName");

    private static string Label(XElement device) => device.Child("deviceInfo")?.Value("label") ?? "";

    /// <summary>A number that a host wrote; 0 if there is none.</summary>
    public static long Number(string? text) =>
        long.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) ? number : 0;
}
