using System.Globalization;
using System.Xml.Linq;
using VmDeploy.Simulator.Esxi.Data;
using VmDeploy.Simulator.Esxi.Soap;
using VmDeploy.Simulator.Esxi.Vms;

namespace VmDeploy.Simulator.Esxi.Import;

/// <summary>Writes the descriptor of a VM, with the files that a client has got of it.</summary>
/// <param name="vm">The VM.</param>
/// <param name="config">Its configuration, now or in a snapshot.</param>
/// <param name="parameters">An OvfCreateDescriptorParams.</param>
internal sealed class DescriptorBuilder(VirtualMachine vm, DataObject config, DataObject parameters)
{
    private static readonly Dictionary<string, (int Type, string? SubType)> s_controllers = new()
    {
        ["VirtualIDEController"] = (5, null),
        ["VirtualLsiLogicController"] = (6, "lsilogic"),
        ["VirtualLsiLogicSASController"] = (6, "lsilogicsas"),
        ["VirtualBusLogicController"] = (6, "buslogic"),
        ["ParaVirtualSCSIController"] = (6, "VirtualSCSI"),
        ["VirtualAHCIController"] = (20, "vmware.sata.ahci"),
        ["VirtualNVMEController"] = (20, "vmware.nvme.controller"),
    };

    private readonly List<DataObject> _files = parameters.Objects("ovfFiles").ToList();
    private readonly List<DataObject> _warnings = [];
    private readonly List<XElement> _references = [];
    private readonly List<XElement> _disks = [];
    private readonly List<XElement> _items = [];
    private readonly HashSet<string> _networks = [];
    private readonly Dictionary<int, int> _instances = [];

    private List<DataObject> Devices => config.Object("hardware")!.Objects("device").ToList();

    public DataObject Build()
    {
        var hasImage = false;
        Add(3, $"{config.Object("hardware")!.Int("numCPU")} virtual CPU(s)", ("AllocationUnits", "hertz * 10^6"), ("VirtualQuantity", config.Object("hardware")!.Int("numCPU")));
        Add(4, $"{config.Object("hardware")!.Int("memoryMB")}MB of memory", ("AllocationUnits", "byte * 2^20"), ("VirtualQuantity", config.Object("hardware")!.Int("memoryMB")));
        foreach (var device in Devices.Where(d => s_controllers.ContainsKey(d.Type.Name)))
            _instances[device.Int("key")!.Value] = Add(s_controllers[device.Type.Name].Type, Label(device), ("Address", device.Int("busNumber")), ("ResourceSubType", s_controllers[device.Type.Name].SubType));
        foreach (var device in Devices)
        {
            if (device.Is("VirtualDisk"))
            {
                AddDisk(device);
            }
            else if (device.Is("VirtualCdrom"))
            {
                var isImage = device.Object("backing")!.Is("VirtualCdromIsoBackingInfo");
                hasImage |= isImage;
                AddCdrom(device, isImage);
            }
            else if (device.Is("VirtualEthernetCard"))
            {
                AddAdapter(device);
            }
        }
        XElement? nvram = null;
        if (FileOf("nvram") is { } firmware)
            nvram = new XElement(OvfDescriptor.Vmw + "ExtraConfig", new XAttribute(OvfDescriptor.Ovf + "required", "false"), new XAttribute(OvfDescriptor.Vmw + "key", "nvram"), new XAttribute(OvfDescriptor.Vmw + "value", $"ovf:/file/{AddFile(firmware)}"));
        return new("OvfCreateDescriptorResult")
        {
            ["ovfDescriptor"] = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + Envelope(nvram),
            ["warning"] = _warnings,
            ["includeImageFiles"] = hasImage,
        };
    }

    private XElement Envelope(XElement? nvram)
    {
        var name = parameters.Text("name") is { Length: > 0 } wanted ? wanted : vm.Name;
        return new XElement(OvfDescriptor.Ovf + "Envelope",
            new XAttribute("xmlns", OvfDescriptor.Ovf), new XAttribute(XNamespace.Xmlns + "ovf", OvfDescriptor.Ovf), new XAttribute(XNamespace.Xmlns + "rasd", OvfDescriptor.Rasd),
            new XAttribute(XNamespace.Xmlns + "vssd", OvfDescriptor.Vssd), new XAttribute(XNamespace.Xmlns + "vmw", OvfDescriptor.Vmw),
            new XElement(OvfDescriptor.Ovf + "References", _references),
            Section("DiskSection", "Virtual disk information", _disks),
            Section("NetworkSection", "The list of logical networks", _networks.Select(network => new XElement(OvfDescriptor.Ovf + "Network", new XAttribute(OvfDescriptor.Ovf + "name", network), new XElement(OvfDescriptor.Ovf + "Description", $"The {network} network")))),
            new XElement(OvfDescriptor.Ovf + "VirtualSystem", new XAttribute(OvfDescriptor.Ovf + "id", name),
                new XElement(OvfDescriptor.Ovf + "Info", "A virtual machine"),
                new XElement(OvfDescriptor.Ovf + "Name", name),
                new XElement(OvfDescriptor.Ovf + "OperatingSystemSection", new XAttribute(OvfDescriptor.Ovf + "id", 1), new XAttribute(OvfDescriptor.Vmw + "osType", config.Text("guestId")!), new XElement(OvfDescriptor.Ovf + "Info", "The kind of installed guest operating system")),
                new XElement(OvfDescriptor.Ovf + "VirtualHardwareSection",
                    new XElement(OvfDescriptor.Ovf + "Info", "Virtual hardware requirements"),
                    new XElement(OvfDescriptor.Ovf + "System", new XElement(OvfDescriptor.Vssd + "ElementName", "Virtual Hardware Family"), new XElement(OvfDescriptor.Vssd + "InstanceID", 0), new XElement(OvfDescriptor.Vssd + "VirtualSystemIdentifier", name), new XElement(OvfDescriptor.Vssd + "VirtualSystemType", config.Text("version"))),
                    _items,
                    Setting("firmware", config.Text("firmware")),
                    nvram),
                Annotation()));
    }

