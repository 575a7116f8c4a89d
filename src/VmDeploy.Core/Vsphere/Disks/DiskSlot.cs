namespace VmDeploy.Vsphere;

/// <summary>A place for a disk.</summary>
/// <param name="Controller">The controller: an existing one of the VM, or a new one.</param>
/// <param name="IsNew">The controller is new.</param>
/// <param name="Unit">Unit on the controller.</param>
internal sealed record DiskSlot(XElement Controller, bool IsNew, int Unit)
{
    // Negative, and only references between new devices.
    private const int NewControllerKey = -100;
    private const int ScsiOwnUnit = 7;

    public int ControllerKey => Controller.Number("key")!.Value;

    /// <summary>Finds the requested place, or the first free one.</summary>
    /// <param name="hardware">The VM.</param>
    /// <param name="type">The controller's vim25 type.</param>
    /// <param name="disk">The request, with controller number and unit if given.</param>
    /// <exception cref="VmDeployException"><c>DiskSlotInvalid</c> or <c>DiskSlotsFull</c>.</exception>
    public static DiskSlot Find(VmHardware hardware, string type, NewDisk disk)
    {
        var version = hardware.Content.Text("config.version");
        var bus = StorageBus.Of(VimXml.Typed("device", type), version)
            ?? throw new VmDeployException(ErrorCodes.DiskSlotInvalid, $"Disks can't be attached to a {type}.", type);
        var name = hardware.Vm.Name;
        // Controllers of different types share the numbers of a bus.
        var family = hardware.Devices.Where(d => StorageBus.Of(d)?.Name == bus.Name).OrderBy(d => d.Number("busNumber")).ToList();
        if (disk.ControllerNumber is { } number)
        {
            if (number < 0 || number >= bus.Controllers)
                throw Invalid($"{bus.Name} {number} requested for a disk of {name}; controllers are 0 to {bus.Controllers - 1}.", number);
            var controller = family.Find(d => d.Number("busNumber") == number);
            if (controller is not null && disk.Controller is not null && controller.TypeName() != type)
                throw Invalid($"{bus.Name} {number} of {name} is a {controller.TypeName()}, not a {type}.", number);
            if (controller is not null)
                return On(hardware, controller, disk.Unit) ?? throw Full($"{bus.Name} {number} of {name} is full.");
            return New(hardware, type, number, disk.Unit) ?? throw Full($"{name} has no {bus.Name} {number}.");
        }
        var present = family.Where(d => d.TypeName() == type).Select(controller => On(hardware, controller, disk.Unit, throwsIfTaken: false)).OfType<DiskSlot>();
        // With an IDE slave that has no master a VM doesn't power on: all masters come first.
        if ((bus == StorageBus.Ide ? present.OrderBy(slot => slot.Unit).FirstOrDefault() : present.FirstOrDefault()) is { } found)
            return found;
        HashSet<int?> taken = [.. family.Select(d => d.Number("busNumber"))];
        var free = Enumerable.Range(0, bus.Controllers).Where(n => !taken.Contains(n)).ToList();
        return (free.Count == 0 ? null : New(hardware, type, free[0], disk.Unit))
            ?? throw Full($"{name} has no free place for another disk on {bus.Name}.");

        VmDeployException Full(string message) => new(ErrorCodes.DiskSlotsFull, message, name);
    }

    public static bool HasFreeIde(VmHardware hardware) => hardware.Devices.Any(d => StorageBus.Of(d) == StorageBus.Ide && On(hardware, d, null) is not null);

    /// <summary>Whether a device of the VM, read later, is at this place.</summary>
    public bool Holds(VmHardware hardware, XElement device) => device.Number("unitNumber") == Unit && hardware.Find(device.Number("controllerKey") ?? 0) is { } controller
        && (IsNew ? controller.TypeName() == Controller.TypeName() && controller.Number("busNumber") == Controller.Number("busNumber") : controller.Number("key") == ControllerKey);

    public override string ToString() => $"{StorageBus.Place(Controller, Unit)}{(IsNew ? " on a new controller" : "")}";

    // IDE controllers are built in, and none can be added.
    private static DiskSlot? New(VmHardware hardware, string type, int number, int? unit)
    {
        var controller = VimXml.Typed("device", type, VimXml.El("key", NewControllerKey), VimXml.El("busNumber", number),
            type.Contains("SCSI") || type.Contains("Lsi") || type.Contains("BusLogic") ? VimXml.El("sharedBus", "noSharing") : null);
        return type == "VirtualIDEController" || On(hardware, controller, unit) is not { } slot ? null : slot with { IsNew = true };
    }

    private static DiskSlot? On(VmHardware hardware, XElement controller, int? unit, bool throwsIfTaken = true)
    {
        var bus = StorageBus.Of(controller, hardware.Content.Text("config.version"))!;
        var own = controller.Number("scsiCtlrUnitNumber") ?? (bus.Name == "SCSI" ? ScsiOwnUnit : -1);
        HashSet<int?> taken = [own, .. hardware.Devices.Where(d => d.Value("controllerKey") == controller.Value("key")).Select(d => d.Number("unitNumber"))];
        if (unit is not { } wanted)
        {
            var free = Enumerable.Range(0, bus.Units).Where(u => !taken.Contains(u)).DefaultIfEmpty(-1).First();
            return free < 0 ? null : new DiskSlot(controller, false, free);
        }
        if (wanted < 0 || wanted >= bus.Units || wanted == own)
        {
            throw Invalid($"Unit {wanted} requested on {bus.Name} {controller.Number("busNumber")} of {hardware.Vm.Name}; units are 0 to {bus.Units - 1}{(own < 0 ? "" : $" without {own}")}.", wanted);
        }
        if (!taken.Contains(wanted))
            return new DiskSlot(controller, false, wanted);
        return throwsIfTaken ? throw Invalid($"{StorageBus.Place(controller, wanted)} of {hardware.Vm.Name} is in use.", wanted) : null;
    }

    private static VmDeployException Invalid(string message, object target) => new(ErrorCodes.DiskSlotInvalid, message, target);
}
