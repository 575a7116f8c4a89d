using System.Globalization;
using VmDeploy.Simulator.Esxi.Data;
using VmDeploy.Simulator.Esxi.Soap;

namespace VmDeploy.Simulator.Esxi.Vms;

/// <summary>Applies the device changes of a spec: places, keys, labels, and the limits for a running VM.</summary>
internal sealed class DeviceEditor(ConfigEditor vm)
{
    private readonly BackingEditor _backings = new(vm);

    // Keys that the spec gave to new controllers, and the keys that they got.
    private readonly Dictionary<int, int> _newKeys = [];

    private List<DataObject> Devices => vm.Devices;

    public void Apply(IReadOnlyList<DataObject> changes)
    {
        // Controllers first, because other changes of the same spec can refer to them.
        foreach (var isController in (bool[])[true, false])
        {
            for (var i = 0; i < changes.Count; i++)
            {
                if (changes[i].Object("device")!.Is("VirtualController") == isController)
                    Apply(changes[i], i);
            }
        }
        foreach (var controller in Devices.Where(d => d.Is("VirtualController")))
            controller["device"] = Devices.Where(d => d.Int("controllerKey") == controller.Int("key")).Select(d => (object)d.Int("key")!.Value).Order();
    }

    private void Apply(DataObject change, int index)
    {
        var device = change.Object("device")!.Clone();
        var file = change.Text("fileOperation");
        switch (change.Text("operation"))
        {
            case "add":
                Add(device, file, index);
                break;
            case "edit":
                Edit(device, file, index);
                break;
            case "remove":
                Remove(device, file, index);
                break;
            default:
                throw DeviceFault.Invalid(index, "operation");
        }
    }

    private void Add(DataObject device, string? file, int index)
    {
        var oldKey = device.Int("key")!.Value;
        if (vm.IsNew && Devices.Find(d => d.Type == device.Type && DeviceKind.IsFixed(d) && BusOf(d) == BusOf(device)) is { } standard)
        {
            // Every VM has it; the spec can still name it.
            _newKeys[oldKey] = standard.Int("key")!.Value;
            return;
        }
        if (device.Is("VirtualDisk") || device.Is("VirtualCdrom"))
            PlaceOnBus(device, index);
        else if (StorageBus.Of(device) is { } bus)
            PlaceController(device, bus, index);
        else if (DeviceKind.Of(device) is { } kind)
            PlaceNumbered(device, kind, index);
        else
            throw DeviceFault.Invalid(index, "device");

        if (device.Is("VirtualController"))
            _newKeys[oldKey] = device.Int("key")!.Value;
        _backings.Prepare(device, file, isNew: true, index);
        Devices.Add(device);
    }

    private void Edit(DataObject device, string? file, int index)
    {
        if (file is not null)
            throw DeviceFault.Invalid(index, "fileOperation");
        var position = Devices.FindIndex(d => d.Int("key") == device.Int("key"));
        if (position < 0 || Devices[position].Type != device.Type)
            throw DeviceFault.Invalid(index, "device.key");
        var current = Devices[position];
        Devices.RemoveAt(position);

        var merged = current.Clone().Merge(device);
        merged["deviceInfo"] = current.Object("deviceInfo")!.Clone();
        // What is sent is taken, also if another VM has it; what is to be generated and is not sent is new.
        if (device.Is("VirtualEthernetCard") && device.Text("macAddress") is null && device.Text("addressType") is not (null or "manual"))
            merged["macAddress"] = null;
        if (device.Is("VirtualDisk") || device.Is("VirtualCdrom"))
        {
            if (merged.Int("controllerKey") != current.Int("controllerKey") || merged.Int("unitNumber") != current.Int("unitNumber"))
                PlaceOnBus(merged, index);
        }
        else
        {
            merged["controllerKey"] = current.Int("controllerKey");
            merged["unitNumber"] = current.Int("unitNumber");
        }
        if (merged.Is("VirtualDisk") && merged.Long("capacityInKB") != current.Long("capacityInKB"))
            CheckHotPlug(current, index);
        if (vm.IsRunning && merged.Is("VirtualEthernetCard") && merged.Text("macAddress") != current.Text("macAddress"))
            throw ConfigEditor.WrongState("poweredOn");
        _backings.CheckChange(current, merged, index);
        _backings.Prepare(merged, null, isNew: false, index);
        Devices.Insert(position, merged);
    }

    private void Remove(DataObject device, string? file, int index)
    {
        if (file is not (null or "destroy"))
            throw DeviceFault.Invalid(index, "fileOperation");
        var current = Devices.Find(d => d.Int("key") == device.Int("key")) ?? throw DeviceFault.Invalid(index, "device.key");
        if (DeviceKind.IsFixed(current) || Devices.Exists(d => d.Int("controllerKey") == current.Int("key")))
            throw DeviceFault.Invalid(index, "device.key");
        CheckHotPlug(current, index);
        if (file == "destroy")
            _backings.Destroy(current, index);
        Devices.Remove(current);
    }

