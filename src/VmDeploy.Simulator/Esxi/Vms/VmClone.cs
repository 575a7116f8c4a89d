using VmDeploy.Simulator.Esxi.Core;
using VmDeploy.Simulator.Esxi.Data;
using VmDeploy.Simulator.Esxi.Datastores;
using VmDeploy.Simulator.Esxi.Inventory;
using VmDeploy.Simulator.Esxi.Snapshots;
using VmDeploy.Simulator.Esxi.Soap;
using VmDeploy.Simulator.Esxi.Tasks;

namespace VmDeploy.Simulator.Esxi.Vms;

/// <summary>CloneVM_Task, which only vCenter has.</summary>
internal sealed class VmClone
{
    private readonly VirtualMachine _source;
    private readonly DataObject _config;
    private readonly DataObject _spec;
    private readonly Folder _folder;
    private readonly string _name;
    private readonly ResourcePool? _pool;
    private readonly HostSystem _runsOn;
    private readonly Datastore _datastore;
    private readonly bool _isLinked;

    private VmClone(VirtualMachine source, VimCall call)
    {
        var host = source.Esx;
        _source = source;
        _spec = call.Arguments.Object("spec")!;
        _name = call.Arguments.Text("name")!;
        _folder = host.Get<Folder>(call.Arguments.Ref("folder")!);
        var location = _spec.Object("location")!;
        var snapshot = _spec.Ref("snapshot") is { } reference ? host.Get<VirtualMachineSnapshot>(reference) : null;
        if (snapshot is not null && snapshot.Machine != source)
            throw VimFault.InvalidArgument("spec.snapshot");
        _isLinked = location.Text("diskMoveType") == "createNewChildDiskBacking";
        if (_isLinked && snapshot is null)
            throw VimFault.InvalidArgument("spec.snapshot", "A linked clone needs a snapshot to grow from.");
        if (_spec.Has("customization"))
            throw VimFault.Of("NotSupported", "The simulator does not customize guests.");

        _config = snapshot?.Config ?? source.ConfigData;
        _pool = location.Ref("pool") is { } pool ? host.Get<ResourcePool>(pool) : source.Pool;
        if (_pool is null && _spec.Bool("template") != true)
            throw VimFault.InvalidArgument("spec.location.pool");
        var runsOn = location.Ref("host") is { } target ? host.Get<HostSystem>(target)
            : _pool?.Compute.Hosts.Find(h => h == source.RunsOn) ?? _pool?.Compute.Hosts[0] ?? source.RunsOn!;
        _runsOn = runsOn;
        _datastore = location.Ref("datastore") is { } store ? host.Get<Datastore>(store) : source.Home.Datastore;
        if (!_runsOn.Datastores.Contains(_datastore))
            throw VimFault.InvalidArgument("spec.location.datastore", $"The host {_runsOn.Name} does not reach the datastore {_datastore.Name}.");
    }

    /// <summary>Checks the call and starts the task.</summary>
    public static Mor Start(VirtualMachine source, VimCall call)
    {
        var clone = new VmClone(source, call);
        clone._folder.CheckName(clone._name);
        return VimTask.Start(source.Esx, call, source, "VirtualMachine.clone", clone.RunAsync);
    }

    private async Task<object?> RunAsync(VimTask task)
    {
        DatastorePath home;
        lock (_source.Esx.Gate)
        {
            home = DatastorePath.Of(_datastore, FreeFolder());
            Directory.CreateDirectory(home.Local);
        }
        try
        {
            var disks = new Dictionary<int, string>();
            foreach (var disk in Disks.Where(_ => !_isLinked))
            {
                var from = DatastorePath.Parse(disk.Object("backing")!.Text("fileName")!, _source.Center);
                var to = home.Child(disks.Count == 0 ? $"{_name}.vmdk" : $"{_name}_{disks.Count}.vmdk");
                await FileCopy.RunAsync(VirtualDiskManager.ContentOf(from), to, task);
                lock (_source.Esx.Gate)
                    to.Datastore.Disks[to.Relative] = new(disk.Long("capacityInKB")!.Value, IsThin(disk), "lsiLogic");
                disks.Add(disk.Int("key")!.Value, to.ToString());
            }
            lock (_source.Esx.Gate)
                return Create(home, disks).Self;
        }
        catch
        {
            if (home.FolderExists)
                Directory.Delete(home.Local, recursive: true);
            throw;
        }
    }

    private IEnumerable<DataObject> Disks => _config.Object("hardware")!.Objects("device").Where(d => d.Is("VirtualDisk"));