    private XElement? Annotation()
    {
        var text = parameters.Text("description") is { Length: > 0 } wanted ? wanted : config.Text("annotation");
        return string.IsNullOrEmpty(text) ? null : new XElement(OvfDescriptor.Ovf + "AnnotationSection", new XElement(OvfDescriptor.Ovf + "Info", "A human-readable annotation"), new XElement(OvfDescriptor.Ovf + "Annotation", text));
    }

    private void AddDisk(DataObject device)
    {
        var number = _disks.Count + 1;
        var file = FileOf(LeaseFile.DeviceName(Devices, device));
        // The list of files is the list of what is wanted.
        if (file is null && _files.Count > 0)
            return;
        var bytes = device.Long("capacityInKB")!.Value * 1024;
        _disks.Add(new XElement(OvfDescriptor.Ovf + "Disk", new XAttribute(OvfDescriptor.Ovf + "capacity", bytes >> 10), new XAttribute(OvfDescriptor.Ovf + "capacityAllocationUnits", "byte * 2^10"),
            new XAttribute(OvfDescriptor.Ovf + "diskId", $"vmdisk{number}"), file is null ? null : new XAttribute(OvfDescriptor.Ovf + "fileRef", AddFile(file)),
            new XAttribute(OvfDescriptor.Ovf + "format", "http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized"),
            file?.Long("populatedSize") is { } populated ? new XAttribute(OvfDescriptor.Ovf + "populatedSize", populated) : null));
        Add(17, Label(device), ("AddressOnParent", device.Int("unitNumber")), ("HostResource", $"ovf:/disk/vmdisk{number}"), ("Parent", _instances[device.Int("controllerKey")!.Value]));
    }

    private void AddCdrom(DataObject device, bool isImage)
    {
        var file = isImage ? FileOf(LeaseFile.DeviceName(Devices, device)) : null;
        if (isImage && file is null)
        {
            _warnings.Add(VimFault.Of("OvfConnectedDeviceIso", $"The image '{device.Object("backing")!.Text("fileName")}' in '{Label(device)}' is not exported.",
                ("filename", device.Object("backing")!.Text("fileName")!)).ToLocalized());
        }
        Add(15, Label(device), ("AddressOnParent", device.Int("unitNumber")), ("AutomaticAllocation", "false"), ("HostResource", file is null ? null : $"ovf:/file/{AddFile(file)}"), ("Parent", _instances[device.Int("controllerKey")!.Value]), ("ResourceSubType", "vmware.cdrom.remotepassthrough"));
    }

    private void AddAdapter(DataObject device)
    {
        var network = Networks.Of(vm.Center)(device.Object("backing")!)?.Name ?? "none";
        _networks.Add(network);
        Add(10, Label(device), ("AutomaticAllocation", "true"), ("Connection", network), ("ResourceSubType", device.Type.Name["Virtual".Length..]));
    }

    private int Add(int type, string name, params (string Name, object? Value)[] values)
    {
        var id = _items.Count + 1;
        _items.Add(new XElement(OvfDescriptor.Ovf + "Item", values.Append(("ElementName", name)).Append(("InstanceID", id)).Append(("ResourceType", type))
            .Where(value => value.Value is not null).OrderBy(value => value.Name, StringComparer.Ordinal)
            .Select(value => new XElement(OvfDescriptor.Rasd + value.Name, Convert.ToString(value.Value, CultureInfo.InvariantCulture)))));
        return id;
    }

    private string AddFile(DataObject file)
    {
        var id = $"file{_references.Count + 1}";
        _references.Add(new XElement(OvfDescriptor.Ovf + "File", new XAttribute(OvfDescriptor.Ovf + "href", file.Text("path")!), new XAttribute(OvfDescriptor.Ovf + "id", id), new XAttribute(OvfDescriptor.Ovf + "size", file.Long("size")!.Value)));
        return id;
    }

    private DataObject? FileOf(string device) => _files.Find(file => file.Text("deviceId") == $"/{vm.Self.Value}/{device}");

    private static XElement Section(string name, string info, IEnumerable<XElement> content) =>
        new(OvfDescriptor.Ovf + name, new XElement(OvfDescriptor.Ovf + "Info", info), content);

    private static XElement Setting(string key, string? value) => new(OvfDescriptor.Vmw + "Config",
        new XAttribute(OvfDescriptor.Ovf + "required", "false"), new XAttribute(OvfDescriptor.Vmw + "key", key), new XAttribute(OvfDescriptor.Vmw + "value", value ?? ""));

    private static string Label(DataObject device) => device.Object("deviceInfo")?.Text("label") ?? device.Type.Name;
}
