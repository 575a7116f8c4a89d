namespace VmDeploy.Xapi;

/// <summary>Disks (a VDI and a VBD each) of VMs on XenServer.</summary>
internal sealed class XapiDisks(XapiSession session) : VmDisks
{
    private readonly HotPlug _plug = new(session);

    private XapiClient Client => session.Client;

    public override async Task<PlannedChange<VmDisk>> PlanAddAsync(Vm vm, NewDisk disk, CancellationToken cancellationToken)
    {
        if (disk.SizeBytes is { } size)
            session.Limits.CheckHardware(null, null, [size]);
        if (disk.Controller is not null || disk.ControllerNumber is not null)
            session.Log.OptionIgnored("A disk controller");
        if (disk.Provisioning is not null)
            session.Log.OptionIgnored("The provisioning of disks (the storage repository decides)");
        var record = await session.VmRecordAsync(vm.Id, cancellationToken);
        var isRunning = await _plug.CheckAsync(vm, record, cancellationToken);
        var position = await PositionAsync(vm, record, disk.Unit, cancellationToken);
        var inventory = await XapiInventory.ReadAsync(Client, cancellationToken);
        var existing = disk.Path is { } path ? await ExistingAsync(vm, inventory, path, cancellationToken) : null;
        var storage = existing is null ? await StorageAsync(inventory, record, disk.Datastore, cancellationToken) : inventory.Storage[existing.Text("SR")];
        if (existing is null)
            DiskSpace.Require(storage, disk.SizeBytes ?? 0);
        var what = existing is null ? SizeText.Format(disk.SizeBytes ?? 0) : $"'{existing.Name}' ({existing.Uuid})";
        return new PlannedChange<VmDisk>($"{what} on '{storage.Name}' at position {position}", (_, token) => RollbackScope.RunAsync(session, vm.Name, async scope =>
        {
            token.ThrowIfCancellationRequested();
            var builder = new VmBuilder(session, scope, vm.Name);
            var vdi = existing?.Ref ?? (await builder.CreateDiskAsync(storage.Ref, disk.SizeBytes ?? 0, XapiPlan.DiskName(vm.Name, position))).Ref;
            token.ThrowIfCancellationRequested();
            var vbd = await builder.AttachDiskToExistingAsync(record.Ref, vdi, position);
            if (isRunning)
                await _plug.PlugAsync("VBD", vbd, vm.Name);
            return await ReadAsync(vm, (await Client.RecordAsync("VBD", vbd, CancellationToken.None)).Uuid);
        }));
    }

    public override async Task<PlannedChange<VmDisk>> PlanGrowAsync(VmDisk disk, long bytes, CancellationToken cancellationToken)
    {
        var (record, _, vdi) = await FindAsync(disk, cancellationToken);
        var present = vdi.Number("virtual_size");
        CheckGrowth(disk, present, bytes, session.Limits);
        if (bytes > present && VmReader.PowerStateOf(record) is not PowerState.Off and var state)
            throw VmConfiguration.NeedsPowerOff(disk.Vm, state, "XenServer can enlarge a disk only while the VM is off");
        if (bytes > present && vdi.Reference("SR") is { } sr && await Client.FindAsync("SR", sr, cancellationToken) is { } storage)
            DiskSpace.Require(storage, bytes, present);
        return new PlannedChange<VmDisk>($"{SizeText.Format(present)} -> {SizeText.Format(bytes)}", async (_, token) =>
        {
            token.ThrowIfCancellationRequested();
            if (bytes > present)
                await Client.CallAsync("VDI.resize", CancellationToken.None, vdi.Ref, bytes);
            return await ReadAsync(disk.Vm, disk.Id);
        })
        { ChangesNothing = bytes == present };
    }

    public override async Task<PlannedChange<Vm>> PlanRemoveAsync(VmDisk disk, bool keepFile, CancellationToken cancellationToken)
    {
        var (record, vbd, vdi) = await FindAsync(disk, cancellationToken);
        if (vbd.Flag("currently_attached"))
            await _plug.CheckAsync(disk.Vm, record, cancellationToken);
        if (!keepFile && await OtherUsersAsync(vdi, vbd.Ref, cancellationToken) is { Count: > 0 } others)
            throw new VmDeployException(ErrorCodes.DiskInUse, $"{disk.Label} of {disk.Vm.Name} can't be deleted: other VMs use it: {Names.List(others)}.", disk.Label);
        return new PlannedChange<Vm>($"'{vdi.Name}' ({vdi.Uuid})", (_, token) => RemoveAsync(disk, record.Ref, vbd, keepFile ? null : vdi, token));
    }

