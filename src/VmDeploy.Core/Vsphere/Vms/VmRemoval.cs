using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;
using System.Threading;
using System.Threading.Tasks;

namespace VmDeploy.Vsphere;

/// <summary>
/// The deletion of a VM with its files, checked and not yet done. A vCenter knows which files VMs share. Of a standalone host
/// nobody says what its <c>Destroy_Task</c> does to the parents of a linked clone's disks, so there a VM whose disks others
/// hang on is refused, and a VM that hangs on others' is unregistered and its own files deleted one by one.
/// </summary>
internal sealed class VmRemoval
{
    // What a host writes beside a VM's disks; its list of a VM's files is not always complete.
    private static readonly Regex s_beside = new(@"\.(nvram|vmsd|vmxf|vswp|vmss|vmsn|hlog)$|^vmware.*\.log$|\.scoreboard$", RegexOptions.CultureInvariant);

    private readonly VsphereSession _session;
    private readonly MoRef _vm;
    private readonly string _name;
    private readonly IReadOnlyCollection<string> _files;
    private readonly IReadOnlyCollection<string> _folders;

    private VmRemoval(VsphereSession session, MoRef vm, string name, IReadOnlyCollection<string> files, IReadOnlyCollection<string> folders)
    {
        _session = session;
        _vm = vm;
        _name = name;
        _files = files;
        _folders = folders;
    }

    /// <summary>Checks it; <c>LinkedClonesDepend</c> when the disks of other VMs hang on this one's.</summary>
    public static async Task<VmRemoval> PlanAsync(VsphereSession session, MoRef vm, string name, CancellationToken cancellationToken)
    {
        var whole = new VmRemoval(session, vm, name, [], []);
        if (session.Kind == HypervisorKind.VCenter)
            return whole;
        var others = new List<VmFiles>();
        await session.Properties.ReadAllAsync([VmFiles.Properties], page =>
        {
            others.AddRange(page.Select(p => new VmFiles(p)));
            return Task.CompletedTask;
        }, cancellationToken);
        if (others.Find(v => v.Vm == vm) is not { } own)
            return whole;
        others.Remove(own);
        var files = own.OwnBeside(others);
        var clones = others.Where(o => o.Uses(files)).Select(o => o.Name).ToList();
        if (clones.Count > 0)
        {
            throw new VmDeployException(ErrorCodes.LinkedClonesDepend,
                $"{name} can't be removed: linked clones depend on its disks: {Names.List(clones)}.", name);
        }
        return own.BorrowsBeside(others)
            ? new VmRemoval(session, vm, name, files, own.Folders.Except(others.SelectMany(o => o.Folders)).ToList())
            : whole;
    }

    /// <summary>Deletes it; it must be powered off.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (_files.Count == 0)
        {
            await _session.Tasks.RunAsync(_vm, "Destroy_Task", _name, cancellationToken);
            return;
        }
        await _session.Soap.CallAsync(_vm, "UnregisterVM", cancellationToken);
        // Not cancelled half-way: of a VM that is not registered any more nobody would delete the rest.
        var inventory = await Inventory.ReadAsync(_session.Properties, CancellationToken.None);
        var left = new List<string>();
        foreach (var file in _files.Select(DatastorePath.Parse))
        {
            var place = DatastorePlace.Resolve(inventory, file.Datastore, null);
            if (!await _session.Files.TryDeleteAsync(file, place.Datacenter, _name))
                left.Add(file.ToString());
        }
        if (left.Count > 0)
        {
            throw new VmDeployException(ErrorCodes.VmFilesLeft,
                $"{_name} was removed from the inventory, but these files could not be deleted: {Names.List(left)}.", _name);
        }
        foreach (var folder in _folders.Select(DatastorePath.Parse).Where(f => f.Path.Length > 0))
        {
            var place = DatastorePlace.Resolve(inventory, folder.Datastore, null);
            foreach (var name in await _session.Files.ListAsync(folder, place.Browser, CancellationToken.None))
            {
                if (s_beside.IsMatch(name))
                    await _session.Files.TryDeleteAsync(folder.Append(name), place.Datacenter, _name);
            }
            await _session.Files.TryDeleteEmptyAsync([folder], place.Browser, place.Datacenter, _name);
        }
    }
}
