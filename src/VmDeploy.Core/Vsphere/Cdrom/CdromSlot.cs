namespace VmDeploy.Vsphere;

/// <summary>A place that a CD-ROM drive can be attached to.</summary>
/// <param name="Controller">The controller: one of the VM's, or one to be made for it.</param>
/// <param name="IsNew">The controller is to be made.</param>
/// <param name="Unit">Unit on the controller.</param>
internal sealed record CdromSlot(XElement Controller, bool IsNew, int Unit)
{
    private const int IdeUnits = 2;
    private const int SataUnits = 30;
    private const int SataControllers = 4;

    // Of devices that are to be made: negative, and of no meaning but to refer to each other.
    private const int NewSataKey = -200;

    public CdromBus Bus => BusOf(Controller)!.Value;

    public int ControllerKey => Controller.Number("key")!.Value;

    /// <summary>Whether a controller of the VM is the slot's, once it is made.</summary>
    public bool IsOn(XElement controller) => IsNew
        ? BusOf(controller) == Bus && controller.Number("busNumber") == Controller.Number("busNumber")
        : controller.Number("key") == ControllerKey;

    public override string ToString() => $"{(Bus == CdromBus.Ide ? "IDE" : "SATA")} {Controller.Number("busNumber")}:{Unit}";

    /// <summary>A free slot of a bus, or null. For SATA a controller is made where none is there or all are full.</summary>
    /// <param name="devices">The VM's devices, and those that it is to get.</param>
    /// <param name="bus">The bus.</param>
    public static CdromSlot? Find(IReadOnlyList<XElement> devices, CdromBus bus)
    {
        var controllers = devices.Where(d => BusOf(d) == bus).OrderBy(d => d.Number("busNumber")).ToList();
        var units = bus == CdromBus.Ide ? IdeUnits : SataUnits;
        var free = from controller in controllers
                   from unit in Enumerable.Range(0, units)
                   where At(devices, controller, unit) is null
                   select new CdromSlot(controller, false, unit);
        // An IDE slave without a master keeps the VM from powering on: all masters come first.
        return bus == CdromBus.Ide
            ? free.OrderBy(slot => slot.Unit).FirstOrDefault()
            : free.FirstOrDefault() ?? NewSata(controllers);
    }

    /// <summary>The bus that a controller is one of, or null for other controllers and devices.</summary>
    public static CdromBus? BusOf(XElement controller) => controller.TypeName() switch
    {
        "VirtualIDEController" => CdromBus.Ide,
        "VirtualAHCIController" or "VirtualSATAController" => CdromBus.Sata,
        _ => null,
    };

    /// <summary>The device at a place, or null.</summary>
    public static XElement? At(IEnumerable<XElement> devices, XElement controller, int unit) =>
        devices.FirstOrDefault(d => d.Number("controllerKey") == controller.Number("key") && d.Number("unitNumber") == unit);

    private static CdromSlot? NewSata(IReadOnlyCollection<XElement> controllers)
    {
        HashSet<int?> taken = [.. controllers.Select(c => c.Number("busNumber"))];
        var bus = Enumerable.Range(0, SataControllers).Where(b => !taken.Contains(b)).DefaultIfEmpty(-1).First();
        return bus < 0 ? null : new CdromSlot(VimXml.Typed("device", "VirtualAHCIController",
            VimXml.El("key", NewSataKey - bus), VimXml.El("busNumber", bus)), true, 0);
    }
}
