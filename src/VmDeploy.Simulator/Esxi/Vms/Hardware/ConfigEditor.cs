using VmDeploy.Simulator.Esxi.Core;
using VmDeploy.Simulator.Esxi.Data;
using VmDeploy.Simulator.Esxi.Datastores;
using VmDeploy.Simulator.Esxi.Inventory;
using VmDeploy.Simulator.Esxi.Schema;
using VmDeploy.Simulator.Esxi.Soap;

namespace VmDeploy.Simulator.Esxi.Vms;

/// <summary>
/// Applies a VirtualMachineConfigSpec to a copy of a configuration. Nothing is changed before <see cref="Commit"/>,
/// and an invalid spec changes nothing.
/// </summary>
internal sealed class ConfigEditor
{
    private static readonly string[] s_whenOff = ["guestId", "firmware", "uuid", "version", "numCoresPerSocket", "memoryHotAddEnabled", "cpuHotAddEnabled", "cpuHotRemoveEnabled"];

    private readonly bool _isSuspended;
    private readonly long _mostMemoryMB;
    private readonly List<(DatastorePath Path, Action Create)> _creations = [];
    private readonly List<Action> _changes = [];
    private readonly List<DatastorePath> _deletions = [];

    /// <summary>For an existing VM.</summary>
    public ConfigEditor(VirtualMachine vm)
        : this(vm.Esx, vm.Center, vm.RunsOn, vm.Home, vm.IsRunning, vm.ConfigData.Clone())
    {
        _isSuspended = vm.PowerState == "suspended";
        _mostMemoryMB = vm.HotPlugMemoryLimit;
    }

    private ConfigEditor(EsxiHost host, Datacenter center, HostSystem? runsOn, DatastorePath home, bool running, DataObject config)
    {
        Host = host;
        Center = center;
        RunsOn = runsOn;
        Home = home;
        IsRunning = running;
        Config = config;
        Devices = [.. config.Object("hardware")!.Objects("device")];
    }

    public EsxiHost Host { get; }

    public Datacenter Center { get; }

    public HostSystem? RunsOn { get; }

    /// <summary>The VM's folder.</summary>
    public DatastorePath Home { get; }

    public bool IsRunning { get; }

    /// <summary>The VM does not exist yet.</summary>
    public bool IsNew { get; private init; }

    /// <summary>Files can be uploaded later.</summary>
    public bool IsImport { get; set; }

    /// <summary>The edited configuration.</summary>
    public DataObject Config { get; }

    /// <summary>Its devices.</summary>
    public List<DataObject> Devices { get; }

    public string Name => Config.Text("name")!;

    /// <summary>For a new VM.</summary>
    public static ConfigEditor ForNew(Datacenter center, HostSystem? runsOn, DatastorePath vmx, string name) => new(
        center.Esx, center, runsOn, vmx.Folder, running: false, new("VirtualMachineConfigInfo")
        {
            ["changeVersion"] = "",
            ["modified"] = DateTime.UtcNow,
            ["name"] = name,
            ["guestFullName"] = "Other (32-bit)",
            ["version"] = HardwareVersion.Newest(center.Esx),
            ["uuid"] = NewUuid(center.Esx),
            ["createDate"] = DateTime.UtcNow,
            ["instanceUuid"] = NewUuid(center.Esx),
            ["template"] = false,
            ["guestId"] = "otherGuest",
            ["alternateGuestName"] = "",
            ["annotation"] = "",
            ["files"] = new DataObject("VirtualMachineFileInfo")
            {
                ["vmPathName"] = vmx.ToString(),
                ["snapshotDirectory"] = $"{vmx.Folder}/",
                ["suspendDirectory"] = $"{vmx.Folder}/",
                ["logDirectory"] = $"{vmx.Folder}/",
            },
            ["tools"] = new DataObject("ToolsConfigInfo") { ["toolsVersion"] = 0, ["syncTimeWithHost"] = false },
            ["flags"] = new DataObject("VirtualMachineFlagInfo") { ["enableLogging"] = true, ["diskUuidEnabled"] = false },
            ["defaultPowerOps"] = new DataObject("VirtualMachineDefaultPowerOpInfo") { ["powerOffType"] = "soft", ["resetType"] = "soft" },
            ["hardware"] = new DataObject("VirtualHardware")
            {
                ["numCPU"] = 1,
                ["numCoresPerSocket"] = 1,
                ["memoryMB"] = 32,
                ["device"] = DeviceKind.Always(),
            },
            ["bootOptions"] = new DataObject("VirtualMachineBootOptions") { ["bootDelay"] = 0L, ["efiSecureBootEnabled"] = false },
            ["firmware"] = "bios",
            ["cpuHotAddEnabled"] = false,
            ["cpuHotRemoveEnabled"] = false,
            ["memoryHotAddEnabled"] = false,
            ["changeTrackingEnabled"] = false,
        })
    {
        IsNew = true,
    };

