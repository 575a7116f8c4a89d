using System.Globalization;
using System.Xml.Linq;
using VmDeploy.Simulator.Esxi.Data;
using VmDeploy.Simulator.Esxi.Soap;
using VmDeploy.Simulator.Esxi.Vms;

namespace VmDeploy.Simulator.Esxi.Import;

/// <summary>Converts the items of a VirtualHardwareSection to devices.</summary>
internal sealed class OvfHardware
{
    private static readonly Dictionary<string, string> s_scsi = new(StringComparer.OrdinalIgnoreCase)
    {
        [""] = "VirtualLsiLogicController",
        ["lsilogic"] = "VirtualLsiLogicController",
        ["lsilogicsas"] = "VirtualLsiLogicSASController",
        ["buslogic"] = "VirtualBusLogicController",
        ["virtualscsi"] = "ParaVirtualSCSIController",
    };

    private static readonly Dictionary<string, string> s_nics = new(StringComparer.OrdinalIgnoreCase)
    {
        [""] = "VirtualE1000",
        ["e1000"] = "VirtualE1000",
        ["e1000e"] = "VirtualE1000e",
        ["vmxnet3"] = "VirtualVmxnet3",
        ["vmxnet2"] = "VirtualVmxnet2",
        ["vmxnet"] = "VirtualVmxnet",
        ["pcnet32"] = "VirtualPCNet32",
    };

    private readonly OvfDescriptor _ovf;
    private readonly Func<string, XElement, DataObject?> _network;
    private readonly bool? _isThin;
    private readonly bool _eagerly;
    private readonly Dictionary<int, Action<XElement>> _readers;
    private readonly Dictionary<string, DataObject> _controllers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _buses = new(StringComparer.Ordinal);

    /// <param name="ovf">The descriptor.</param>
    /// <param name="network">The backing of an adapter on an OVF network, or null after an error was noted.</param>
    /// <param name="provisioning">thin, thick or eagerZeroedThick; null for the host's choice.</param>
    /// <param name="knowsIdeModels">vCenter refuses any model of an IDE controller; a host ignores it.</param>
    public OvfHardware(OvfDescriptor ovf, Func<string, XElement, DataObject?> network, string? provisioning, bool knowsIdeModels)
    {
        _ovf = ovf;
        _network = network;
        _isThin = provisioning is null ? null : provisioning is "thin" or "sparse";
        _eagerly = provisioning == "eagerZeroedThick";
        _readers = new()
        {
            [3] = item => Spec["numCPUs"] = (int)Quantity(item),
            [4] = item => Spec["memoryMB"] = OvfDescriptor.Bytes(Text(item, "VirtualQuantity"), TextOrNull(item, "AllocationUnits") ?? "byte * 2^20") >> 20,
            [5] = item => AddIde(item, knowsIdeModels),
            [6] = item => AddKnown(item, s_scsi, type => AddController(item, type)),
            [10] = item => AddKnown(item, s_nics, type => AddNic(item, type)),
            [14] = _ => { },
            [15] = AddCdrom,
            [16] = AddCdrom,
            [17] = AddDisk,
            [20] = AddOtherStorage,
            [23] = item => AddUsb(item),
            [24] = _ => { },
            [1] = AddOther,
        };
    }

    /// <summary>The devices that the spec adds, with the negative keys that they have in it.</summary>
    public List<DataObject> Devices { get; } = [];

    /// <summary>The OvfFileItems, disks first.</summary>
    public List<(DataObject Device, XElement File)> Files { get; } = [];

    /// <summary>The spec for CPU and memory.</summary>
    public DataObject Spec { get; } = new("VirtualMachineConfigSpec");

    /// <summary>Reads the items; what a host can't do becomes an error of the descriptor.</summary>
    public void Read(IEnumerable<XElement> items)
    {
        // Controllers come before their devices, in any order of the items.
        var all = items.ToList();
        foreach (var item in all.OrderBy(i => TextOrNull(i, "ResourceType") is "5" or "6" or "20" ? 0 : 1))
        {
            try
            {
                var type = int.Parse(Text(item, "ResourceType"), CultureInfo.InvariantCulture);
                if (_readers.TryGetValue(type, out var reader))
                    reader(item);
                else
                    Unsupported(item, type);
            }
            catch (Exception e) when (e is FormatException or OverflowException)
            {
                _ovf.Errors.Add(VimFault.Of("OvfInvalidValueFormatMalformed", $"Line {OvfDescriptor.Line(item)}: {e.Message}",
                    ("lineNumber", OvfDescriptor.Line(item)), ("elementName", "Item"), ("attributeName", ""), ("value", item.Value)));
            }
        }
    }

