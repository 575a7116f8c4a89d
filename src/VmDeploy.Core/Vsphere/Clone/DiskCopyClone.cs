namespace VmDeploy.Vsphere;

/// <summary>
/// A clone on a standalone host, which has no <c>CloneVM_Task</c>: a folder, a copy of each disk (or a child disk of it), and a
/// new VM of the source's configuration.
/// </summary>
internal sealed class DiskCopyClone(VsphereSession session, ResolvedClone clone, VmCreation creation)
{
    private const int FolderAttempts = 100;

    private readonly VsphereSession _session = session;
    private readonly ResolvedClone _clone = clone;
    private readonly VmCreation _creation = creation;
    private readonly MoRef _datacenter = clone.Placement.Datacenter.Object;

    private string Name => _creation.Name;

    public async Task<Vm> RunAsync()
    {
        var folder = await MakeFolderAsync();
        var disks = _clone.Source.Disks.Select((disk, index) =>
            new DiskCopy(disk, folder.Append(index == 0 ? $"{Name}.vmdk" : $"{Name}_{index}.vmdk"))).ToList();
        if (!_clone.Request.Linked)
            await CopyAsync(disks);
        var nvram = await CopyNvramAsync(folder);
        // Removed before the folder, or the files would be deleted from under it.
        var created = CreatedVm.Track(_session, _creation, _clone.Placement.Folder);
        var result = await _session.Tasks.RunAsync(_clone.Placement.Folder, "CreateVM_Task", Name, _creation.CancellationToken,
            CloneConfig.Create(_clone.Source, _clone.Request, Name, created.InstanceUuid, folder,
                disks.Select(d => _clone.Request.Linked ? d.ToLinkedChange() : d.ToChange()), _clone.Networks, nvram),
            VimXml.Ref("pool", _clone.Placement.ResourcePool),
            VimXml.Ref("host", _clone.Placement.Host?.Object));
        return await _session.ReadCreatedVmAsync(result!.ToMoRef(), Name);
    }

    // A folder of that name may exist, left by an unregistered VM: it is not ours to touch, so the next name is tried.
    private async Task<DatastorePath> MakeFolderAsync()
    {
        var datastore = Inventory.NameOf(_clone.Placement.Datastore);
        var browser = _clone.Placement.Datastore.Reference("browser")!.Value;
        for (var attempt = 0; attempt < FolderAttempts; attempt++)
        {
            var folder = new DatastorePath(datastore, attempt == 0 ? Name : $"{Name}_{attempt}");
            if (!await _session.Files.MakeFoldersAsync(folder, browser, _datacenter, _creation.Scope, _creation.CancellationToken))
                continue;
            var began = DateTime.UtcNow;
            _creation.Scope.Add($"folder '{folder}'", async token =>
            {
                // A copy whose answer was lost goes on, and would put its file back into the folder.
                await _session.Tasks.SettleAsync("VirtualDiskManager.copyVirtualDisk", began, token);
                await _session.Tasks.SettleAsync("FileManager.copyFile", began, token);
                await _session.Files.DeleteAsync(folder, _datacenter, Name, token);
            });
            return folder;
        }
        throw new VmDeployException(ErrorCodes.FileExists, $"[{datastore}] already has {FolderAttempts} folders '{Name}', '{Name}_1' and so on.", Name);
    }

    private async Task CopyAsync(IReadOnlyList<DiskCopy> disks)
    {
        for (var i = 0; i < disks.Count; i++)
        {
            var disk = disks[i];
            var before = i;
            await _session.Tasks.RunAsync(_session.Content.VirtualDiskManager, "CopyVirtualDisk_Task", Name,
                p => _creation.ReportPercent((before * 100 + p) / disks.Count), _creation.CancellationToken,
                VimXml.El("sourceName", disk.Source),
                VimXml.Ref("sourceDatacenter", _datacenter),
                VimXml.El("destName", disk.Target.ToString()),
                VimXml.Ref("destDatacenter", _datacenter),
                disk.ToDiskSpec(_clone.Source.ControllerTypeOf(disk.Source)));
        }
    }

    // An EFI guest's boot entries are in it. A VM that was never started has none yet.
    private async Task<string?> CopyNvramAsync(DatastorePath folder)
    {
        var source = _clone.Source.Config.Children("extraConfig").FirstOrDefault(e => e.Value("key") == "nvram")?.Value("value");
        if (source is null || _clone.Source.Config.Value("firmware") != "efi")
            return null;
        var copy = Name + ".nvram";
        try
        {
            await _session.Files.CopyAsync(DatastorePath.Parse(_clone.Source.VmxPath).Folder.Append(source), folder.Append(copy),
                _datacenter, Name, _creation.CancellationToken);
            return copy;
        }
        catch (VimFault fault) when (fault.Type == "FileNotFound")
        {
            return null;
        }
    }
}
