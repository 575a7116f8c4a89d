using VmDeploy.Simulator.Esxi.Core;
using VmDeploy.Simulator.Esxi.Data;
using VmDeploy.Simulator.Esxi.Datastores;
using VmDeploy.Simulator.Esxi.Snapshots;
using VmDeploy.Simulator.Esxi.Soap;

namespace VmDeploy.Simulator.Esxi.Vms;

/// <summary>Snapshots: the disks don't change any more, and the VM continues with children of them.</summary>
internal sealed partial class VirtualMachine
{
    private readonly List<VirtualMachineSnapshot> _snapshots = [];
    private readonly List<DatastorePath> _unmerged = [];
    private VirtualMachineSnapshot? _current;
    private int _snapshotCount;

    public IReadOnlyList<VirtualMachineSnapshot> Snapshots => _snapshots;

    [VimProperty("VirtualMachineSnapshotInfo")]
    public DataObject? Snapshot => _snapshots.Count == 0 ? null : new("VirtualMachineSnapshotInfo")
    {
        ["currentSnapshot"] = _current?.Self,
        ["rootSnapshotList"] = _snapshots.Where(s => s.Parent is null).Select(s => s.ToTree()),
    };

    [VimProperty("ManagedObjectReference*")]
    public IEnumerable<Mor> RootSnapshot => _snapshots.Where(s => s.Parent is null).Select(s => s.Self);

    [VimMethod(Writes = true)]
    public object CreateSnapshot_Task(VimCall call) => TakeSnapshot(call, call.Arguments.Bool("quiesce") == true);

    [VimMethod(Writes = true, Since = "6.5")]
    public object CreateSnapshotEx_Task(VimCall call) => TakeSnapshot(call, call.Arguments.Object("quiesceSpec") is not null);

    [VimMethod(Writes = true)]
    public object ConsolidateVMDisks_Task(VimCall call) => Begin(call, "consolidateDisks", () =>
    {
        foreach (var disk in _unmerged)
            MergeAway(disk);
        _unmerged.Clear();
        SaveFile();
        Changed();
    });

    [VimMethod(Writes = true)]
    public object RemoveAllSnapshots_Task(VimCall call) => Begin(call, "removeAllSnapshots", () =>
    {
        foreach (var root in _snapshots.Where(s => s.Parent is null).ToList())
            Remove(root, withChildren: true);
    });

    [VimMethod(Writes = true)]
    public object RevertToCurrentSnapshot_Task(VimCall call) =>
        RevertTo(call, _current ?? throw VimFault.Of("NotFound", "The virtual machine has no snapshot."), call.Arguments.Bool("suppressPowerOn") == true);

    /// <summary>RemoveSnapshot_Task of one of its snapshots.</summary>
    public Mor RemoveSnapshots(VimCall call, VirtualMachineSnapshot snapshot, bool withChildren)
    {
        CheckNotExported(snapshot);
        return Begin(call, "removeSnapshot", () => Remove(snapshot, withChildren));
    }

    /// <summary>RevertToSnapshot_Task of one of its snapshots. A disk that is not in the snapshot is detached, and its file is kept.</summary>
    public Mor RevertTo(VimCall call, VirtualMachineSnapshot snapshot, bool staysOff) => Begin(call, "revertToSnapshot", () =>
    {
        if (PowerState != "poweredOff")
            PowerOff();
        var then = DisksOf(snapshot.Config).Select(d => d.Int("key")).ToHashSet();
        foreach (var path in Disks.Where(d => then.Contains(d.Int("key"))).Select(d => Chain(d.Object("backing")!).First()).ToList())
            Delete(path);
        _current = snapshot;
        ConfigData = OnChildren(snapshot.Config);
        SaveFile();
        if (snapshot.Content.PowerState == "suspended")
            Suspend();
        else if (snapshot.Content.PowerState == "poweredOn" && !staysOff)
            PowerOn();
    });

    private Mor TakeSnapshot(VimCall call, bool quiesces)
    {
        var name = call.Arguments.Text("name")!;
        if (name.Length == 0)
            throw VimFault.Of("InvalidName", null, ("name", ""));
        var description = call.Arguments.Text("description") ?? "";
        var withMemory = call.Arguments.Bool("memory") == true;
        return Begin(call, "createSnapshot", _ =>
        {
            lock (Esx.Gate)
            {
                if (IsTemplate)
                    throw VimFault.Of("NotSupported", "The operation is not supported on a template.");
                // Memory needs a running guest, and quiescing needs its tools.
                return System.Threading.Tasks.Task.FromResult<object?>(TakeSnapshot(name, description, withMemory && IsRunning, quiesces && _toolsRun).Self);
            }
        });
    }

    private VirtualMachineSnapshot TakeSnapshot(string name, string description, bool withMemory, bool isQuiesced)
    {
        var number = ++_snapshotCount;
        var stem = $"{Path.GetFileNameWithoutExtension(VmxPath.FileName)}-Snapshot{number}";
        var state = Home.Child(stem + ".vmsn");
        var memory = withMemory ? Home.Child(stem + ".vmem") : null;
        WriteZeros(state, 4096);
        if (memory is not null)
            WriteZeros(memory, MemoryMB << 20);
        var id = Esx.IsVCenter ? $"snapshot-{Esx.NextNumber()}" : $"{Self.Value}-snapshot-{Esx.NextNumber()}";
        var snapshot = Esx.Add(new VirtualMachineSnapshot(Esx, id, this, _current, ConfigData, new(number, name, description, isQuiesced, state, memory,
            memory is not null ? "poweredOn" : PowerState == "suspended" ? "suspended" : "poweredOff")));
        ConfigData = OnChildren(ConfigData);
        _snapshots.Add(snapshot);
        _current = snapshot;
        SaveFile();
        Changed();
        return snapshot;
    }

