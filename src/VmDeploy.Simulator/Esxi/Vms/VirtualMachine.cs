using VmDeploy.Simulator.Esxi.Core;
using VmDeploy.Simulator.Esxi.Data;
using VmDeploy.Simulator.Esxi.Datastores;
using VmDeploy.Simulator.Esxi.Import;
using VmDeploy.Simulator.Esxi.Inventory;
using VmDeploy.Simulator.Esxi.Soap;
using VmDeploy.Simulator.Esxi.Tasks;

namespace VmDeploy.Simulator.Esxi.Vms;

/// <summary>A virtual machine: its configuration and state. Its methods are in the other parts.</summary>
[VimUnset("layout", "VirtualMachineFileLayout")]
[VimUnset("guestHeartbeatStatus", "ManagedEntityStatus")]
[VimUnset("resourceConfig", "ResourceConfigSpec")]
internal sealed partial class VirtualMachine : ManagedEntity
{
    private DataObject _config;

    public VirtualMachine(EsxiHost host, string id, Folder folder, DataObject config, DatastorePath home, ResourcePool? pool, HostSystem? runsOn)
        : base(host, id, folder, config.Text("name")!)
    {
        _config = config;
        Home = home;
        Pool = pool;
        RunsOn = runsOn;
    }

    /// <summary>A VirtualMachineConfigInfo. It is replaced by a changed copy, never changed, so that readers need no lock.</summary>
    public DataObject ConfigData
    {
        get => _config;
        set
        {
            _config = value;
            Name = value.Text("name")!;
            Changed();
        }
    }

    /// <summary>The folder that contains its files.</summary>
    public DatastorePath Home { get; }

    /// <summary>None for a template.</summary>
    public ResourcePool? Pool { get; private set; }

    public HostSystem? RunsOn { get; private set; }

    /// <summary>The vApp that it belongs to.</summary>
    public VirtualApp? VApp { get; set; }

    [VimProperty("ManagedObjectReference")]
    public Mor? ParentVApp => VApp?.Self;

    // The folder is that of the vApp.
    public override Mor? Parent => VApp is null ? base.Parent : null;

    /// <summary>The lease of its import; nothing else may change it until that ends.</summary>
    public HttpNfcLease? Lease { get; set; }

    public bool IsRunning => PowerState == "poweredOn";

    public long MemoryMB => Hardware.Int("memoryMB")!.Value;

    public DataObject Hardware => ConfigData.Object("hardware")!;

    public IEnumerable<DataObject> Devices => Hardware.Objects("device");

    public bool IsTemplate => ConfigData.Bool("template")!.Value;

    public Datacenter Center => Nearest<Datacenter>()!;

    [VimProperty("VirtualMachineConfigInfo")]
    public DataObject Config
    {
        get
        {
            if (HotPlugMemoryLimit == 0)
                return ConfigData;
            var config = ConfigData.Clone();
            config["hotPlugMemoryLimit"] = HotPlugMemoryLimit;
            config["hotPlugMemoryIncrementSize"] = HotPlugMemoryStep;
            return config;
        }
    }

    [VimProperty("ManagedObjectReference*")]
    public IEnumerable<Mor> Datastore => References(Files.Select(f => f.Datastore).Distinct());

    [VimProperty("ManagedObjectReference*")]
    public IEnumerable<Mor> Network => References(
        Devices.Select(d => d.Object("backing")).OfType<DataObject>().Select(Networks.Of(Center)).OfType<Network>().Distinct());

    [VimProperty("ManagedObjectReference", Name = "resourcePool")]
    public Mor? PoolReference => Pool?.Self;

    [VimProperty("ManagedObjectReference")]
    public Mor? EnvironmentBrowser => Pool?.Compute.EnvironmentBrowser;

    [VimProperty("VirtualMachineRuntimeInfo")]
    public DataObject Runtime => new("VirtualMachineRuntimeInfo")
    {
        ["host"] = RunsOn?.Self,
        ["connectionState"] = "connected",
        ["powerState"] = PowerState,
        ["toolsInstallerMounted"] = false,
        ["bootTime"] = BootTime,
        ["question"] = Question?.ToData(),
        ["maxCpuUsage"] = IsRunning ? HostSystem.CpuMhz * Hardware.Int("numCPU") : null,
        ["maxMemoryUsage"] = IsRunning ? (int)MemoryMB : null,
        ["numMksConnections"] = 0,
        ["cleanPowerOff"] = IsRunning ? null : true,
        ["consolidationNeeded"] = _unmerged.Count > 0,
    };

