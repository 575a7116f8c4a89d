namespace VmDeploy.Vsphere;

/// <summary>A disk controller for a VM from scratch, and the places that its disks take.</summary>
internal sealed class DiskLayout(string type, XElement? controller, IEnumerable<(int ControllerKey, int Unit)> places)
{
    /// <summary>Disks of one SCSI controller.</summary>
    public const int ScsiDisks = 15;

    private const string Default = "VirtualLsiLogicController";
    private const int ScsiKey = -100;
    private const int ScsiOwnUnit = 7;
    private const int NewDiskKey = -400;

    private readonly IReadOnlyList<(int ControllerKey, int Unit)> _places = places.ToList();

    public string Type { get; } = type;

    /// <summary>The new controller; null for IDE, which every VM has.</summary>
    public XElement? Controller { get; } = controller;

    /// <summary>The two IDE controllers that every new VM has.</summary>
    public static IEnumerable<XElement> BuiltIn => Enumerable.Range(0, 2).Select(bus => VimXml.Typed("device", "VirtualIDEController",
        VimXml.El("key", 200 + bus), VimXml.El("busNumber", bus)));

    /// <summary>The layout for a kind of controller; null for the guest's default.</summary>
    public static DiskLayout Create(DiskController? wanted, XElement? guest)
    {
        var type = TypeOf(wanted, guest);
        switch (type)
        {
            case "VirtualIDEController":
                // The last place is the CD-ROM's.
                return new DiskLayout(type, null, [(200, 0), (200, 1), (201, 0)]);
            case "VirtualAHCIController":
                var sata = CdromSlot.Find([], CdromBus.Sata)!.Controller;
                return new DiskLayout(type, sata, Units(sata, 29));
            case "VirtualNVMEController":
                var nvme = VimXml.Typed("device", type, VimXml.El("key", ScsiKey), VimXml.El("busNumber", 0));
                return new DiskLayout(type, nvme, Units(nvme, 15));
            default:
                var scsi = VimXml.Typed("device", type, VimXml.El("key", ScsiKey), VimXml.El("busNumber", 0), VimXml.El("sharedBus", "noSharing"));
                return new DiskLayout(type, scsi, Units(scsi, 16).Where(place => place.Unit != ScsiOwnUnit));
        }
    }

    /// <summary>The vim25 type of a kind of controller; for null the one that the guest recommends.</summary>
    public static string TypeOf(DiskController? wanted, XElement? guest) => wanted switch
    {
        DiskController.LsiLogic => Default,
        DiskController.LsiLogicSas => "VirtualLsiLogicSASController",
        DiskController.ParaVirtual => "ParaVirtualSCSIController",
        DiskController.Sata => "VirtualAHCIController",
        DiskController.Nvme => "VirtualNVMEController",
        DiskController.Ide => "VirtualIDEController",
        _ => guest?.Value("recommendedDiskController") is { Length: > 0 } recommended ? recommended : Default,
    };

    /// <summary>The host's own description of a disk with a larger size. If it has both properties for the size, both are set: the newer one takes precedence.</summary>
    public static XElement WithCapacity(XElement device, long bytes)
    {
        var changed = new XElement(device);
        changed.Child("capacityInKB")!.Value = ((bytes + 1023) / 1024).ToString(CultureInfo.InvariantCulture);
        if (changed.Child("capacityInBytes") is { } exact)
            exact.Value = ((bytes + 1023) / 1024 * 1024).ToString(CultureInfo.InvariantCulture);
        return changed;
    }

    /// <summary>New disks in the order of their sizes in bytes.</summary>
    public IReadOnlyList<XElement> CreateDisks(IReadOnlyList<long> sizes, string datastore, DiskProvisioning? provisioning) =>
        sizes.Count <= _places.Count
            ? sizes.Select((size, i) => CreateDisk(NewDiskKey - i, size, _places[i].ControllerKey, _places[i].Unit, datastore, provisioning)).ToList()
            : throw VmLimits.Invalid($"{sizes.Count} disks requested; {Type} allows {_places.Count}.", sizes.Count);

    /// <summary>A new disk. The host names its file.</summary>
    public static XElement CreateDisk(int key, long bytes, int controllerKey, int unit, string datastore, DiskProvisioning? provisioning) =>
        VimXml.Typed("device", "VirtualDisk",
            VimXml.El("key", key),
            VimXml.Typed("backing", "VirtualDiskFlatVer2BackingInfo",
                VimXml.El("fileName", new DatastorePath(datastore, "").ToString()),
                VimXml.El("diskMode", "persistent"),
                VimXml.El("thinProvisioned", provisioning is null or DiskProvisioning.Thin),
                VimXml.El("eagerlyScrub", provisioning is DiskProvisioning.EagerZeroedThick)),
            VimXml.El("controllerKey", controllerKey),
            VimXml.El("unitNumber", unit),
            VimXml.El("capacityInKB", (bytes + 1023) / 1024),
            VimXml.El("capacityInBytes", (bytes + 1023) / 1024 * 1024));

    private static IEnumerable<(int ControllerKey, int Unit)> Units(XElement controller, int count) =>
        Enumerable.Range(0, count).Select(unit => (controller.Number("key")!.Value, unit));
}