    private static string Text(XElement item, string name) =>
        TextOrNull(item, name) ?? throw new FormatException($"The item has no {name}.");

    private static string? TextOrNull(XElement item, string name) => item.Element(OvfDescriptor.Rasd + name)?.Value.Trim();

    private static long Quantity(XElement item) => long.Parse(Text(item, "VirtualQuantity"), NumberStyles.None, CultureInfo.InvariantCulture);

    private DataObject New(string type) => new(type) { ["key"] = -1 - Devices.Count };

    private void AddKnown(XElement item, Dictionary<string, string> types, Action<string> add)
    {
        var names = (TextOrNull(item, "ResourceSubType") ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries).DefaultIfEmpty("");
        if (names.FirstOrDefault(types.ContainsKey) is { } name)
            add(types[name]);
        else
            Unsupported(item, int.Parse(Text(item, "ResourceType"), CultureInfo.InvariantCulture));
    }

    private void AddController(XElement item, string type)
    {
        var kind = type is "VirtualIDEController" or "VirtualAHCIController" or "VirtualNVMEController" ? type : "VirtualSCSIController";
        var bus = _buses.GetValueOrDefault(kind);
        _buses[kind] = bus + 1;
        var controller = New(type);
        controller["busNumber"] = bus;
        if (controller.Is("VirtualSCSIController"))
            controller["sharedBus"] = "noSharing";
        Devices.Add(controller);
        _controllers[Text(item, "InstanceID")] = controller;
    }

    private void AddIde(XElement item, bool knowsModels)
    {
        if (!knowsModels && TextOrNull(item, "ResourceSubType") is { } model)
        {
            _ovf.Errors.Add(VimFault.Of("OvfUnsupportedElementValue", $"{OvfDescriptor.Line(item)}:7:VALUE_ILLEGAL: Value ''{model}'' of ResourceSubType element not found in [].",
                ("lineNumber", OvfDescriptor.Line(item)), ("name", "ResourceSubType"), ("value", model)));
            return;
        }
        AddController(item, "VirtualIDEController");
    }

    // Names of other products, such as VirtualBox's AHCI, are unknown.
    private void AddOtherStorage(XElement item)
    {
        switch (TextOrNull(item, "ResourceSubType")?.ToLowerInvariant())
        {
            case "vmware.sata.ahci":
                AddController(item, "VirtualAHCIController");
                break;
            case "vmware.nvme.controller":
                AddController(item, "VirtualNVMEController");
                break;
            default:
                Unsupported(item, 20);
                break;
        }
    }

    private void AddUsb(XElement item)
    {
        var isXhci = (TextOrNull(item, "ResourceSubType") ?? "").Contains("xhci", StringComparison.OrdinalIgnoreCase);
        var controller = New(isXhci ? "VirtualUSBXHCIController" : "VirtualUSBController");
        controller["busNumber"] = 0;
        Devices.Add(controller);
    }

    private void AddOther(XElement item)
    {
        if (TextOrNull(item, "ResourceSubType") is not ("vmware.vmci" or "vmware.tpm"))
            Unsupported(item, 1);
    }

