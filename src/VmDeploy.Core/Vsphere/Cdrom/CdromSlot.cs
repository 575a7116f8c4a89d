namespace VmDeploy.Vsphere;

/// <summary>A place for a CD-ROM drive, on a controller that the VM has or on a new one.</summary>
internal sealed record CdromSlot(XElement Controller, bool IsNew, int Unit)
{
    // Keys of new devices: negative, and only references between them.
    private const int NewSataKey = -200;

    public CdromBus Bus => BusOf(Controller)!.Value;
    public int ControllerKey => Controller.Number("key")!.Value;

    /// <summary>Whether a controller of the VM is the slot's; a new one is recognized by its bus number.</summary>
    public bool IsOn(XElement controller) => IsNew
        ? BusOf(controller) == Bus && controller.Number("busNumber") == Controller.Number("busNumber")
        : controller.Number("key") == ControllerKey;

    public override string ToString() => $"{(Bus == CdromBus.Ide ? "IDE" : "SATA")} {Controller.Number("busNumber")}:{Unit}";

    /// <summary>A free slot of a bus, or null; for SATA on a new controller if the VM has none or all are full.</summary>
    public static CdromSlot? Find(IReadOnlyList<XElement> devices, CdromBus bus)
    {
        var controllers = devices.Where(d => BusOf(d) == bus).OrderBy(d => d.Number("busNumber")).ToList();
        var units = (bus == CdromBus.Ide ? StorageBus.Ide : StorageBus.Sata).Units;
        var free = from controller in controllers
                   from unit in Enumerable.Range(0, units)
                   where At(devices, controller, unit) is null
                   select new CdromSlot(controller, false, unit);
        // With an IDE slave that has no master a VM doesn't power on: all masters come first.
        return bus == CdromBus.Ide ? free.OrderBy(slot => slot.Unit).FirstOrDefault() : free.FirstOrDefault() ?? NewSata(controllers);
    }

    public static CdromBus? BusOf(XElement controller) => controller.TypeName() switch
    {
        "VirtualIDEController" => CdromBus.Ide,
        "VirtualAHCIController" or "VirtualSATAController" => CdromBus.Sata,
        _ => null,
    };

    public static XElement? At(IEnumerable<XElement> devices, XElement controller, int unit) =>
        devices.FirstOrDefault(d => d.Number("controllerKey") == controller.Number("key") && d.Number("unitNumber") == unit);

    private static CdromSlot? NewSata(IReadOnlyCollection<XElement> controllers)
    {
        HashSet<int?> taken = [.. controllers.Select(c => c.Number("busNumber"))];
        var bus = Enumerable.Range(0, StorageBus.Sata.Controllers).Where(b => !taken.Contains(b)).DefaultIfEmpty(-1).First();
        return bus < 0 ? null : new CdromSlot(VimXml.Typed("device", "VirtualAHCIController",
            VimXml.El("key", NewSataKey - bus), VimXml.El("busNumber", bus)), true, 0);
    }
}
