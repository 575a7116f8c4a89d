using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

namespace VmDeploy.Vsphere;

/// <summary>
/// Clones on a standalone host, which has no <c>CloneVM_Task</c>: a folder, a copy of each disk (or a child disk of it), and a
/// new VM of the source's configuration.
/// </summary>
internal sealed class DiskCopyCloner : IVmCloner
{
    private const int FolderAttempts = 100;

    private readonly VsphereSession _session;

    public DiskCopyCloner(VsphereSession session) => _session = session;

    public async Task<Vm> CloneAsync(ResolvedClone clone, string name, Action<int> percent, CancellationToken cancellationToken)
    {
        var datacenter = clone.Placement.Datacenter.Object;
        var folder = await MakeFolderAsync(clone.Placement, name, cancellationToken);
        var began = DateTime.UtcNow;
        var instanceUuid = Guid.NewGuid().ToString();
        try
        {
            var disks = clone.Source.Disks.Select((disk, index) =>
                new DiskCopy(disk, folder.Append(index == 0 ? $"{name}.vmdk" : $"{name}_{index}.vmdk"))).ToList();
            if (!clone.Request.Linked)
                await CopyAsync(clone, disks, name, percent, cancellationToken);
            var nvram = await CopyNvramAsync(clone, folder, name, cancellationToken);
            var created = await _session.Tasks.RunAsync(clone.Placement.Folder, "CreateVM_Task", name, cancellationToken,
                CloneConfig.Create(clone.Source, clone.Request, name, instanceUuid, folder,
                    disks.Select(d => clone.Request.Linked ? d.ToLinkedChange() : d.ToChange()), clone.Networks, nvram),
                VimXml.Ref("pool", clone.Placement.ResourcePool),
                VimXml.Ref("host", clone.Placement.Host?.Object));
            var id = created!.ToMoRef().Value;
            return new Vm(_session, id, await _session.ReadVmAsync(id, CancellationToken.None));
        }
        catch (Exception e)
        {
            // A VM whose making was not answered goes first, or its files would be taken from under it.
            await VmLeftovers.RemoveAsync(_session, clone.Placement.Folder, instanceUuid, name);
            if (e is VmDeployException failure && SoapClient.IsUnanswered(failure))
                await SettleAsync(name, began);
            await _session.Files.TryDeleteAsync(folder, datacenter, name);
            throw;
        }
    }

    // A copy whose answer was lost goes on, and would be put back into the folder.
    private async Task SettleAsync(string name, DateTime since)
    {
        try
        {
            await _session.Tasks.SettleAsync("VirtualDiskManager.copyVirtualDisk", since);
            await _session.Tasks.SettleAsync("FileManager.copyFile", since);
        }
        catch (VmDeployException e)
        {
            _session.Log.CleanupFailed(name, e.Message);
        }
    }

    // A folder of that name may be there, left by an unregistered VM: it is nobody's to touch, and the next name will do.
    private async Task<DatastorePath> MakeFolderAsync(Placement placement, string name, CancellationToken cancellationToken)
    {
        var datastore = Inventory.NameOf(placement.Datastore);
        var datacenter = placement.Datacenter.Object;
        var browser = placement.Datastore.Reference("browser")!.Value;
        for (var attempt = 0; attempt < FolderAttempts; attempt++)
        {
            var folder = new DatastorePath(datastore, attempt == 0 ? name : $"{name}_{attempt}");
            var made = new List<DatastorePath>();
            try
            {
                await _session.Files.MakeFoldersAsync(folder, browser, datacenter, made, cancellationToken);
            }
            catch
            {
                await _session.Files.TryDeleteEmptyAsync(made, browser, datacenter, name);
                throw;
            }
            if (made.Count > 0)
                return folder;
        }
        throw new VmDeployException(ErrorCodes.FileExists, $"[{datastore}] has {FolderAttempts} folders '{name}', '{name}_1' ... already.", name);
    }

    private async Task CopyAsync(
        ResolvedClone clone, IReadOnlyList<DiskCopy> disks, string name, Action<int> percent, CancellationToken cancellationToken)
    {
        var datacenter = clone.Placement.Datacenter.Object;
        for (var i = 0; i < disks.Count; i++)
        {
            var disk = disks[i];
            var before = i;
            await _session.Tasks.RunAsync(_session.Content.VirtualDiskManager, "CopyVirtualDisk_Task", name,
                p => percent((before * 100 + p) / disks.Count), cancellationToken,
                VimXml.El("sourceName", disk.Source),
                VimXml.Ref("sourceDatacenter", datacenter),
                VimXml.El("destName", disk.Target.ToString()),
                VimXml.Ref("destDatacenter", datacenter),
                disk.ToDiskSpec(clone.Source.ControllerTypeOf(disk.Source)));
        }
    }

    // An EFI guest's boot entries live there. A VM that was never started has none yet.
    private async Task<string?> CopyNvramAsync(ResolvedClone clone, DatastorePath folder, string name, CancellationToken cancellationToken)
    {
        var source = clone.Source.Config.Children("extraConfig").FirstOrDefault(e => e.Value("key") == "nvram")?.Value("value");
        if (source is null || clone.Source.Config.Value("firmware") != "efi")
            return null;
        var copy = name + ".nvram";
        try
        {
            await _session.Files.CopyAsync(DatastorePath.Parse(clone.Source.VmxPath).Folder.Append(source), folder.Append(copy),
                clone.Placement.Datacenter.Object, name, cancellationToken);
            return copy;
        }
        catch (VimFault fault) when (fault.Type == "FileNotFound")
        {
            return null;
        }
    }
}