    private async Task<Vm> RemoveAsync(VmDisk disk, string vm, XapiRecord vbd, XapiRecord? vdi, CancellationToken cancellationToken)
    {
        var steps = new ReversibleSteps(session, disk.Vm.Name);
        var item = $"{disk.Label} of VM '{disk.Vm.Name}'";
        if (vbd.Flag("currently_attached"))
            steps.Add($"the connection of {item}", () => _plug.UnplugAsync("VBD", vbd.Ref, disk.Vm.Name), () => PlugAgainAsync(disk, vm, vbd));
        steps.Add(item, () => Client.DestroyAsync("VBD", vbd.Ref), () => AttachAgainAsync(vm, vbd));
        await steps.RunAsync(cancellationToken);
        // From here on no VM has the disk: it is deleted, or the error names it.
        if (vdi is not null)
            await DeleteAsync(disk, vdi);
        await disk.Vm.RefreshAsync(CancellationToken.None);
        return disk.Vm;
    }

    private async Task DeleteAsync(VmDisk disk, XapiRecord vdi)
    {
        var key = new object();
        session.Unfinished.Add(key, $"disk '{vdi.Name}' ({vdi.Uuid}) (removal)");
        try
        {
            await session.Retries.Cleanup.RunAsync(_ => new VmRemoval(session).RemoveDiskAsync(vdi.Ref), VmRemoval.IsPassing, CancellationToken.None);
        }
        catch (VmDeployException e)
        {
            throw new VmDeployException(ErrorCodes.DiskNotRemoved, $"{disk.Label} was detached from VM '{disk.Vm.Name}', but disk '{vdi.Name}' ({vdi.Uuid}) was not removed: {e.Message}", disk.Label, e);
        }
        finally
        {
            session.Unfinished.Remove(key);
        }
    }

    private async Task AttachAgainAsync(string vm, XapiRecord vbd)
    {
        if (await Client.FindAsync("VBD", vbd.Ref, CancellationToken.None) is not null || await PresentAsync(vm, vbd) is not null)
            return;
        var record = vbd.Fields.Where(f => s_kept.Contains(f.Key)).ToDictionary(f => f.Key, f => f.Value);
        await Client.CallAsync("VBD.create", CancellationToken.None, record);
    }

    private async Task PlugAgainAsync(VmDisk disk, string vm, XapiRecord vbd)
    {
        if (await PresentAsync(vm, vbd) is { } present && !present.Flag("currently_attached"))
            await _plug.PlugAsync("VBD", present.Ref, disk.Vm.Name);
    }

    private async Task<XapiRecord?> PresentAsync(string vm, XapiRecord vbd)
    {
        var record = await Client.RecordAsync("VM", vm, CancellationToken.None);
        return (await Client.FindAsync("VBD", record.List("VBDs"), CancellationToken.None)).FirstOrDefault(v => v.Text("userdevice") == vbd.Text("userdevice"));
    }

    // The fields of the old one that the constructor accepts.
    private static readonly HashSet<string> s_kept =
        ["VM", "VDI", "userdevice", "bootable", "mode", "type", "unpluggable", "empty", "other_config", "qos_algorithm_type", "qos_algorithm_params"];

    private async Task<int> PositionAsync(Vm vm, XapiRecord record, int? wanted, CancellationToken cancellationToken)
    {
        var allowed = (await Client.ListAsync("VM.get_allowed_VBD_devices", cancellationToken, record.Ref))
            .Select(device => int.TryParse(device, NumberStyles.None, CultureInfo.InvariantCulture, out var position) ? position : -1).Where(position => position >= 0).ToList();
        if (wanted is { } position)
        {
            return allowed.Contains(position) ? position : throw new VmDeployException(ErrorCodes.DiskSlotInvalid,
                $"Position {position} of {vm.Name} is in use or does not exist. {Names.Available(allowed.Select(one => $"{one}"), "No position is free.")}", position);
        }
        // The usual place of the CD drive is the last to be used.
        return allowed.Count > 0 ? allowed.OrderBy(p => p == VmBuilder.CdPosition).ThenBy(p => p).First()
            : throw new VmDeployException(ErrorCodes.DiskSlotsFull, $"{vm.Name} has no free position for another disk.", vm.Name);
    }

