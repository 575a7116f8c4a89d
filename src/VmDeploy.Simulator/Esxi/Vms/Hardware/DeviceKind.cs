using VmDeploy.Simulator.Esxi.Data;

namespace VmDeploy.Simulator.Esxi.Vms;

/// <summary>A kind of device that is numbered one by one.</summary>
/// <param name="Type">Its type, or the base of its types.</param>
/// <param name="Label">Its label; followed by a number if a VM can have several.</param>
/// <param name="FirstKey">Key of the first.</param>
/// <param name="Max">How many a VM can have.</param>
/// <param name="ControllerKey">Their controller; null for devices without one.</param>
internal sealed record DeviceKind(string Type, string Label, int FirstKey, int Max, int? ControllerKey)
{
    private const int Pci = 100;
    private const int Ps2 = 300;
    private const int Sio = 400;

    private static readonly IReadOnlyList<DeviceKind> s_all =
    [
        new("VirtualEthernetCard", "Network adapter", 4000, 10, Pci),
        new("VirtualUSBXHCIController", "USB xHCI controller", 14000, 1, Pci),
        new("VirtualUSBController", "USB controller", 7000, 1, Pci),
        new("VirtualSoundCard", "Sound card", 5000, 1, Pci),
        new("VirtualMachineVideoCard", "Video card", 500, 1, Pci),
        new("VirtualMachineVMCIDevice", "VMCI device", 12000, 1, Pci),
        new("VirtualTPM", "Virtual TPM", 11000, 1, null),
        new("VirtualFloppy", "Floppy drive", 8000, 2, Sio),
        new("VirtualSerialPort", "Serial port", 9000, 32, Sio),
        new("VirtualParallelPort", "Parallel port", 10000, 3, Sio),
        new("VirtualKeyboard", "Keyboard", 600, 1, Ps2),
        new("VirtualPointingDevice", "Pointing device", 700, 1, Ps2),
    ];

    private static readonly HashSet<int> s_fixed = [.. Always().Select(d => d.Int("key")!.Value)];

    /// <summary>The devices of every VM.</summary>
    public static IEnumerable<DataObject> Always()
    {
        yield return Controller("VirtualIDEController", 200, 0, "IDE 0");
        yield return Controller("VirtualIDEController", 201, 1, "IDE 1");
        yield return Controller("VirtualPS2Controller", Ps2, 0, "PS2 controller 0");
        yield return Controller("VirtualPCIController", Pci, 0, "PCI controller 0");
        yield return Controller("VirtualSIOController", Sio, 0, "SIO controller 0");
        yield return Simple("VirtualKeyboard", 600, Ps2, 0, "Keyboard");
        var mouse = Simple("VirtualPointingDevice", 700, Ps2, 1, "Pointing device");
        mouse["backing"] = new DataObject("VirtualPointingDeviceDeviceBackingInfo") { ["deviceName"] = "", ["useAutoDetect"] = false, ["hostPointingDevice"] = "autodetect" };
        yield return mouse;
        var video = Simple("VirtualMachineVideoCard", 500, Pci, 0, "Video card");
        video["videoRamSizeInKB"] = 4096L;
        yield return video;
        yield return Simple("VirtualMachineVMCIDevice", 12000, Pci, 17, "VMCI device");
    }

    /// <summary>Every VM has it, and it can't be removed.</summary>
    public static bool IsFixed(DataObject device) => s_fixed.Contains(device.Int("key")!.Value);

    public static DeviceKind? Of(DataObject device) => s_all.FirstOrDefault(k => device.Is(k.Type));

    private static DataObject Controller(string type, int key, int bus, string label)
    {
        var device = Simple(type, key, null, null, label);
        device["busNumber"] = bus;
        return device;
    }

    private static DataObject Simple(string type, int key, int? controller, int? unit, string label) => new(type)
    {
        ["key"] = key,
        ["deviceInfo"] = new DataObject("Description") { ["label"] = label, ["summary"] = label },
        ["controllerKey"] = controller,
        ["unitNumber"] = unit,
    };
}
