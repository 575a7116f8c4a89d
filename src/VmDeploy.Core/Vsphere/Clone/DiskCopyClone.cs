namespace VmDeploy.Vsphere;

/// <summary>
/// A clone on a standalone host, which has no <c>CloneVM_Task</c>: a folder, a copy of each disk (or a child disk of it), and a
/// new VM with the source's configuration.
/// </summary>
internal sealed class DiskCopyClone(VsphereSession session, ResolvedClone clone, VmCreation creation)
{
    private const int FolderAttempts = 100;

    private readonly MoRef _datacenter = clone.Placement.Datacenter.Object;

    private string Name => creation.Name;

    public async Task<Vm> RunAsync()
    {
        var folder = await MakeFolderAsync();
        var disks = clone.Source.Disks.Select((disk, index) =>
            new DiskCopy(disk, folder.Append(index == 0 ? $"{Name}.vmdk" : $"{Name}_{index}.vmdk"))).ToList();
        if (!clone.Request.Linked)
            await CopyAsync(disks);
        var nvram = await CopyNvramAsync(folder);
        // Removed before the folder, or the files would be deleted from under it.
        var created = CreatedVm.Track(session, creation, clone.Placement.Folder);
        var result = await session.Tasks.RunAsync(clone.Placement.Folder, "CreateVM_Task", Name, creation.CancellationToken,
            CloneConfig.Create(clone.Source, clone.Request, clone.Hardware, Name, created.InstanceUuid, folder,
                disks.Select(d => clone.Request.Linked ? d.ToLinkedChange() : d.ToChange()), nvram,
                [.. clone.Options, .. clone.CloudInit.CreateOptions(Name, created.InstanceUuid), VsphereOwnership.Begin(clone.Request, created.InstanceUuid)]),
            VimXml.Ref("pool", clone.Placement.ResourcePool),
            VimXml.Ref("host", clone.Placement.Host?.Object));
        var vm = await session.ReadCreatedVmAsync(result!.ToMoRef(), Name);
        await clone.Hardware.ApplyAsync(vm, creation);
        await clone.CloudInit.FinishDriveAsync(vm, created.InstanceUuid, creation);
        return vm;
    }

    // A folder of that name may exist, left by an unregistered VM: it must not be changed, so the next name is tried.
    private async Task<DatastorePath> MakeFolderAsync()
    {
        var datastore = Inventory.NameOf(clone.Placement.Datastore);
        var browser = clone.Placement.Datastore.Reference("browser")!.Value;
        for (var attempt = 0; attempt < FolderAttempts; attempt++)
        {
            var folder = new DatastorePath(datastore, attempt == 0 ? Name : $"{Name}_{attempt}");
            if (!await session.Files.MakeFoldersAsync(folder, browser, _datacenter, creation.Scope, creation.CancellationToken))
                continue;
            var began = DateTime.UtcNow;
            creation.Scope.Add($"folder '{folder}'", async token =>
            {
                // A copy whose answer was lost continues, and would create its file in the folder again.
                await session.Tasks.SettleAsync("VirtualDiskManager.copyVirtualDisk", began, token);
                await session.Tasks.SettleAsync("FileManager.copyFile", began, token);
                await session.Files.DeleteAsync(folder, _datacenter, Name, token);
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
            await session.Tasks.RunAsync(session.Content.VirtualDiskManager, "CopyVirtualDisk_Task", Name,
                p => creation.ReportPercent((before * 100 + p) / disks.Count), creation.CancellationToken,
                VimXml.El("sourceName", disk.Source),
                VimXml.Ref("sourceDatacenter", _datacenter),
                VimXml.El("destName", disk.Target.ToString()),
                VimXml.Ref("destDatacenter", _datacenter),
                disk.ToDiskSpec(clone.Source.ControllerTypeOf(disk.Source)));
        }
    }

    // An EFI guest's boot entries are in it. A VM that was never started has none yet.
    private async Task<string?> CopyNvramAsync(DatastorePath folder)
    {
        var source = clone.Source.Config.Children("extraConfig").FirstOrDefault(e => e.Value("key") == "nvram")?.Value("value");
        if (source is null || clone.Source.Config.Value("firmware") != "efi")
            return null;
        var copy = Name + ".nvram";
        try
        {
            await session.Files.CopyAsync(DatastorePath.Parse(clone.Source.VmxPath).Folder.Append(source), folder.Append(copy),
                _datacenter, Name, creation.CancellationToken);
            return copy;
        }
        catch (VimFault fault) when (fault.Type == "FileNotFound")
        {
            return null;
        }
    }
}
