namespace VmDeploy.Vsphere;

/// <summary>Disks of VMs on vSphere.</summary>
internal sealed class VsphereDisks(VsphereSession session) : VmDisks
{
    private const int NewDiskKey = -400;

    public override async Task<PlannedChange<VmDisk>> PlanAddAsync(Vm vm, NewDisk disk, CancellationToken cancellationToken)
    {
        if (disk.SizeBytes is { } size)
            session.Limits.CheckHardware(null, null, [size]);
        var hardware = await VmHardware.ReadAsync(session, vm, cancellationToken);
        var slot = DiskSlot.Find(hardware, await ControllerTypeAsync(hardware, disk.Controller, cancellationToken), disk);
        var changes = new DeviceChanges(session, hardware);
        changes.CheckPower(StorageBus.Of(slot.Controller), "the new disk");
        var inventory = await Inventory.ReadAsync(session.Properties, cancellationToken);
        var (device, description) = disk.Path is { } path
            ? await ExistingAsync(inventory, hardware, slot, path, cancellationToken)
            : Empty(inventory, hardware, slot, disk);
        return new PlannedChange<VmDisk>($"{description} at {slot}", (_, token) => changes.AddAsync(
            $"the disk at {StorageBus.Place(slot.Controller, slot.Unit)}", slot.IsNew ? slot.Controller : null,
            ConfigSpec.Change("add", device, disk.Path is null ? "create" : null),
            (now, one) => one.TypeName() == "VirtualDisk" && slot.Holds(now, one)
                && (disk.Path is not null || VmProperties.CapacityOf(one) == VmProperties.CapacityOf(device)),
            added => ReadAsync(vm, added.Value("key")), token));
    }

    public override async Task<PlannedChange<VmDisk>> PlanGrowAsync(VmDisk disk, long bytes, CancellationToken cancellationToken)
    {
        var hardware = await VmHardware.ReadAsync(session, disk.Vm, cancellationToken);
        var device = Find(hardware, disk);
        var present = VmProperties.CapacityOf(device);
        CheckGrowth(disk, present, bytes, session.Limits);
        var changes = new DeviceChanges(session, hardware);
        if (bytes > present)
        {
            changes.CheckPower(BusOf(hardware, device), disk.Label);
            if (device.Child("backing")?.Child("parent") is not null)
                throw HasParent(disk, "can't grow");
            // The disks of linked clones fit their parent's size only.
            await CheckUnsharedAsync(hardware, disk, "can't grow", cancellationToken);
        }
        return new PlannedChange<VmDisk>($"{SizeText.Format(present)} -> {SizeText.Format(bytes)}", async (_, token) =>
        {
            if (bytes > present)
                await changes.ReconfigureAsync(token, ConfigSpec.Change("edit", DiskLayout.WithCapacity(device, bytes)));
            return await ReadAsync(disk.Vm, disk.Id);
        })
        { ChangesNothing = bytes == present };
    }

    public override async Task<PlannedChange<Vm>> PlanRemoveAsync(VmDisk disk, bool keepFile, CancellationToken cancellationToken)
    {
        var hardware = await VmHardware.ReadAsync(session, disk.Vm, cancellationToken);
        var device = Find(hardware, disk);
        var changes = new DeviceChanges(session, hardware);
        changes.CheckPower(BusOf(hardware, device), disk.Label);
        if (!keepFile)
        {
            // What a host does to the parents of a disk that it deletes is not documented.
            if (device.Child("backing")?.Child("parent") is not null)
                throw HasParent(disk, "can't be deleted");
            await CheckUnsharedAsync(hardware, disk, "can't be deleted", cancellationToken);
        }
        return new PlannedChange<Vm>(disk.Path ?? disk.Label, async (_, token) =>
        {
            await changes.ReconfigureAsync(token, ConfigSpec.Change("remove", device, keepFile ? null : "destroy"));
            await disk.Vm.RefreshAsync(CancellationToken.None);
            return disk.Vm;
        });
    }

    private static XElement Find(VmHardware hardware, VmDisk disk) =>
        hardware.Devices.FirstOrDefault(d => d.TypeName() == "VirtualDisk" && d.Value("key") == disk.Id) ?? throw NotFound(disk);

    private static StorageBus? BusOf(VmHardware hardware, XElement device) =>
        hardware.Find(device.Number("controllerKey") ?? 0) is { } controller ? StorageBus.Of(controller) : null;

    private static VmDeployException HasParent(VmDisk disk, string what) => new(ErrorCodes.DiskHasParent,
        $"{disk.Label} of {disk.Vm.Name} {what}: it is based on the disk of a snapshot or of another VM.", disk.Label);

