using VmDeploy.Simulator.Esxi.Core;
using VmDeploy.Simulator.Esxi.Data;
using VmDeploy.Simulator.Esxi.Import;
using VmDeploy.Simulator.Esxi.Soap;
using VmDeploy.Simulator.Esxi.Tasks;
using VmDeploy.Simulator.Esxi.Vms;

namespace VmDeploy.Simulator.Esxi.Inventory;

/// <summary>A vApp: VMs, and vApps, that are started and destroyed together. Only a vCenter has them.</summary>
[VimUnset("network", "ManagedObjectReference*")]
[VimUnset("childLink", "VirtualAppLinkInfo*")]
internal sealed class VirtualApp : ResourcePool
{
    private readonly ResourcePool _pool;
    private readonly Folder _folder;
    private readonly DataObject _config;
    private readonly List<(ManagedEntity Entity, DataObject Config)> _entities = [];

    private VirtualApp(ResourcePool pool, string name, Folder folder, DataObject spec)
        : base(pool.Esx, $"resgroup-v{pool.Esx.NextNumber()}", pool, name, pool.Compute)
    {
        (_pool, _folder) = (pool, folder);
        _config = Vms.VAppConfig.Apply(new("VAppConfigInfo")
        {
            ["ipAssignment"] = new DataObject("VAppIPAssignmentInfo"),
            ["installBootRequired"] = false,
            ["installBootStopDelay"] = 0,
        }, spec);
        _config["annotation"] = spec.Text("annotation") ?? "";
        _config["instanceUuid"] = spec.Text("instanceUuid") ?? Guid.NewGuid().ToString();
    }

    [VimProperty("ManagedObjectReference")]
    public Mor? ParentFolder => _pool is VirtualApp ? null : _folder.Self;

    [VimProperty("ManagedObjectReference")]
    public Mor? ParentVApp => (_pool as VirtualApp)?.Self;

    [VimProperty("VAppConfigInfo")]
    public DataObject VAppConfig
    {
        get
        {
            var config = _config.Clone();
            config["entityConfig"] = _entities.Select(entity => entity.Config);
            return config;
        }
    }

    [VimProperty("ManagedObjectReference*")]
    public IEnumerable<Mor> Datastore => References(AllMachines.SelectMany(vm => vm.Files).Select(file => file.Datastore).Distinct());

    /// <summary>Its VMs and those of the vApps in it.</summary>
    public IEnumerable<VirtualMachine> AllMachines => _entities.SelectMany(entity => entity.Entity switch
    {
        VirtualMachine vm => [vm],
        VirtualApp inner => inner.AllMachines,
        _ => [],
    });

    /// <summary>Creates it with everything in it; a failure leaves nothing.</summary>
    /// <param name="pool">Where it is.</param>
    /// <param name="spec">A VirtualAppImportSpec.</param>
    /// <param name="folder">The folder of the VMs.</param>
    /// <param name="host">Reference of the host, or null.</param>
    /// <param name="lease">The lease that will fill its disks.</param>
    public static VirtualApp Create(ResourcePool pool, DataObject spec, Folder folder, Mor? host, HttpNfcLease lease)
    {
        var name = spec.Text("name")!;
        if (pool.Children.FirstOrDefault(child => child.Name == name) is { } holder)
            throw VimFault.Of("DuplicateName", $"The name '{name}' already exists.", ("name", name), ("object", holder.Self));
        var app = pool.Esx.Add(new VirtualApp(pool, name, folder, spec.Object("vAppConfigSpec")!));
        pool.Take(app);
        try
        {
            foreach (var child in spec.Objects("child"))
                app.Add(child, host, lease);
        }
        catch
        {
            app.RemoveWithMachines();
            throw;
        }
        return app;
    }

    /// <exception cref="VimFault">DuplicateName.</exception>
    public void CheckName(string name)
    {
        if (_entities.Find(one => one.Entity.Name == name).Entity is { } holder)
            throw VimFault.Of("DuplicateName", $"The name '{name}' already exists.", ("name", name), ("object", holder.Self));
    }

    [VimMethod(Writes = true)]
    public object PowerOnVApp_Task(VimCall call) => VimTask.Start(Esx, call, this, "VirtualApp.powerOn", _ =>
    {
        lock (Esx.Gate)
            PowerOn();
        return Task.FromResult<object?>(null);
    });

    [VimMethod(Writes = true)]
    public object Destroy_Task(VimCall call)
    {
        foreach (var vm in AllMachines)
            vm.CheckFree();
        return VimTask.Start(Esx, call, this, "ManagedEntity.destroy", _ =>
        {
            lock (Esx.Gate)
            {
                if (AllMachines.FirstOrDefault(vm => vm.IsRunning) is not null)
                    throw VimFault.Of("InvalidPowerState", null, ("requestedState", "poweredOff"), ("existingState", "poweredOn"));
                RemoveWithMachines();
            }
            return Task.FromResult<object?>(null);
        });
    }

    /// <summary>Removes it, and its VMs with their files.</summary>
    public void RemoveWithMachines()
    {
        foreach (var (entity, _) in _entities.ToList())
        {
            if (entity is VirtualMachine vm)
                vm.RemoveWithFiles();
            else
                ((VirtualApp)entity).RemoveWithMachines();
        }
        _entities.Clear();
        _pool.Drop(this);
        Esx.Remove(this);
    }

    /// <summary>A VM was removed.</summary>
    public void Forget(VirtualMachine vm)
    {
        _entities.RemoveAll(one => one.Entity == vm);
        Changed();
    }

    private void Add(DataObject child, Mor? host, HttpNfcLease lease)
    {
        var config = child.Object("entityConfig")?.Clone() ?? throw VimFault.InvalidArgument("spec.child.entityConfig");
        ManagedEntity entity;
        if (child.Is("VirtualAppImportSpec"))
        {
            entity = Create(this, child, _folder, host, lease);
        }
        else
        {
            var vm = VmCreation.Prepare(_folder, child.Object("configSpec")!, Self, host, "spec.child.configSpec").Run(lease);
            vm.VApp = this;
            entity = vm;
        }
        config["key"] = entity.Self;
        _entities.Add((entity, config));
        Changed();
    }

    private void PowerOn()
    {
        foreach (var (entity, _) in _entities.Where(one => one.Config.Text("startAction") != "none").OrderBy(one => one.Config.Int("startOrder") ?? 0))
        {
            if (entity is VirtualApp inner)
                inner.PowerOn();
            else if (entity is VirtualMachine { IsRunning: false } vm)
                vm.PowerOn();
        }
    }
}