    /// <summary>Checks the spec and applies it.</summary>
    /// <exception cref="VimFault">The spec is invalid.</exception>
    public void Apply(DataObject spec)
    {
        ApplyValues(spec);
        ApplyHardware(spec);
        ApplyExtraConfig(spec.Objects("extraConfig"));
        if (spec.Object("vAppConfig") is { } vApp && Host.IsVCenter)
            Config["vAppConfig"] = VAppConfig.Apply(Config.Object("vAppConfig"), vApp);
        new DeviceEditor(this).Apply([.. spec.Objects("deviceChange")]);

        Config.Object("hardware")!["device"] = Devices.OrderBy(d => d.Int("key"));
        Config["modified"] = DateTime.UtcNow;
        Config["changeVersion"] = DateTime.UtcNow.ToString("O");
    }

    /// <summary>Creates and deletes the files of disks; after a failure, created files are deleted again.</summary>
    public void Commit()
    {
        var done = new List<DatastorePath>();
        try
        {
            foreach (var (path, create) in _creations)
            {
                Directory.CreateDirectory(path.Folder.Local);
                create();
                done.Add(path);
                path.Datastore.Changed();
            }
        }
        catch
        {
            done.ForEach(path => File.Delete(path.Local));
            throw;
        }
        _changes.ForEach(change => change());
        foreach (var path in _deletions)
        {
            File.Delete(path.Local);
            path.Datastore.Disks.Remove(path.Relative);
            path.Datastore.Changed();
        }
    }

    /// <summary>Plans a new file.</summary>
    /// <exception cref="VimFault">FileAlreadyExists.</exception>
    public void WillCreate(DatastorePath path, Action create)
    {
        if (path.FileExists || _creations.Exists(c => c.Path == path))
            throw VimFault.FileAlreadyExists(path.ToString());
        _creations.Add((path, create));
    }

    /// <summary>Plans a change of a file.</summary>
    public void WillChange(Action change) => _changes.Add(change);

    /// <summary>Plans the deletion of a file.</summary>
    public void WillDelete(DatastorePath path) => _deletions.Add(path);

    /// <summary>A file exists or is planned.</summary>
    public bool IsTaken(DatastorePath path) => path.FileExists || _creations.Exists(c => c.Path == path);

    private static string NewUuid(EsxiHost host) =>
        (host.IsVCenter ? "42" : "56") + Guid.NewGuid().ToString()[2..];

    private void ApplyValues(DataObject spec)
    {
        if (spec.Text("name") is { } name && (name.Length is 0 or > 80))
            throw VimFault.Of("InvalidName", $"The name '{name}' is not valid.", ("name", name));
        if (spec.Text("guestId") is { } guest)
        {
            Config["guestFullName"] = Guests.FullName(guest) ?? throw VimFault.InvalidArgument("configSpec.guestId");
        }
        if (spec.Text("version") is { } version && !HardwareVersion.IsSupported(Host, version))
        {
            throw VimFault.Of("VirtualHardwareVersionNotSupported", $"The virtual hardware version '{version}' is not supported.",
                ("hostName", RunsOn?.Name ?? ""), ("host", RunsOn?.Self ?? Center.Self));
        }
        if (spec.Text("firmware") is not (null or "bios" or "efi"))
            throw VimFault.InvalidArgument("configSpec.firmware");
        if (IsRunning && s_whenOff.FirstOrDefault(spec.Has) is { } changed && !Equals(spec[changed], CurrentOf(changed)))
            throw WrongState("poweredOn");
        // The saved state of a suspended VM requires the same devices, CPUs and memory.
        if (_isSuspended && (spec.Objects("deviceChange").Any() || s_whenOff.Concat(["numCPUs", "memoryMB"]).Any(spec.Has)))
            throw WrongState("suspended");

        var plain = spec.Clone();
        foreach (var special in (string[])["changeVersion", "files", "extraConfig", "vAppConfig"])
            plain[special] = null;
        MergeInto(Config, plain);
        if (spec.Object("powerOpInfo") is { } power)
            MergeInto(Config.Object("defaultPowerOps")!, power);
    }

