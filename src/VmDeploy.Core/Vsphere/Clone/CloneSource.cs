using VmDeploy.CloudInit;

namespace VmDeploy.Vsphere;

internal sealed class CloneSource
{
    private CloneSource(Vm vm, ObjectContent content)
    {
        Vm = vm;
        Content = content;
        Config = content["config"]
            ?? throw new VmDeployException(ErrorCodes.HostBusy, $"The configuration of {vm.Name} can't be read.", vm.Name);
        Devices = ConfigSpec.Devices(Config.Child("hardware") is { } hardware ? new XElement("devices", hardware.Children("device")) : null);
    }

    public Vm Vm { get; }
    public ObjectContent Content { get; }

    /// <summary><c>VirtualMachineConfigInfo</c>.</summary>
    public XElement Config { get; }

    public IReadOnlyList<XElement> Devices { get; }
    public IReadOnlyList<XElement> Disks => StorageBus.DisksOf(Devices);
    public IReadOnlyList<XElement> Adapters => NetworkCard.In(Devices);
    public IReadOnlyList<long> DiskBytes => Disks.Select(VmProperties.CapacityOf).ToList();
    public int? CpuCount => Config.Child("hardware")?.Number("numCPU");
    public long? MemoryMB => Config.Child("hardware")?.Number("memoryMB");

    /// <summary>Its hardware, in the terms of all hypervisors.</summary>
    public SourceHardware ToHardware(Inventory inventory) => new(
        $"{(Config.Value("template") == "true" ? "template" : "VM")} '{Vm.Name}'", DiskBytes, Adapters.Select(adapter => VmProperties.NetworkNameOf(adapter, inventory) ?? "").ToList())
    {
        Firmware = Config.Value("firmware") switch
        {
            "efi" => Firmware.Efi,
            "bios" => Firmware.Bios,
            _ => null,
        },
    };

    public string ControllerTypeOf(string diskFile)
    {
        var key = Disks.First(d => d.Child("backing")?.Value("fileName") == diskFile).Value("controllerKey");
        return Devices.FirstOrDefault(d => d.Value("key") == key)?.TypeName() ?? "";
    }

    /// <summary>Whether it has an OVF environment, with properties such as its host name and addresses.</summary>
    public bool HasOvfEnvironment => Config.Children("extraConfig").Any(option => string.Equals(option.Value("key"), OvfEnvironment.Key, StringComparison.OrdinalIgnoreCase));

    /// <summary>Keys of its cloud-init documents in <c>extraConfig</c>.</summary>
    public IEnumerable<string> CloudInitKeys => Config.Children("extraConfig").Select(option => option.Value("key") ?? "")
        .Where(key => GuestinfoValues.Keys.Contains(key, StringComparer.OrdinalIgnoreCase));

    public bool HasCloudInitDrive => Devices.Any(CloudInitIso.IsIn);

    public string VmxPath => Config.Child("files")?.Value("vmPathName") ?? "";
    public PowerState PowerState => VmProperties.PowerStateOf(Content.Text("runtime.powerState"));

    /// <summary>Warns if guests of its copies will miss OVF properties that only its <c>extraConfig</c> has. A vCenter keeps properties itself, and copies them.</summary>
    public void WarnOfOvfProperties(VsphereSession session, DeploymentRequest request)
    {
        if (HasOvfEnvironment && Config.Child("vAppConfig") is null && !request.Hardware.ExtraConfig.Keys.Contains(OvfEnvironment.Key, StringComparer.OrdinalIgnoreCase))
            session.Log.OvfEnvironmentNotCopied(Vm.Name);
    }

    /// <summary>Checks multi-writer disks, which other VMs may use at the same time: hosts take no snapshots of them, and a child disk would see changes of its parent.</summary>
    /// <exception cref="VmDeployException"><c>NotSupportedByHost</c> for a linked clone.</exception>
    public void CheckSharedDisks(VsphereSession session, CloneRequest request)
    {
        if (Disks.Where(disk => disk.Child("backing")?.Value("sharing") == "sharingMultiWriter").Select(VmProperties.Label).ToList() is not { Count: > 0 } shared)
            return;
        var disks = $"Other VMs may share {Names.List(shared)} of {Vm.Name} (multi-writer)";
        if (request.Linked)
            throw new VmDeployException(ErrorCodes.NotSupportedByHost, $"{disks}, so it can't be the source of linked clones.", Vm.Name, hint: ErrorHint.CloneWholeDisks);
        session.Log.SharedDiskCopied(disks);
    }

    public static async Task<CloneSource> ReadAsync(VsphereSession session, Vm vm, CancellationToken cancellationToken) =>
        new(vm, await session.Properties.ReadAsync(MoRef.Of(vm), cancellationToken,
            "config", "name", "parent", "resourcePool", "runtime.host", "runtime.powerState"));
}