    [VimProperty("VirtualMachineSummary")]
    public DataObject Summary => new("VirtualMachineSummary")
    {
        ["vm"] = Self,
        ["runtime"] = Runtime,
        ["guest"] = new DataObject("VirtualMachineGuestSummary").Merge(Guest),
        ["config"] = SummarizeConfig(),
        ["storage"] = SummarizeStorage(),
        ["quickStats"] = new DataObject("VirtualMachineQuickStats")
        {
            ["overallCpuUsage"] = 0,
            ["guestMemoryUsage"] = 0,
            ["hostMemoryUsage"] = 0,
            ["guestHeartbeatStatus"] = "gray",
            ["uptimeSeconds"] = BootTime is { } boot ? (int)(DateTime.UtcNow - boot).TotalSeconds : 0,
        },
        ["overallStatus"] = "green",
    };

    [VimProperty("VirtualMachineCapability")]
    public DataObject Capability
    {
        get
        {
            var capability = new DataObject("VirtualMachineCapability");
            foreach (var element in capability.Type.Fields.Where(f => !f.IsOptional))
                capability[element.Name] = true;
            capability["changeTrackingSupported"] = true;
            capability["secureBootSupported"] = true;
            return capability;
        }
    }

    [VimProperty("VirtualMachineStorageInfo")]
    public DataObject Storage => new("VirtualMachineStorageInfo")
    {
        ["perDatastoreUsage"] = Files.GroupBy(f => f.Datastore).Select(files => new DataObject("VirtualMachineUsageOnDatastore")
        {
            ["datastore"] = files.Key.Self,
            ["committed"] = files.Sum(SizeOf),
            ["uncommitted"] = 0L,
            ["unshared"] = files.Sum(SizeOf),
        }),
        ["timestamp"] = DateTime.UtcNow,
    };

    [VimProperty("VirtualMachineFileLayoutEx")]
    public DataObject LayoutEx
    {
        get
        {
            var nvram = Home.FolderExists ? Directory.GetFiles(Home.Local, "*.nvram").Select(file => Home.Child(Path.GetFileName(file))) : [];
            var ofSnapshots = _snapshots.SelectMany(s => s.Content.Files.Concat(DisksOf(s.Config).SelectMany(d => Chain(d.Object("backing")!))));
            var files = Files.Concat(nvram).Concat(ofSnapshots).Distinct().ToList();
            return new("VirtualMachineFileLayoutEx")
            {
                ["file"] = files.Select((file, key) => new DataObject("VirtualMachineFileLayoutExFileInfo")
                {
                    ["key"] = key,
                    ["name"] = file.ToString(),
                    ["type"] = Path.GetExtension(file.Relative) switch
                    {
                        ".vmx" => "config",
                        ".nvram" => "nvram",
                        ".vmsn" => "snapshotData",
                        ".vmem" => "snapshotMemory",
                        _ => "diskDescriptor",
                    },
                    ["size"] = SizeOf(file),
                    ["accessible"] = true,
                }),
                ["disk"] = LayOut(ConfigData, files),
                ["snapshot"] = _snapshots.Select(snapshot => new DataObject("VirtualMachineFileLayoutExSnapshotLayout")
                {
                    ["key"] = snapshot.Self,
                    ["dataKey"] = files.IndexOf(snapshot.Content.State),
                    ["memoryKey"] = snapshot.Content.Memory is { } memory ? files.IndexOf(memory) : -1,
                    ["disk"] = LayOut(snapshot.Config, files),
                }),
                ["timestamp"] = DateTime.UtcNow,
            };
        }
    }

    public override IEnumerable<object> DisabledMethod => Lease is null ? [] : ["PowerOnVM_Task", "ReconfigVM_Task", "Destroy_Task", "CloneVM_Task", "ExportVm"];

