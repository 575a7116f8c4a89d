namespace VmDeploy.Vsphere;

internal static class VmProperties
{
    public const string Template = "config.template";

    /// <summary>The type of CD-ROM drives.</summary>
    public const string Cdrom = "VirtualCdrom";

    /// <summary>The types of the devices that nearly every VM has and that are neither disks, adapters, CD-ROM drives nor controllers of these: most of its record.</summary>
    public static readonly string[] CommonDevices =
    [
        "VirtualPCIController", "VirtualPS2Controller", "VirtualSIOController", "VirtualKeyboard", "VirtualPointingDevice",
        "VirtualMachineVideoCard", "VirtualMachineVMCIDevice", "VirtualUSBController", "VirtualUSBXHCIController", "VirtualFloppy",
    ];

    public static readonly PropertySet All = new("VirtualMachine",
        "name", "parent", "runtime.powerState", "runtime.host", "guest.ipAddress", "config.uuid", Template, "config.guestId", "config.annotation",
        "config.files.vmPathName", "config.hardware.numCPU", "config.hardware.memoryMB", "config.hardware.device")
    {
        Unneeded = [.. CommonDevices, Cdrom],
    };

    public static bool IsNoTemplate(ObjectContent vm) => vm.Text(Template) != "true";

    /// <summary>What <see cref="ToState"/> looks up by name.</summary>
    public static IEnumerable<MoRef> References(ObjectContent vm) =>
        Devices(vm).Select(Network).Concat([vm.Reference("runtime.host"), vm.Reference("parent")]).Where(r => r is not null).Select(r => r!.Value);

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
        Datacenter = names.PlaceOf(vm.Reference("parent")).Datacenter,
        Folder = names.PlaceOf(vm.Reference("parent")).Folder,
        Path = vm.Text("config.files.vmPathName"),
        Annotation = vm.Text("config.annotation"),
        Disks = StorageBus.DisksOf(Devices(vm)).Select(d => ToDisk(d, StorageBus.ControllerOf(Devices(vm), d))).ToList(),
        NetworkAdapters = NetworkCard.In(Devices(vm)).Select(d => ToAdapter(d, names, vm.Text("runtime.powerState"))).ToList(),
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

    private static VmDisk ToDisk(XElement disk, XElement? controller) => new(disk.Value("key") ?? "", Label(disk))
    {
        CapacityBytes = CapacityOf(disk),
        Slot = StorageBus.Place(controller, disk.Number("unitNumber")),
        Path = disk.Child("backing")?.Value("fileName"),
    };

    private static VmNetworkAdapter ToAdapter(XElement adapter, NameCache names, string? powerState) => new(adapter.Value("key") ?? "", Label(adapter))
    {
        MacAddress = adapter.Value("macAddress"),
        NetworkName = names[Network(adapter)] ?? adapter.Child("backing")?.Value("deviceName"),
        Model = NetworkCard.ModelOf(adapter),
        IsConnected = powerState == "poweredOn" && adapter.Child("connectable")?.Value("connected") == "true",
        StartConnected = adapter.Child("connectable")?.Value("startConnected") == "true",
    };

    private static MoRef? Network(XElement device) =>
        device.Child("backing")?.Value("opaqueNetworkId") is { } opaque ? new MoRef(NameCache.Opaque, opaque) : PortGroup(device);

    // VirtualEthernetCardDistributedVirtualPortBackingInfo names a port group by key, which is also its id.
    private static MoRef? PortGroup(XElement device) =>
        device.Child("backing")?.Child("port")?.Value("portgroupKey") is { } key ? new MoRef("DistributedVirtualPortgroup", key) : null;

    public static string? NetworkNameOf(XElement adapter, Inventory inventory) =>
        PortGroup(adapter) is { } group && inventory[group] is { } known ? Inventory.NameOf(known) : adapter.Child("backing")?.Value("deviceName");

    public static string Label(XElement device) => device.Child("deviceInfo")?.Value("label") ?? "";

    /// <summary>A number that a host wrote; 0 if there is none.</summary>
    public static long Number(string? text) =>
        long.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) ? number : 0;
}