    private string FreeFolder() => Enumerable.Range(0, int.MaxValue)
        .Select(i => i == 0 ? _name : $"{_name}_{i}")
        .First(name => !DatastorePath.Of(_datastore, name).FolderExists);

    private VirtualMachine Create(DatastorePath home, Dictionary<int, string> disks)
    {
        var vm = VmCreation.Prepare(_folder, Specify(home, disks), (_pool ?? _source.Pool ?? AnyPool()).Self, _runsOn.Self, "spec").Run();
        if (_spec.Object("config") is { } changes)
            Apply(vm, changes);
        if (_source.Config.Object("vAppConfig") is { } vApp)
        {
            var config = vm.ConfigData.Clone();
            config["vAppConfig"] ??= vApp;
            vm.ConfigData = config;
        }
        if (_spec.Bool("template") == true)
            vm.BecomeTemplate();
        else if (_spec.Bool("powerOn") == true)
            vm.PowerOn();
        return vm;
    }

    private static void Apply(VirtualMachine vm, DataObject changes)
    {
        var editor = new ConfigEditor(vm);
        editor.Apply(changes);
        editor.Commit();
        vm.ConfigData = editor.Config;
        vm.SaveFile();
    }

    private ResourcePool AnyPool() => _runsOn.Nearest<ComputeResource>()!.Pool;

    // The source's configuration as a spec, with new values for everything that must be unique.
    private DataObject Specify(DatastorePath home, Dictionary<int, string> disks)
    {
        var spec = new DataObject("VirtualMachineConfigSpec");
        foreach (var field in (string[])["version", "guestId", "annotation", "firmware", "flags", "bootOptions", "tools", "extraConfig", "cpuHotAddEnabled", "memoryHotAddEnabled",
            "memoryAllocation", "memoryReservationLockedToMax"])
            spec[field] = _config[field];
        var hardware = _config.Object("hardware")!;
        spec["name"] = _name;
        spec["numCPUs"] = hardware.Int("numCPU");
        spec["numCoresPerSocket"] = hardware.Int("numCoresPerSocket");
        spec["memoryMB"] = hardware.Int("memoryMB");
        spec["files"] = new DataObject("VirtualMachineFileInfo") { ["vmPathName"] = home.Child($"{_name}.vmx").ToString() };
        spec["deviceChange"] = hardware.Objects("device").Where(d => !DeviceKind.IsFixed(d)).Select(device => new DataObject("VirtualDeviceConfigSpec")
        {
            ["operation"] = "add",
            ["fileOperation"] = device.Is("VirtualDisk") && _isLinked ? "create" : null,
            ["device"] = Renewed(Moved(device.Clone()), home, disks),
        });
        return spec;
    }

    // VirtualMachineRelocateSpec.deviceChange: other networks for adapters, by the key of the source's.
    private DataObject Moved(DataObject device)
    {
        foreach (var change in _spec.Object("location")!.Objects("deviceChange").Where(change => change.Object("device")!.Int("key") == device.Int("key")))
        {
            if (change.Text("operation") != "edit" || !device.Is("VirtualEthernetCard"))
                throw VimFault.InvalidArgument("spec.location.deviceChange");
            device["backing"] = change.Object("device")!["backing"];
        }
        return device;
    }

    private DataObject Renewed(DataObject device, DatastorePath home, Dictionary<int, string> disks)
    {
        if (device.Is("VirtualEthernetCard") && device.Text("addressType") != "manual")
            device["macAddress"] = null;
        if (device.Object("backing") is { } connection && connection.Is("VirtualEthernetCardDistributedVirtualPortBackingInfo") && connection.Object("port") is { } port)
            (port["portKey"], port["connectionCookie"]) = (null, null);
        if (!device.Is("VirtualDisk"))
            return device;
        var backing = device.Object("backing")!;
        backing["uuid"] = null;
        if (_isLinked)
        {
            backing["parent"] = backing.Clone();
            backing["fileName"] = $"[{home.Datastore.Name}]";
            backing["thinProvisioned"] = true;
        }
        else
        {
            backing["parent"] = null;
            backing["fileName"] = disks[device.Int("key")!.Value];
        }
        return device;
    }

    private bool IsThin(DataObject disk)
    {
        var locator = _spec.Object("location")!.Objects("disk").FirstOrDefault(l => l.Int("diskId") == disk.Int("key"));
        return locator?.Object("diskBackingInfo") is { } backing && backing.Is("VirtualDiskFlatVer2BackingInfo")
            ? backing.Bool("thinProvisioned") ?? false
            : disk.Object("backing")!.Bool("thinProvisioned") ?? false;
    }
}