    public IEnumerable<DataObject> Disks => Devices.Where(d => d.Is("VirtualDisk"));

    /// <summary>The configuration file and every disk with its parents.</summary>
    public IEnumerable<DatastorePath> Files => Disks.SelectMany(d => Chain(d.Object("backing")!)).Prepend(VmxPath).Distinct();

    /// <summary>Files that it writes while it runs.</summary>
    public IEnumerable<DatastorePath> WrittenFiles => Disks.Select(d => Chain(d.Object("backing")!).First());

    /// <summary>Files that it has open while it runs.</summary>
    public IEnumerable<DatastorePath> OpenFiles => Files.Concat(Devices
        .Where(d => d.Object("connectable")?.Bool("connected") == true && d.Object("backing")?.Is("VirtualDeviceFileBackingInfo") == true)
        .Select(d => DatastorePath.Parse(d.Object("backing")!.Text("fileName")!, Center)));

    public DatastorePath VmxPath => DatastorePath.Parse(ConfigData.Object("files")!.Text("vmPathName")!, Center);

    /// <summary>Refuses a task while an import, another task or a question is pending.</summary>
    /// <exception cref="VimFault">InvalidState or TaskInProgress.</exception>
    public void CheckFree()
    {
        if (Lease is not null)
            throw VimFault.Of("InvalidState", "The operation is not allowed in the current state: the virtual machine is being imported or exported.");
        if (_task is not null)
            throw VimFault.Of("TaskInProgress", null, ("task", _task));
    }

    private Mor? _task;

    /// <summary>Starts a task that excludes other tasks on the VM.</summary>
    private Mor Begin(VimCall call, string operation, Func<VimTask, System.Threading.Tasks.Task<object?>> work)
    {
        CheckFree();
        return _task = VimTask.Start(Esx, call, this, $"VirtualMachine.{operation}", work, finished: () => _task = null);
    }

    /// <summary>Starts a task whose work is done at once, under the host's lock.</summary>
    private Mor Begin(VimCall call, string operation, Action work) => Begin(call, operation, _ =>
    {
        lock (Esx.Gate)
            work();
        return System.Threading.Tasks.Task.FromResult<object?>(null);
    });

    private static long SizeOf(DatastorePath path) => path.FileExists ? new System.IO.FileInfo(path.Local).Length : 0;

    // A disk's file and those of its parents, the disk's own first.
    private IEnumerable<DatastorePath> Chain(DataObject backing)
    {
        for (var link = backing; link is not null; link = link.Type.IndexOf("parent") >= 0 ? link.Object("parent") : null)
            yield return DatastorePath.Parse(link.Text("fileName")!, Center);
    }

    private IEnumerable<DataObject> LayOut(DataObject config, List<DatastorePath> files) => DisksOf(config).Select(disk => new DataObject("VirtualMachineFileLayoutExDiskLayout")
    {
        ["key"] = disk.Int("key"),
        ["chain"] = Chain(disk.Object("backing")!).Reverse().Select(path => new DataObject("VirtualMachineFileLayoutExDiskUnit")
        {
            ["fileKey"] = new object[] { files.IndexOf(path) },
        }),
    });

    private DataObject SummarizeConfig()
    {
        var summary = new DataObject("VirtualMachineConfigSummary").Merge(ConfigData);
        summary["vmPathName"] = ConfigData.Object("files")!.Text("vmPathName");
        summary["memorySizeMB"] = (int)MemoryMB;
        summary["numCpu"] = Hardware.Int("numCPU");
        summary["numEthernetCards"] = Devices.Count(d => d.Is("VirtualEthernetCard"));
        summary["numVirtualDisks"] = Disks.Count();
        summary["product"] = ConfigData.Object("vAppConfig")?.Objects("product").FirstOrDefault();
        summary["hwVersion"] = ConfigData.Text("version");
        return summary;
    }

    private DataObject SummarizeStorage() => new("VirtualMachineStorageSummary")
    {
        ["committed"] = Files.Sum(SizeOf),
        ["uncommitted"] = 0L,
        ["unshared"] = Files.Sum(SizeOf),
        ["timestamp"] = DateTime.UtcNow,
    };
}