    private async Task<string> ControllerTypeAsync(VmHardware hardware, DiskController? wanted, CancellationToken cancellationToken)
    {
        if (wanted is null)
        {
            var first = StorageBus.DisksOf(hardware.Devices).Select(d => StorageBus.ControllerOf(hardware.Devices, d)).FirstOrDefault(c => c is not null);
            // IDE has few places, and none for a running VM.
            if (first?.TypeName() is { } present && (StorageBus.Of(first) != StorageBus.Ide || (hardware.PowerState == PowerState.Off && DiskSlot.HasFreeIde(hardware))))
                return present;
        }
        var guest = wanted is null && hardware.Content.Reference("environmentBrowser") is { } browser
            ? await GuestOptions.FindAsync(session, browser, hardware.Content.Text("config.guestId") ?? "", hardware.Content.Text("config.version"), cancellationToken)
            : null;
        return DiskLayout.TypeOf(wanted, guest);
    }

    private static (XElement Device, string Description) Empty(Inventory inventory, VmHardware hardware, DiskSlot slot, NewDisk disk)
    {
        var own = DatastorePath.Parse(hardware.Content.Text("config.files.vmPathName")).Datastore;
        var place = DatastorePlace.Of(inventory, hardware, disk.Datastore ?? own);
        place.RequireSpace(disk.Provisioning, disk.SizeBytes ?? 0);
        var device = DiskLayout.CreateDisk(NewDiskKey, disk.SizeBytes ?? 0, slot.ControllerKey, slot.Unit, place.Name, disk.Provisioning);
        return (device, $"{SizeText.Format(disk.SizeBytes ?? 0)} on datastore '{place.Name}'{(disk.Provisioning is { } kind ? $", {kind}" : "")}");
    }

    private async Task<(XElement Device, string Description)> ExistingAsync(
        Inventory inventory, VmHardware hardware, DiskSlot slot, string path, CancellationToken cancellationToken)
    {
        if (!DatastorePath.TryParse(path, out var parsed) || !parsed.Path.EndsWith(".vmdk", StringComparison.OrdinalIgnoreCase))
            throw new VmDeployException(ErrorCodes.DatastorePathInvalid, $"'{path}' is not the path of a disk, such as '[datastore1] web1/data.vmdk'.", path);
        var file = (await DatastorePlace.Of(inventory, hardware, parsed.Datastore).FindFileAsync(session, parsed, cancellationToken)).ToString();
        var users = await UsersAsync(null, file, cancellationToken);
        if (users.Count > 0)
            throw new VmDeployException(ErrorCodes.DiskInUse, $"'{file}' can't be attached to {hardware.Vm.Name}: it belongs to {Names.List(users)}.", file);
        var device = VimXml.Typed("device", "VirtualDisk",
            VimXml.El("key", NewDiskKey),
            VimXml.Typed("backing", "VirtualDiskFlatVer2BackingInfo", VimXml.El("fileName", file), VimXml.El("diskMode", "persistent")),
            VimXml.El("controllerKey", slot.ControllerKey),
            VimXml.El("unitNumber", slot.Unit),
            VimXml.El("capacityInKB", 0));
        return (device, file);
    }

    private async Task CheckUnsharedAsync(VmHardware hardware, VmDisk disk, string what, CancellationToken cancellationToken)
    {
        var users = await UsersAsync(hardware, disk.Path, cancellationToken);
        if (users.Count > 0)
            throw new VmDeployException(ErrorCodes.LinkedClonesDepend, $"{disk.Label} of {disk.Vm.Name} {what}: it is used by other VMs or snapshots, of {Names.List(users)}.", disk.Label);
    }

    // The VMs, templates among them, that use a file, as a disk, as the parent of one, or for a snapshot. The VM itself counts for its snapshots only.
    private async Task<IReadOnlyList<string>> UsersAsync(VmHardware? own, string? file, CancellationToken cancellationToken)
    {
        var users = new List<string>();
        if (file is null)
            return users;
        await session.Properties.ReadAllAsync([VmFiles.Properties], page =>
        {
            users.AddRange(page.Select(vm => new VmFiles(vm))
                .Where(vm => vm.NeedsForSnapshot(file) || (vm.Vm != own?.Reference && vm.UsesDisk(file))).Select(vm => vm.Name));
            return Task.CompletedTask;
        }, cancellationToken);
        return users;
    }

    private static async Task<VmDisk> ReadAsync(Vm vm, string? key)
    {
        await vm.RefreshAsync(CancellationToken.None);
        return vm.Disks.FirstOrDefault(disk => disk.Id == key)
            ?? throw new VmDeployException(ErrorCodes.UnexpectedReply, $"The host reports success, but {vm.Name} has no such disk.", vm.Name);
    }
}
