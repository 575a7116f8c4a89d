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

    private static int VersionOf(string? hardwareVersion) =>
        hardwareVersion is { Length: > 4 } && int.TryParse(hardwareVersion.Substring(4), NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : 0;
}
