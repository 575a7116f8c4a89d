namespace VmDeploy.Vsphere;

/// <summary><c>VirtualCdrom</c>, read and written.</summary>
internal static class CdromDevice
{
    private const int NewKey = -300;

    // VirtualDevice's children in schema order.
    private static readonly string[] s_order = ["key", "deviceInfo", "backing", "connectable", "slotInfo", "controllerKey", "unitNumber", "numaNode", "deviceGroupInfo"];

    /// <summary>A new drive; a running guest sees its medium at once.</summary>
    public static XElement Create(CdromSlot slot, XElement backing, bool isRunning) => VimXml.Typed("device", "VirtualCdrom",
        VimXml.El("key", NewKey),
        backing,
        Connectable(backing, isRunning),
        VimXml.El("controllerKey", slot.ControllerKey),
        VimXml.El("unitNumber", slot.Unit));

    /// <summary>The host's own description of a drive with another medium.</summary>
    public static XElement WithMedium(XElement device, XElement backing, bool isRunning)
    {
        var changed = new XElement(device);
        changed.Child("backing")?.Remove();
        changed.InsertInOrder(backing, s_order);
        var wanted = Connectable(backing, isRunning);
        if (changed.Child("connectable") is not { } connectable)
        {
            changed.InsertInOrder(wanted, s_order);
            return changed;
        }
        foreach (var name in new[] { "startConnected", "connected" })
            connectable.Child(name)!.Value = wanted.Value(name)!;
        return changed;
    }

    /// <summary>A <c>VirtualDeviceBackingInfo</c>.</summary>
    public static XElement Backing(CdromMediumKind kind, string name) => kind switch
    {
        CdromMediumKind.Iso => VimXml.Typed("backing", "VirtualCdromIsoBackingInfo", VimXml.El("fileName", name)),
        CdromMediumKind.HostDevice => VimXml.Typed("backing", "VirtualCdromAtapiBackingInfo",
            VimXml.El("deviceName", name), VimXml.El("useAutoDetect", false)),
        // A "client device" is empty until a console inserts something.
        CdromMediumKind.Empty => VimXml.Typed("backing", "VirtualCdromRemotePassthroughBackingInfo",
            VimXml.El("deviceName", name), VimXml.El("useAutoDetect", false), VimXml.El("exclusive", false)),
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    /// <summary>The VM's drives in the order of their slots.</summary>
    public static IReadOnlyList<VmCdrom> Read(VmHardware hardware) => hardware.Cdroms
        .Select(d => (Drive: d, Controller: hardware.Find(d.Number("controllerKey") ?? 0)))
        .OrderBy(d => d.Controller is null ? null : CdromSlot.BusOf(d.Controller))
        .ThenBy(d => d.Controller?.Number("busNumber"))
        .ThenBy(d => d.Drive.Number("unitNumber"))
        .Select(d => ToCdrom(hardware, d.Drive, d.Controller)).ToList();

    public static VmCdrom Read(VmHardware hardware, XElement drive) =>
        ToCdrom(hardware, drive, hardware.Find(drive.Number("controllerKey") ?? 0));

    private static VmCdrom ToCdrom(VmHardware hardware, XElement drive, XElement? controller)
    {
        var connectable = drive.Child("connectable");
        var bus = controller is null ? "" : CdromSlot.BusOf(controller) switch
        {
            CdromBus.Ide => "IDE",
            CdromBus.Sata => "SATA",
            _ => controller.TypeName() ?? "",
        };
        return new VmCdrom(hardware.Vm, drive.Value("key") ?? "", drive.Child("deviceInfo")?.Value("label") ?? "")
        {
            Medium = MediumOf(drive.Child("backing")),
            Slot = FormattableString.Invariant($"{bus} {controller?.Number("busNumber")}:{drive.Number("unitNumber")}"),
            IsConnected = hardware.PowerState == PowerState.On && connectable?.Value("connected") == "true",
            StartConnected = connectable?.Value("startConnected") == "true",
            IsOfCloudInit = CloudInitIso.IsIn(drive),
        };
    }

    private static CdromMedium MediumOf(XElement? backing) => backing?.TypeName() switch
    {
        "VirtualCdromIsoBackingInfo" when backing.Value("fileName") is { Length: > 0 } file => new CdromMedium(CdromMediumKind.Iso, file),
        "VirtualCdromAtapiBackingInfo" or "VirtualCdromPassthroughBackingInfo" => new CdromMedium(CdromMediumKind.HostDevice, backing.Value("deviceName")),
        _ => CdromMedium.Empty,
    };

    private static XElement Connectable(XElement backing, bool isRunning)
    {
        var hasMedium = backing.TypeName() != "VirtualCdromRemotePassthroughBackingInfo";
        return VimXml.El("connectable",
            VimXml.El("startConnected", hasMedium),
            VimXml.El("allowGuestControl", true),
            VimXml.El("connected", hasMedium && isRunning));
    }
}