    private void PlaceOnBus(DataObject device, int index)
    {
        if (device.Int("controllerKey") is not { } key)
            throw DeviceFault.Invalid(index, "device.controllerKey");
        key = _newKeys.GetValueOrDefault(key, key);
        var controller = Devices.Find(d => d.Int("key") == key);
        if (controller is null || StorageBus.Of(controller, HardwareNumber) is not { } bus || (device.Is("VirtualCdrom") && bus.ControllerType == "VirtualNVMEController"))
            throw DeviceFault.Invalid(index, "device.controllerKey");

        var taken = Devices.Where(d => d.Int("controllerKey") == key).Select(d => d.Int("unitNumber")!.Value).ToHashSet();
        var unit = device.Int("unitNumber") is { } wanted and >= 0
            ? wanted
            : Enumerable.Range(0, bus.Units).FirstOrDefault(u => bus.HasUnit(u) && !taken.Contains(u), -1);
        if (!bus.HasUnit(unit) || taken.Contains(unit))
            throw DeviceFault.Invalid(index, "device.unitNumber");
        device["controllerKey"] = key;
        device["unitNumber"] = unit;
        device["key"] = bus.KeyAt(controller.Int("busNumber")!.Value, unit);
        CheckHotPlug(device, index);
        Label(device, device.Is("VirtualDisk") ? "Hard disk" : "CD/DVD drive");
    }

    private void PlaceController(DataObject device, StorageBus bus, int index)
    {
        if (bus.FirstHardware > HardwareNumber)
        {
            throw VimFault.Of("DeviceUnsupportedForVmVersion", $"The device '{index}' is not supported by virtual hardware version {HardwareNumber}.",
                ("property", $"configSpec.deviceChange[{index}].device"), ("deviceIndex", index), ("currentVersion", vm.Config.Text("version")),
                ("expectedVersion", FormattableString.Invariant($"vmx-{bus.FirstHardware:00}")));
        }
        var number = device.Int("busNumber")!.Value;
        var key = bus.ControllerKey + number;
        if (number < 0 || number >= bus.Buses || Devices.Exists(d => d.Int("key") == key))
            throw DeviceFault.Invalid(index, "device.busNumber");
        device["key"] = key;
        device["controllerKey"] = 100;
        device["unitNumber"] = null;
        device["device"] = null;
        if (device.Is("VirtualSCSIController"))
        {
            device["scsiCtlrUnitNumber"] = 7;
            device["hotAddRemove"] = true;
        }
        SetLabel(device, $"{bus.Label} {number.ToString(CultureInfo.InvariantCulture)}");
    }

    private void PlaceNumbered(DataObject device, DeviceKind kind, int index)
    {
        var key = Enumerable.Range(kind.FirstKey, kind.Max).FirstOrDefault(k => !Devices.Exists(d => d.Int("key") == k), -1);
        if (key < 0)
            throw DeviceFault.Of("TooManyDevices", $"The virtual machine can't have another {kind.Label}.", index, "device");
        var unit = key - kind.FirstKey + (kind.Type == "VirtualEthernetCard" ? 7 : 0);
        // An adapter can request its place on the PCI bus.
        if (kind.Type == "VirtualEthernetCard" && device.Int("controllerKey") == kind.ControllerKey && device.Int("unitNumber") is { } wanted)
            unit = wanted is >= 7 and <= 16 && !Devices.Exists(d => d.Is(kind.Type) && d.Int("unitNumber") == wanted) ? wanted : throw DeviceFault.Invalid(index, "device.unitNumber");
        else if (kind.Type == "VirtualEthernetCard")
            unit = Enumerable.Range(7, kind.Max).First(u => !Devices.Exists(d => d.Is(kind.Type) && d.Int("unitNumber") == u));
        device["key"] = key;
        device["controllerKey"] = kind.ControllerKey;
        device["unitNumber"] = unit;
        if (kind.Max > 1)
            Label(device, kind.Label);
        else
            SetLabel(device, kind.Label);
    }

    private static int? BusOf(DataObject device) => device.Is("VirtualController") ? device.Int("busNumber") : null;

    private int HardwareNumber => int.Parse(vm.Config.Text("version")!["vmx-".Length..], CultureInfo.InvariantCulture);

    // IDE can't be changed under a running guest.
    private void CheckHotPlug(DataObject device, int index)
    {
        if (vm.IsRunning && device.Int("controllerKey") is >= 200 and < 300)
            throw DeviceFault.Of("DeviceHotPlugNotSupported", "Hot plug of IDE devices is not supported for this virtual machine.", index, "device");
    }

    private void Label(DataObject device, string label)
    {
        var number = 1;
        while (Devices.Exists(d => d.Object("deviceInfo")?.Text("label") == $"{label} {number}"))
            number++;
        SetLabel(device, $"{label} {number.ToString(CultureInfo.InvariantCulture)}");
    }

    private static void SetLabel(DataObject device, string label) =>
        device["deviceInfo"] = new DataObject("Description") { ["label"] = label, ["summary"] = label };
}
