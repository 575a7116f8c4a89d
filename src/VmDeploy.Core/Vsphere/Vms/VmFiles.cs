namespace VmDeploy.Vsphere;

/// <summary>The files of a VM, and those that it only uses: the parents of linked clones' disks belong to another VM, a disk that is shared to several.</summary>
internal sealed class VmFiles
{
    /// <summary>The properties that name the files: devices for disks and their parents, the layout for the other files.</summary>
    public static readonly PropertySet Properties = new("VirtualMachine", "name", "config.files.vmPathName", "config.hardware.device", "layoutEx", "runtime.host");

    private readonly HashSet<string> _all;
    private readonly HashSet<string> _disks;
    private readonly HashSet<string> _chains;
    private readonly HashSet<string> _folders;
    private readonly HashSet<string> _snapshotDisks;
    private readonly IReadOnlyList<HashSet<string>> _units;

    public VmFiles(ObjectContent vm)
    {
        Vm = vm.Object;
        Host = vm.Reference("runtime.host");
        Name = Inventory.NameOf(vm);
        var devices = ConfigSpec.Devices(vm["config.hardware.device"]);
        var backings = devices
            .Where(d => d.TypeName() == "VirtualDisk").Select(d => d.Child("backing")).OfType<XElement>().ToList();
        _disks = [.. backings.Select(b => b.Value("fileName")).OfType<string>()];
        var layout = vm["layoutEx"] ?? new XElement("layoutEx", "runtime.host");
        _units = [.. UnitsIn(layout, layout)];
        _chains = [.. backings.SelectMany(Chain), .. _units.SelectMany(files => files)];
        _snapshotDisks = [.. layout.Children("snapshot").SelectMany(snapshot => UnitsIn(layout, snapshot)).SelectMany(files => files)];
        _all = [.. _chains, .. layout.Children("file").Select(f => f.Value("name")).OfType<string>()];
        _folders = [.. _disks.Select(FolderOf)];
        if (vm.Text("config.files.vmPathName") is { Length: > 0 } vmx)
        {
            _all.Add(vmx);
            _folders.Add(FolderOf(vmx));
        }
        CloudInitIsos = [.. devices.Select(CloudInitIso.FileIn).OfType<DatastorePath>().Where(file => _folders.Contains(file.Folder.ToString())).Distinct()];
    }

    public MoRef Vm { get; }

    /// <summary>The host that runs it, or would.</summary>
    public MoRef? Host { get; }

    public string Name { get; }
    public IEnumerable<string> Folders => _folders;

    /// <summary>The files in its folders that are not another VM's disk, nor an extent of one.</summary>
    public IReadOnlyCollection<string> FilesNotSharedWith(IEnumerable<VmFiles> others)
    {
        HashSet<string> disks = [.. others.SelectMany(other => other._disks)];
        HashSet<string> shared = [.. disks, .. _units.Where(files => files.Overlaps(disks)).SelectMany(files => files)];
        return _all.Where(file => _folders.Contains(FolderOf(file)) && !shared.Contains(file)).ToList();
    }

    /// <summary>ISOs with cloud-init documents in its folders, which a host does not delete with it.</summary>
    public IReadOnlyList<DatastorePath> CloudInitIsos { get; }

    /// <summary>Whether one of its disks belongs to another VM, or is a child disk of one that does.</summary>
    public bool UsesDisksOf(IEnumerable<VmFiles> others) => _chains.Except(FilesNotSharedWith(others)).Any();

    public bool Uses(IEnumerable<string> files) => _all.Overlaps(files);

    /// <summary>Whether a disk of the VM, or the parent of one, is this file.</summary>
    public bool UsesDisk(string file) => _chains.Contains(file);

    /// <summary>Whether one of its snapshots needs this file, which its present disks may not use any more.</summary>
    public bool NeedsForSnapshot(string file) => _snapshotDisks.Contains(file);

    // VirtualMachineFileLayoutExDiskLayout: a unit of a chain has the keys of a disk's descriptor and extents.
    private static IEnumerable<HashSet<string>> UnitsIn(XElement layout, XElement part)
    {
        var names = layout.Children("file").Where(file => file.Value("name") is not null).GroupBy(file => file.Value("key") ?? "").ToDictionary(same => same.Key, same => same.First().Value("name")!);
        return part.Children("disk").SelectMany(disk => disk.Children("chain"))
            .Select(unit => new HashSet<string>(unit.Children("fileKey").Where(key => names.ContainsKey(key.Value)).Select(key => names[key.Value])));
    }

    // The disk's own file first, then its parents'.
    private static IEnumerable<string> Chain(XElement backing)
    {
        for (var link = backing; link is not null; link = link.Child("parent"))
        {
            if (link.Value("fileName") is { } file)
                yield return file;
        }
    }

    // For a datastore that is not accessible, only the text is known.
    private static string FolderOf(string file) => DatastorePath.TryParse(file, out var path) ? path.Folder.ToString()
        : file.Substring(0, Math.Max(0, file.LastIndexOf('/')));
}
