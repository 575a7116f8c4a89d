using System.Text.RegularExpressions;

namespace VmDeploy.Vsphere;

/// <summary>
/// The deletion of a VM with its files, checked and not yet done. A vCenter knows which files VMs share. It is not
/// documented what <c>Destroy_Task</c> of a standalone host does to the parents of a linked clone's disks, so there a VM whose disks others
/// use is refused, and a VM that uses others' disks is unregistered and its own files deleted one by one.
/// </summary>
internal sealed class VmRemoval(
    VsphereSession session, MoRef vm, string name, bool unregisters, IReadOnlyList<(DatastorePath Path, DatastorePlace Place)> files,
    IReadOnlyList<(DatastorePath Path, DatastorePlace Place)> folders)
{
    // Files that a host writes beside a VM's disks; its list of a VM's files is not always complete.
    private static readonly Regex s_companionFiles = new(@"\.(nvram|vmsd|vmxf|vswp|vmss|vmsn|hlog)$|^vmware.*\.log$|\.scoreboard$", RegexOptions.CultureInvariant);

    private readonly string _name = name;

    /// <summary>The VM, if others used some of its disks when the removal was planned.</summary>
    private VmFiles? Shared { get; init; }

    private IReadOnlyList<(DatastorePath Path, DatastorePlace Place)> SharedFiles { get; init; } = [];

    private IReadOnlyList<(DatastorePath Path, DatastorePlace Place)> SharedFolders { get; init; } = [];

    /// <summary>A VM whose files are all its own, which the host deletes with it.</summary>
    public static VmRemoval Whole(VsphereSession session, MoRef vm, string name) => new(session, vm, name, false, [], []);

    /// <summary>The same for a finished VM, whose cloud-init ISO the host does not delete.</summary>
    public static async Task<VmRemoval> PlanWholeAsync(VsphereSession session, MoRef vm, string name, CancellationToken cancellationToken)
    {
        var content = await session.Properties.ReadAsync([vm], VmFiles.Properties, cancellationToken);
        return content.Count == 0 ? Whole(session, vm, name) : await PlanWholeAsync(session, new VmFiles(content[0]), name, cancellationToken);
    }

    /// <summary>Checks it on a standalone host; <c>LinkedClonesDepend</c> if other VMs use this one's disks.</summary>
    public static async Task<VmRemoval> PlanAsync(VsphereSession session, MoRef vm, string name, CancellationToken cancellationToken)
    {
        var others = await session.Properties.SelectAllAsync([VmFiles.Properties], page => page.Select(p => new VmFiles(p)), cancellationToken);
        if (others.Find(v => v.Vm == vm) is not { } own)
            return Whole(session, vm, name);
        others.Remove(own);
        var files = own.FilesNotSharedWith(others);
        var clones = others.Where(o => o.Uses(files)).Select(o => o.Name).ToList();
        if (clones.Count > 0)
        {
            throw new VmDeployException(ErrorCodes.LinkedClonesDepend,
                $"{name} can't be removed: linked clones depend on its disks: {Names.List(clones)}.", name);
        }
        if (!own.UsesDisksOf(others))
            return await PlanWholeAsync(session, own, name, cancellationToken);
        // Everything that the deletion needs is read before it begins: an unregistered VM can't be asked any more.
        var inventory = await Inventory.ReadAsync(session.Properties, cancellationToken);
        var folders = own.Folders.Except(others.SelectMany(o => o.Folders)).ToList();
        return new VmRemoval(session, vm, name, true, Places(inventory, own, files.Select(DatastorePath.Parse).Concat(own.CloudInitIsos)), Places(inventory, own, folders.Select(DatastorePath.Parse)))
        {
            Shared = own,
            SharedFiles = Places(inventory, own, own.FilesNotSharedWith([]).Except(files).Select(DatastorePath.Parse)),
            SharedFolders = Places(inventory, own, own.Folders.Except(folders).Select(DatastorePath.Parse)),
        };
    }

    /// <summary>Deletes it; it must be powered off.</summary>
    /// <exception cref="VmDeployException"><c>VmFilesLeft</c>, which names them, if files or a folder could not be deleted.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            if (unregisters)
                await session.Soap.CallAsync(vm, "UnregisterVM", CancellationToken.None);
            else
                await session.Tasks.RunAsync(vm, "Destroy_Task", _name, cancellationToken);
        }
        catch (VimFault fault) when (fault.Type == "ManagedObjectNotFound")
        {
            // Another client was faster.
        }
        catch (VmDeployException e) when (e.IsUnanswered)
        {
            if (!await IsGoneAsync())
                throw;
        }
        // Not cancelled half-way: the files of an unregistered VM would remain.
        var rest = new RollbackScope(session, _name);
        foreach (var (folder, place) in folders.Where(f => f.Path.Path.Length > 0))
            rest.Add($"folder '{folder}'", token => DeleteFolderAsync(folder, place, token));
        if (SharedFiles.Count > 0)
            rest.Add($"{Names.List(SharedFiles.Select(file => file.Path.ToString()))}, unless another VM uses them", DeleteUnusedAsync);
        foreach (var (file, place) in files)
            rest.Add($"file '{file}'", token => session.Files.DeleteAsync(file, place.Datacenter, _name, token));
        var left = await rest.RollBackAsync(null);
        if (left.Count > 0)
        {
            throw new VmDeployException(ErrorCodes.VmFilesLeft,
                $"{_name} was removed from the inventory, but some of its files could not be deleted: {string.Join(", ", left)}.", _name);
        }
    }

    private static async Task<VmRemoval> PlanWholeAsync(VsphereSession session, VmFiles own, string name, CancellationToken cancellationToken)
    {
        if (own.CloudInitIsos.Count == 0)
            return Whole(session, own.Vm, name);
        var inventory = await Inventory.ReadAsync(session.Properties, cancellationToken);
        return new VmRemoval(session, own.Vm, name, false, Places(inventory, own, own.CloudInitIsos), Places(inventory, own, own.CloudInitIsos.Select(iso => iso.Folder)));
    }

    // Names of datastores are unique in a datacenter only, and the VM's is that of its host.
    private static List<(DatastorePath Path, DatastorePlace Place)> Places(Inventory inventory, VmFiles own, IEnumerable<DatastorePath> paths) =>
        paths.Select(path => (path, inventory[own.Host] is { } host ? DatastorePlace.On(inventory, host, path.Datastore) : DatastorePlace.Resolve(inventory, path.Datastore, null, isForNew: false))).ToList();

    // The others may be removed at the same time, and the last of them deletes what they shared.
    private async Task DeleteUnusedAsync(CancellationToken cancellationToken)
    {
        var others = await session.Properties.SelectAllAsync([VmFiles.Properties], page => page.Where(p => p.Object != vm).Select(p => new VmFiles(p)), cancellationToken);
        var unused = Shared!.FilesNotSharedWith(others);
        foreach (var (file, place) in SharedFiles.Where(one => unused.Contains(one.Path.ToString())))
            await session.Files.DeleteAsync(file, place.Datacenter, _name, cancellationToken);
        foreach (var (folder, place) in SharedFolders.Where(one => !others.Any(other => other.Folders.Contains(one.Path.ToString()))))
            await DeleteFolderAsync(folder, place, cancellationToken);
    }

    private async Task DeleteFolderAsync(DatastorePath folder, DatastorePlace place, CancellationToken cancellationToken)
    {
        foreach (var name in await session.Files.ListAsync(folder, place.Browser, cancellationToken))
        {
            if (s_companionFiles.IsMatch(name))
                await session.Files.DeleteAsync(folder.Append(name), place.Datacenter, _name, cancellationToken);
        }
        if (!await session.Files.DeleteIfEmptyAsync(folder, place.Browser, place.Datacenter, _name, cancellationToken))
            session.Log.FolderKept(_name, folder);
    }

    private async Task<bool> IsGoneAsync()
    {
        try
        {
            await session.Retries.Call.RunAsync(async _ =>
            {
                await session.Tasks.SettleAsync(vm, CancellationToken.None);
                await session.Properties.ReadAsync(vm, CancellationToken.None, "name");
            }, RollbackScope.IsPassing, CancellationToken.None);
            return false;
        }
        catch (VmDeployException e) when (e.Code == ErrorCodes.ObjectGone)
        {
            return true;
        }
        catch (VmDeployException)
        {
            return false;
        }
    }
}