    public static VimFault WrongState(string state) => VimFault.Of("InvalidPowerState",
        $"The attempted operation cannot be performed in the current state ({(state == "suspended" ? "Suspended" : "Powered on")}).",
        ("requestedState", "poweredOff"), ("existingState", state));

    private object? CurrentOf(string field) =>
        field == "numCoresPerSocket" ? Config.Object("hardware")![field] : Config[field];

    // Sets what the spec sets, including nested objects, if both sides have the element with the same type.
    private static void MergeInto(DataObject target, DataObject source)
    {
        for (var i = 0; i < source.Type.Fields.Count; i++)
        {
            var field = source.Type.Fields[i];
            var index = target.Type.IndexOf(field.Name);
            if (source[i] is not { } value || index < 0 || target.Type.Fields[index].Type != field.Type || target.Type.Fields[index].IsArray != field.IsArray)
                continue;
            if (value is DataObject nested && target[index] is DataObject current && current.Type == nested.Type)
                MergeInto(current, nested);
            else
                target[index] = value;
        }
    }

    private void ApplyHardware(DataObject spec)
    {
        var hardware = Config.Object("hardware")!;
        if (spec.Int("numCPUs") is { } cpus)
        {
            if (cpus is < 1 or > HostSystem.CpuCores)
                throw VimFault.InvalidArgument("configSpec.numCPUs");
            var flag = cpus < hardware.Int("numCPU") ? "cpuHotRemoveEnabled" : "cpuHotAddEnabled";
            if (IsRunning && cpus != hardware.Int("numCPU") && (Config.Bool(flag) != true || cpus % hardware.Int("numCoresPerSocket") != 0))
                throw VimFault.Of("CpuHotPlugNotSupported", "CPU hot plug is not supported for this virtual machine.");
            hardware["numCPU"] = cpus;
        }
        if (spec.Int("numCoresPerSocket") is { } cores)
        {
            if (cores < 1 || hardware.Int("numCPU") % cores != 0)
                throw VimFault.InvalidArgument("configSpec.numCoresPerSocket");
            hardware["numCoresPerSocket"] = cores;
        }
        if (spec.Long("memoryMB") is { } memory)
        {
            if (memory < 4 || memory % 4 != 0 || memory > HostSystem.MemoryBytes >> 20)
                throw VimFault.InvalidArgument("configSpec.memoryMB");
            var more = memory - hardware.Int("memoryMB");
            if (IsRunning && more != 0 && (Config.Bool("memoryHotAddEnabled") != true || more < 0 || more % VirtualMachine.HotPlugMemoryStep != 0 || memory > _mostMemoryMB))
                throw VimFault.Of("MemoryHotPlugNotSupported", "Memory hot plug is not supported for this virtual machine.");
            hardware["memoryMB"] = memory;
        }
        var reservation = Config.Object("memoryAllocation")?.Long("reservation") ?? 0;
        if (reservation > hardware.Int("memoryMB") || (Config.Bool("memoryReservationLockedToMax") == true && reservation != hardware.Int("memoryMB")))
            throw VimFault.InvalidArgument("configSpec.memoryAllocation.reservation");
    }

    // An empty value removes the key.
    private void ApplyExtraConfig(IEnumerable<DataObject> options)
    {
        var all = Config.Objects("extraConfig").ToDictionary(o => o.Text("key")!, StringComparer.Ordinal);
        foreach (var option in options)
        {
            var key = option.Text("key")!;
            if (option["value"] is null or "")
                all.Remove(key);
            else
                all[key] = new("OptionValue") { ["key"] = key, ["value"] = Primitive.Write(option["value"]!) };
        }
        Config["extraConfig"] = all.Values;
    }
}