    private bool Place(XElement item, DataObject device)
    {
        var parent = TextOrNull(item, "Parent");
        if (parent is null || !_controllers.TryGetValue(parent, out var controller))
        {
            _ovf.Errors.Add(VimFault.Of("OvfInvalidValueReference",
                $"Line {OvfDescriptor.Line(item)}: Value '{parent}' of Parent element does not refer to a ref of type DiskControllerReference.",
                ("lineNumber", OvfDescriptor.Line(item)), ("elementName", "Item"), ("attributeName", "Parent"), ("value", parent ?? "")));
            return false;
        }
        var taken = Devices.Where(d => d.Int("controllerKey") == controller.Int("key")).Select(d => d.Int("unitNumber")).ToList();
        device["controllerKey"] = controller.Int("key");
        device["unitNumber"] = TextOrNull(item, "AddressOnParent") is { } address
            ? int.Parse(address, CultureInfo.InvariantCulture)
            : Enumerable.Range(0, 30).First(u => u != 7 && !taken.Contains(u));
        if (StorageBus.Of(controller)!.HasUnit(device.Int("unitNumber")!.Value) && !taken.Contains(device.Int("unitNumber")))
            return true;
        _ovf.Errors.Add(VimFault.Of("OvfNoSpaceOnController", $"Line {OvfDescriptor.Line(item)}: No space left for device '{TextOrNull(item, "InstanceID")}' on parent controller '{parent}'.",
            ("lineNumber", OvfDescriptor.Line(item)), ("name", "Item"), ("parent", parent)));
        return false;
    }

    private void AddDisk(XElement item)
    {
        var source = Text(item, "HostResource").Split('/');
        XElement? file;
        var capacity = 0L;
        if (source is [.., "disk", var diskId])
        {
            if (_ovf.Disk(diskId) is not { } disk)
            {
                _ovf.Errors.Add(OvfDescriptor.Reference(item, "HostResource", diskId));
                return;
            }
            capacity = OvfDescriptor.Bytes((string)disk.Attribute(OvfDescriptor.Ovf + "capacity")!, (string?)disk.Attribute(OvfDescriptor.Ovf + "capacityAllocationUnits"));
            file = (string?)disk.Attribute(OvfDescriptor.Ovf + "fileRef") is { } reference ? _ovf.File(reference) : null;
        }
        else
        {
            _ovf.Errors.Add(OvfDescriptor.Reference(item, "HostResource", Text(item, "HostResource")));
            return;
        }

        var device = New("VirtualDisk");
        if (!Place(item, device))
            return;
        device["capacityInKB"] = (capacity + 1023) / 1024;
        device["backing"] = new DataObject("VirtualDiskFlatVer2BackingInfo")
        {
            ["fileName"] = "",
            ["diskMode"] = "persistent",
            ["thinProvisioned"] = _isThin ?? false,
            ["eagerlyScrub"] = _eagerly ? true : null,
        };
        Devices.Add(device);
        if (file is not null)
            Files.Add((device, file));
    }

    private void AddCdrom(XElement item)
    {
        var device = New("VirtualCdrom");
        if (!Place(item, device))
            return;
        var file = TextOrNull(item, "HostResource")?.Split('/') is [.., "file", var id] ? _ovf.File(id) : null;
        device["backing"] = file is null
            ? new DataObject("VirtualCdromRemotePassthroughBackingInfo") { ["deviceName"] = "", ["exclusive"] = false }
            : new DataObject("VirtualCdromIsoBackingInfo") { ["fileName"] = "" };
        device["connectable"] = Connectable(item, file is not null);
        Devices.Add(device);
        if (file is not null)
            Files.Add((device, file));
    }

    private void AddNic(XElement item, string type)
    {
        var device = New(type);
        if (_network(Text(item, "Connection"), item) is not { } backing)
            return;
        device["backing"] = backing;
        device["connectable"] = Connectable(item, true);
        device["addressType"] = "generated";
        Devices.Add(device);
    }

    private static DataObject Connectable(XElement item, bool otherwise) => new("VirtualDeviceConnectInfo")
    {
        ["startConnected"] = TextOrNull(item, "AutomaticAllocation") is { } automatic ? automatic is "true" or "1" : otherwise,
        ["allowGuestControl"] = true,
        ["connected"] = false,
    };

    private void Unsupported(XElement item, int type)
    {
        var isRequired = (string?)item.Attribute(OvfDescriptor.Ovf + "required") is not ("false" or "0");
        (isRequired ? _ovf.Errors : _ovf.Warnings).Add(VimFault.Of("OvfUnsupportedType",
            $"Line {OvfDescriptor.Line(item)}: OVF hardware element 'ResourceType' with instance ID '{TextOrNull(item, "InstanceID")}': No support for the virtual hardware device type '{type}'.",
            ("lineNumber", OvfDescriptor.Line(item)), ("name", TextOrNull(item, "ElementName") ?? ""),
            ("instanceId", TextOrNull(item, "InstanceID") ?? ""), ("deviceType", type)));
    }
}
