using VmDeploy.Simulator.Esxi.Data;

namespace VmDeploy.Simulator.Esxi.Vms;

/// <summary>A kind of controller for disks and CD-ROM drives.</summary>
/// <param name="ControllerType">Its type, or the base of its types.</param>
/// <param name="Label">The label of a controller, without its number.</param>
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

    private static readonly StorageBus s_wideScsi = new("ParaVirtualSCSIController", "SCSI controller", 1000, 4, 131072, 64);

    /// <summary>The kind of a controller, or null if it is not a storage controller.</summary>
    /// <param name="controller">The device.</param>
    /// <param name="hardware">The VM's hardware version: from vmx-14 on, paravirtual controllers have 64 units.</param>
    public static StorageBus? Of(DataObject controller, int hardware = 0) =>
        hardware >= 14 && controller.Is(s_wideScsi.ControllerType) ? s_wideScsi : s_all.FirstOrDefault(b => controller.Is(b.ControllerType));

    /// <summary>The first hardware version that has it.</summary>
    public int FirstHardware => ControllerType switch { "VirtualSATAController" => 10, "VirtualNVMEController" => 13, _ => 4 };

    /// <summary>Unit 7 of a SCSI bus is the controller itself.</summary>
    public bool HasUnit(int unit) => unit >= 0 && unit < Units && !(Label == "SCSI controller" && unit == 7);

    // The first 16 units of a controller with 64 have the same keys as on every other.
    public int KeyAt(int bus, int unit) => Units == 64 && unit < 16 ? 2000 + bus * 16 + unit : DeviceKey + bus * Units + unit;
}
