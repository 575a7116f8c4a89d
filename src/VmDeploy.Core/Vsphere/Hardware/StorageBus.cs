namespace VmDeploy.Vsphere;

/// <summary>A kind of bus that disks and CD-ROM drives are attached to.</summary>
/// <param name="Name">As in <c>SCSI 0:1</c>.</param>
/// <param name="Units">Units of one controller.</param>
/// <param name="Controllers">How many controllers a VM can have.</param>
internal sealed record StorageBus(string Name, int Units, int Controllers)
{
    // The first hardware version whose paravirtual SCSI controllers have 64 units.
    private const int WideScsiVersion = 14;

    public static StorageBus Ide { get; } = new("IDE", 2, 2);

    public static StorageBus Sata { get; } = new("SATA", 30, 4);

    // By the keys that hosts give to disks: 2000 and up, 3000, 16000, 31000.
    private static readonly string[] s_order = ["SCSI", "IDE", "SATA", "NVMe"];

    private static readonly StorageBus s_scsi = new("SCSI", 16, 4);
    private static readonly StorageBus s_wideScsi = new("SCSI", 64, 4);
    private static readonly StorageBus s_nvme = new("NVMe", 15, 4);

    /// <summary>The bus of a controller; null for other devices.</summary>
    /// <param name="controller">The device.</param>
    /// <param name="hardwareVersion">The VM's hardware version, for example <c>vmx-19</c>, which decides how many units there are.</param>
    public static StorageBus? Of(XElement controller, string? hardwareVersion = null) => controller.TypeName() switch
    {
        "VirtualIDEController" => Ide,
        "VirtualAHCIController" or "VirtualSATAController" => Sata,
        "VirtualNVMEController" => s_nvme,
        "ParaVirtualSCSIController" => VersionOf(hardwareVersion) >= WideScsiVersion ? s_wideScsi : s_scsi,
        "VirtualLsiLogicController" or "VirtualLsiLogicSASController" or "VirtualBusLogicController" or "VirtualSCSIController" => s_scsi,
        _ => null,
    };

    /// <summary>The place of a device for people, for example <c>SCSI 0:1</c>.</summary>
    public static string Place(XElement? controller, int? unit) => FormattableString.Invariant(
        $"{(controller is null ? "" : Of(controller)?.Name ?? controller.TypeName())} {controller?.Number("busNumber")}:{unit}");

    /// <summary>The disks of a VM in the order in which a host numbers them (<c>Hard disk 1</c>), whatever their order in the record: by bus, controller and unit. The first is the boot disk.</summary>
    /// <param name="devices">The VM's devices, of a spec or as made.</param>
    public static IReadOnlyList<XElement> DisksOf(IEnumerable<XElement> devices)
    {
        var all = devices.ToList();
        return all.Where(IsDisk).Select(disk => (Disk: disk, Controller: ControllerOf(all, disk)))
            // One whose controller the host does not list is first.
            .OrderBy(one => one.Controller is null ? -1 : Array.IndexOf(s_order, Of(one.Controller)?.Name)).ThenBy(one => one.Controller?.Number("busNumber"))
            .ThenBy(one => one.Disk.Number("unitNumber")).Select(one => one.Disk).ToList();
    }

    /// <summary>The controller of a device.</summary>
    /// <param name="devices">The VM's devices. A spec of a host leaves out the IDE controllers, which every VM has.</param>
    /// <param name="device">One of them.</param>
    public static XElement? ControllerOf(IEnumerable<XElement> devices, XElement device) =>
        devices.Concat(DiskLayout.BuiltIn).FirstOrDefault(controller => Of(controller) is not null && controller.Value("key") == device.Value("controllerKey"));

    private static bool IsDisk(XElement device) => device.TypeName() == "VirtualDisk";

    private static int VersionOf(string? hardwareVersion) =>
        hardwareVersion is { Length: > 4 } && int.TryParse(hardwareVersion.Substring(4), NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : 0;
}
