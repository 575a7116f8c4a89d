namespace VmDeploy.Vsphere;

/// <summary>
/// The disks of an import that several VMs of a set share. One VM is imported with them, thick and zeroed, as several writers need them;
/// the others are imported without them, and get their files attached.
/// </summary>
internal sealed class SharedDiskImport(VsphereSession session, OvaImportPlan plan, VmCreation creation)
{
    private const int NewDiskKey = -400;

    // VirtualDiskFlatVer2BackingInfo, as far as a host or we fill it.
    private static readonly string[] s_backingOrder =
    [
        "fileName", "datastore", "backingObjectId", "diskMode", "split", "writeThrough", "thinProvisioned", "eagerlyScrub", "uuid", "contentId",
        "changeId", "parent", "deltaDiskFormat", "digestEnabled", "deltaGrainSize", "deltaDiskFormatVariant", "sharing", "keyId",
    ];

    private readonly List<Place> _created = [];
    private readonly List<Place> _attached = [];

    /// <summary>Takes the disks that another VM creates out of an import spec.</summary>
    public ImportSpec Divide(ImportSpec spec)
    {
        var changes = spec.Spec.Child("configSpec")!.Children("deviceChange").ToList();
        var items = spec.FileItems.ToList();
        foreach (var id in plan.Request.SharedDisks)
        {
            var file = plan.Package.GetFile(plan.Package.Descriptor.Disks.First(disk => disk.DiskId == id).FileRef!);
            var item = items.Find(one => one.Value("path") == file.Href);
            var change = item is null ? null : changes.Find(one => PlaceOf(one, id) is { } place && item.Value("deviceId")?.EndsWith($"/{place}", StringComparison.Ordinal) == true);
            if (change is null)
                throw new VmDeployException(ErrorCodes.UnexpectedReply, $"{creation.Name}: the host's import spec does not tell where the shared disk '{id}' is.", plan.Package.Path);
            if (creation.Shared!.Claim(id))
            {
                _created.Add(PlaceOf(change, id)!);
                Set(change.Child("device")!, ("thinProvisioned", false), ("eagerlyScrub", true));
            }
            else
            {
                _attached.Add(PlaceOf(change, id)!);
                change.Remove();
                items.Remove(item!);
            }
        }
        return spec with { FileItems = items };

        Place? PlaceOf(XElement change, string id)
        {
            var device = change.Child("device")!;
            return device.TypeName() == "VirtualDisk" && changes.Find(one => one.Child("device")!.Value("key") == device.Value("controllerKey"))?.Child("device") is { } controller
                ? new Place(id, controller.TypeName()!, controller.Value("busNumber")!, device.Value("unitNumber")!) : null;
        }
    }

    /// <summary>Lets the others write to the disks of this VM, and attaches theirs. The VM is off.</summary>
    public async Task AttachAsync(Vm vm)
    {
        if (_created.Count + _attached.Count == 0)
            return;
        var hardware = await VmHardware.ReadAsync(session, vm, creation.CancellationToken);
        var changes = new DeviceChanges(session, hardware);
        if (_created.Count > 0)
        {
            var disks = _created.Select(place => new XElement(place.Find(hardware))).ToList();
            disks.ForEach(disk => Set(disk, ("sharing", "sharingMultiWriter")));
            await changes.ReconfigureAsync(creation.CancellationToken, [.. disks.Select(disk => ConfigSpec.Change("edit", disk))]);
            for (var i = 0; i < disks.Count; i++)
                creation.Shared!.SetPlace(_created[i].Disk, disks[i].Child("backing")!.Value("fileName")!);
        }
        foreach (var place in _attached)
        {
            var file = await creation.Shared!.WaitAsync(place.Disk, creation.CancellationToken);
            // Before the VM is removed, with which a host would remove the file of the other one.
            creation.Scope.Add($"shared disk '{file}' of VM '{vm.Name}'", token => DetachAsync(vm, file, token));
            await changes.ReconfigureAsync(creation.CancellationToken, ConfigSpec.Change("add", VimXml.Typed("device", "VirtualDisk",
                VimXml.El("key", NewDiskKey),
                VimXml.Typed("backing", "VirtualDiskFlatVer2BackingInfo", VimXml.El("fileName", file), VimXml.El("diskMode", "persistent"), VimXml.El("sharing", "sharingMultiWriter")),
                VimXml.El("controllerKey", place.FindController(hardware).Value("key")!),
                VimXml.El("unitNumber", place.Unit),
                VimXml.El("capacityInKB", 0))));
        }
        await vm.RefreshAsync(CancellationToken.None);
    }

    private async Task DetachAsync(Vm vm, string file, CancellationToken cancellationToken)
    {
        await session.Tasks.SettleAsync(MoRef.Of(vm), cancellationToken);
        VmHardware hardware;
        try
        {
            hardware = await VmHardware.ReadAsync(session, vm, cancellationToken);
        }
        catch (VmDeployException e) when (e.Code == ErrorCodes.VmNotFound)
        {
            return;
        }
        if (hardware.Devices.FirstOrDefault(device => device.Child("backing")?.Value("fileName") == file) is { } disk)
            await new DeviceChanges(session, hardware).ReconfigureAsync(cancellationToken, ConfigSpec.Change("remove", disk));
    }

    private static void Set(XElement disk, params (string Name, object Value)[] values)
    {
        var backing = disk.Child("backing")!;
        foreach (var (name, value) in values)
        {
            backing.Child(name)?.Remove();
            backing.InsertInOrder(VimXml.El(name, value), s_backingOrder);
        }
    }

    /// <summary>Where a disk is: the same in an import spec and in the VM that it becomes.</summary>
    private sealed record Place(string Disk, string Controller, string Bus, string Unit)
    {
        public XElement FindController(VmHardware hardware) => hardware.Devices.First(device => device.TypeName() == Controller && device.Value("busNumber") == Bus);

        public XElement Find(VmHardware hardware)
        {
            var controller = FindController(hardware).Value("key");
            return hardware.Devices.First(device => device.Value("controllerKey") == controller && device.Value("unitNumber") == Unit);
        }

        // As the device ids of an import spec end.
        public override string ToString() => $"{Controller}{Bus}:{Unit}";
    }
}
