using VmDeploy.Simulator.Esxi.Data;

namespace VmDeploy.Simulator.Esxi.Vms;

/// <summary>A kind of controller that disks and CD-ROM drives sit on.</summary>
/// <param name="ControllerType">Its type, or the base of its types.</param>
/// <param name="Label">What a controller is called, without its number.</param>
/// <param name="ControllerKey">Key of the controller with bus number 0.</param>
/// <param name="Buses">How many a VM can have.</param>
/// <param name="DeviceKey">Key of the device at unit 0 of bus 0.</param>
/// <param name="Units">Units on a bus.</param>
internal sealed record StorageBus(string ControllerType, string Label, int ControllerKey, int Buses, int DeviceKey, int Units)
{
    public static StorageBus Ide { get; } = new("VirtualIDEController", "IDE", 200, 2, 3000, 2);

    public static StorageBus Sata { get; } = new("VirtualSATAController", "SATA controller", 15000, 4, 16000, 30);

    private static readonly IReadOnlyList<StorageBus> s_all =
    [
        Ide,
        Sata,
        new("VirtualSCSIController", "SCSI controller", 1000, 4, 2000, 16),
        new("VirtualNVMEController", "NVME controller", 31000, 4, 32000, 15),
    ];

    /// <summary>The kind of a controller, or null when it is none for storage.</summary>
    public static StorageBus? Of(DataObject controller) => s_all.FirstOrDefault(b => controller.Is(b.ControllerType));

    /// <summary>Unit 7 of a SCSI bus is the controller itself.</summary>
    public bool HasUnit(int unit) => unit >= 0 && unit < Units && !(ControllerType == "VirtualSCSIController" && unit == 7);

    public int KeyAt(int bus, int unit) => DeviceKey + bus * Units + unit;
}