    private static void WriteZeros(DatastorePath path, long length)
    {
        // A VM that the simulator starts with has no files.
        Directory.CreateDirectory(Path.GetDirectoryName(path.Local)!);
        using (var file = new FileStream(path.Local, FileMode.Create))
            file.SetLength(length);
        path.Datastore.Changed();
    }

    // The configuration with a new child in the place of each disk.
    private DataObject OnChildren(DataObject config)
    {
        var copy = config.Clone();
        foreach (var disk in copy.Object("hardware")!.Objects("device").Where(d => d.Is("VirtualDisk")))
        {
            var backing = disk.Object("backing")!;
            var parent = DatastorePath.Parse(backing.Text("fileName")!, Center);
            var child = NewChildPath(parent);
            SparseVmdk.Create(child.Local, disk.Long("capacityInKB")!.Value, parent.Local);
            child.Datastore.Disks[child.Relative] = new(disk.Long("capacityInKB")!.Value, true, "lsiLogic");
            var childBacking = backing.Clone();
            childBacking["fileName"] = child.ToString();
            childBacking["parent"] = backing;
            disk["backing"] = childBacking;
        }
        return copy;
    }

    private DatastorePath NewChildPath(DatastorePath parent)
    {
        var stem = parent.FileName[..^".vmdk".Length];
        if (stem.Length > 7 && stem[^7] == '-' && stem[^6..].All(char.IsDigit))
            stem = stem[..^7];
        return Enumerable.Range(1, 999_999)
            .Select(i => Home.Child($"{stem}-{i.ToString("000000", System.Globalization.CultureInfo.InvariantCulture)}.vmdk"))
            .First(path => !path.FileExists);
    }

    private void Remove(VirtualMachineSnapshot snapshot, bool withChildren)
    {
        foreach (var child in withChildren ? snapshot.Children.ToList() : [])
            Remove(child, withChildren: true);
        foreach (var child in snapshot.Children.ToList())
            child.Parent = snapshot.Parent;
        _snapshots.Remove(snapshot);
        _current = _current == snapshot ? snapshot.Parent : _current;
        foreach (var file in snapshot.Content.Files)
            Delete(file);
        var disks = DisksOf(snapshot.Config).Select(disk => DatastorePath.Parse(disk.Object("backing")!.Text("fileName")!, Center)).ToList();
        if (Esx.Faults.TakeUnmerged())
            _unmerged.AddRange(disks);
        else
            disks.ForEach(MergeAway);
        Esx.Remove(snapshot);
        SaveFile();
        Changed();
    }

    // A disk that no snapshot needs any more is merged with its only child, or deleted if it has none.
    private void MergeAway(DatastorePath disk)
    {
        var chains = _snapshots.Select(s => s.Config).Append(ConfigData).SelectMany(DisksOf).Select(d => Chain(d.Object("backing")!).ToList()).ToList();
        if (chains.Exists(c => c[0] == disk))
            return;
        var children = chains.Where(c => c.Contains(disk)).Select(c => c[c.IndexOf(disk) - 1]).Distinct().ToList();
        if (children.Count == 0)
        {
            Delete(disk);
        }
        else if (children is [var child])
        {
            if (!SparseVmdk.IsPristine(child.Local))
                throw VimFault.Of("NotSupported", $"The disk {child} has been written to; the simulator can't merge it with its parent.");
            ReplaceInChains(child, disk);
            Delete(child);
        }
    }

    private void ReplaceInChains(DatastorePath child, DatastorePath disk)
    {
        foreach (var snapshot in _snapshots)
            snapshot.Config = Replaced(snapshot.Config, child, disk);
        ConfigData = Replaced(ConfigData, child, disk);
        foreach (var grandchild in Directory.GetFiles(Home.Local, "*.vmdk").Where(f => SparseVmdk.ParentOf(f) == child.Local))
        {
            var capacity = SparseVmdk.ReadCapacityKB(grandchild)!.Value;
            File.Delete(grandchild);
            SparseVmdk.Create(grandchild, capacity, disk.Local);
        }
    }

    private static DataObject Replaced(DataObject config, DatastorePath child, DatastorePath disk)
    {
        var copy = config.Clone();
        foreach (var device in DisksOf(copy))
        {
            for (var backing = device.Object("backing"); backing is not null; backing = backing.Object("parent"))
            {
                if (backing.Text("fileName") == child.ToString())
                {
                    backing["parent"] = backing.Object("parent")?.Object("parent");
                    backing["fileName"] = disk.ToString();
                }
            }
        }
        return copy;
    }

    private static IEnumerable<DataObject> DisksOf(DataObject config) =>
        config.Object("hardware")!.Objects("device").Where(d => d.Is("VirtualDisk"));

    private static void Delete(DatastorePath path)
    {
        if (File.Exists(path.Local)) // A client may have deleted the folder.
            File.Delete(path.Local);
        path.Datastore.Disks.Remove(path.Relative);
        path.Datastore.Changed();
    }
}