    // Beside the VM's first disk.
    private async Task<XapiRecord> StorageAsync(XapiInventory inventory, XapiRecord vm, string? name, CancellationToken cancellationToken)
    {
        var host = vm.Reference("resident_on") is { } resident && inventory.Hosts.TryGetValue(resident, out var found) ? found : null;
        if (name is not null)
            return inventory.DiskStorage(name, host);
        var disks = await XapiPlan.DisksAsync(Client, vm);
        return disks.Select(d => d.Vdi.Reference("SR")).OfType<string>().Where(inventory.Storage.ContainsKey).Select(sr => inventory.Storage[sr]).FirstOrDefault()
            ?? inventory.DiskStorage(null, host);
    }

    private async Task<XapiRecord> ExistingAsync(Vm vm, XapiInventory inventory, string path, CancellationToken cancellationToken)
    {
        var (repository, name) = IsoSource.Parse(path);
        var all = (await Client.AllAsync("VDI", cancellationToken)).Values.Where(v => v.Flag("managed") && !v.Flag("is_a_snapshot")
            && v.Text("type") is "user" or "system" // Not the memory of a suspended VM, nor what the pool keeps for itself.
            && v.Reference("SR") is { } sr && inventory.Storage.TryGetValue(sr, out var storage) && !XapiInventory.HoldsIsos(storage)
            && (repository is null || storage.Name == repository || storage.Uuid == repository)).ToList();
        var found = all.Where(v => v.Name == name || string.Equals(v.Uuid, name, StringComparison.OrdinalIgnoreCase)).ToList();
        if (found.Count == 0)
        {
            throw new VmDeployException(ErrorCodes.DiskNotFound,
                $"Disk '{path}' not found. {Names.Available(all.Where(v => v.List("VBDs").Count == 0).Select(v => v.Name).Where(n => n.Length > 0), "Every disk of the pool belongs to a VM.")}", path);
        }
        if (found.Count > 1)
            throw new VmDeployException(ErrorCodes.AmbiguousPlacement, $"{found.Count} disks have the name '{name}'; their ids: {string.Join(", ", found.Select(v => v.Uuid))}.", path);
        var users = found[0].Flag("sharable") ? [] : await OtherUsersAsync(found[0], null, cancellationToken);
        return users.Count == 0 ? found[0] : throw new VmDeployException(ErrorCodes.DiskInUse,
            $"Disk '{found[0].Name}' can't be attached to {vm.Name}: it belongs to {Names.List(users)}.", path);
    }

    private async Task<IReadOnlyList<string>> OtherUsersAsync(XapiRecord vdi, string? except, CancellationToken cancellationToken)
    {
        var vbds = await Client.FindAsync("VBD", vdi.List("VBDs").Where(vbd => vbd != except), cancellationToken);
        return (await Client.FindAsync("VM", vbds.Select(vbd => vbd.Text("VM")), cancellationToken)).Where(vm => !vm.Flag("is_control_domain")).Select(vm => vm.Name).ToList();
    }

    private async Task<(XapiRecord Vm, XapiRecord Vbd, XapiRecord Vdi)> FindAsync(VmDisk disk, CancellationToken cancellationToken)
    {
        try
        {
            var vbd = await Client.RecordAsync("VBD", await Client.TextAsync("VBD.get_by_uuid", cancellationToken, disk.Id), cancellationToken);
            return (await session.VmRecordAsync(disk.Vm.Id, cancellationToken), vbd, await Client.RecordAsync("VDI", vbd.Text("VDI"), cancellationToken));
        }
        catch (XapiFailure failure) when (failure.Failure is "UUID_INVALID" or "HANDLE_INVALID")
        {
            throw NotFound(disk, failure);
        }
    }

    private static async Task<VmDisk> ReadAsync(Vm vm, string uuid)
    {
        await vm.RefreshAsync(CancellationToken.None);
        return vm.Disks.FirstOrDefault(disk => disk.Id == uuid)
            ?? throw new VmDeployException(ErrorCodes.UnexpectedReply, $"The host reports success, but {vm.Name} has no such disk.", vm.Name);
    }
}
