namespace VmDeploy.Vsphere;

/// <summary>A place for a new disk.</summary>
/// <param name="NewController">A new controller for it and those that follow; null for an existing one.</param>
/// <param name="ControllerKey">The controller's key.</param>
/// <param name="Unit">Unit on the controller.</param>
internal sealed record DiskPlace(XElement? NewController, int ControllerKey, int Unit)
{
    private const string DefaultType = "VirtualLsiLogicController";
    private const int ScsiOwnUnit = 7;

    // Negative, and only references between new devices.
    private const int NewControllerKey = -100;

    /// <summary>Free units of controllers like that of the first disk, then of new ones like it.</summary>
    /// <param name="devices">The VM's devices, of a spec or as made.</param>
    /// <param name="hardwareVersion">For example <c>vmx-19</c>; null if it is not known.</param>
    /// <param name="count">How many are needed.</param>
    /// <param name="what">The VM or its source, for messages.</param>
    /// <exception cref="VmDeployException"><c>HardwareInvalid</c> if not enough are free.</exception>
    public static IReadOnlyList<DiskPlace> Find(IReadOnlyList<XElement> devices, string? hardwareVersion, int count, string what)
    {
        var type = TypeOf(devices);
        var places = On(devices, type, hardwareVersion).Take(count).ToList();
        // A VM has its two IDE controllers and no more.
        if (places.Count < count && type == "VirtualIDEController")
            places.AddRange(On(devices, DefaultType, hardwareVersion).Take(count - places.Count));
        return places.Count == count ? places
            : throw VmLimits.Invalid($"{count} more disks requested; the controllers of {what} have {places.Count} free places.", count);
    }

    private static string TypeOf(IReadOnlyList<XElement> devices)
    {
        var disks = StorageBus.DisksOf(devices);
        var controller = disks.Count > 0
            ? StorageBus.ControllerOf(devices, disks[0])
            : devices.FirstOrDefault(d => StorageBus.Of(d) is { } bus && bus != StorageBus.Ide);
        return controller?.TypeName() ?? DefaultType;
    }

    private static IEnumerable<DiskPlace> On(IReadOnlyList<XElement> devices, string type, string? version)
    {
        if (StorageBus.Of(VimXml.Typed("device", type), version) is not { } bus)
            yield break;
        // Controllers of different types share the numbers of a bus.
        var family = devices.Where(d => StorageBus.Of(d)?.Name == bus.Name).OrderBy(d => d.Number("busNumber")).ToList();
        foreach (var controller in family.Where(d => d.TypeName() == type))
        {
            foreach (var unit in FreeUnits(devices, controller, bus))
                yield return new DiskPlace(null, controller.Number("key")!.Value, unit);
        }
        if (bus == StorageBus.Ide)
            yield break;
        foreach (var number in Enumerable.Range(0, bus.Controllers).Where(n => family.All(d => d.Number("busNumber") != n)))
        {
            var controller = VimXml.Typed("device", type, VimXml.El("key", NewControllerKey - number), VimXml.El("busNumber", number),
                bus.Name == "SCSI" ? VimXml.El("sharedBus", "noSharing") : null);
            foreach (var unit in FreeUnits(devices, controller, bus))
                yield return new DiskPlace(controller, NewControllerKey - number, unit);
        }
    }

    private static IEnumerable<int> FreeUnits(IReadOnlyList<XElement> devices, XElement controller, StorageBus bus)
    {
        var own = controller.Number("scsiCtlrUnitNumber") ?? (bus.Name == "SCSI" ? ScsiOwnUnit : -1);
        HashSet<int?> taken = [own, .. devices.Where(d => d.Value("controllerKey") == controller.Value("key")).Select(d => d.Number("unitNumber"))];
        return Enumerable.Range(0, bus.Units).Where(unit => !taken.Contains(unit));
    }
}
