using System.Collections;

namespace VmDeploy.PowerShell;

// The hardware of the new VMs.
public abstract partial class NewVmCmdlet
{
    private readonly HashSet<string> _macAddresses = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Virtual CPUs, if not the source's.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("cpu", "cpu_count")]
    [WholeNumber(1, 1024)]
    public int? CpuCount { get; set; }

    /// <summary>Memory in MiB, if not the source's.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("memory", "memory_mb")]
    [WholeNumber(4, 25165824, Unit = "MB")]
    public long? MemoryMB { get; set; }

    /// <summary>Sizes of the disks in GiB, in order, or a map of their numbers to sizes.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("disk", "disk_gb")]
    [DiskSizes]
    [AllowEmptyCollection]
    public double?[]? DiskGB { get; set; }

    /// <summary>Sizes of further, empty disks in GiB.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("extra_disk_gb")]
    [SizeGB(Absent = new double[0])]
    [AllowEmptyCollection]
    public double[] ExtraDiskGB { get; set; } = [];

    /// <summary>One network for all adapters, a list for each, or a map of the source's networks to others.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("network_map", "NetworkMap")]
    [NetworkChoice]
    [ArgumentCompleter(typeof(NetworkMapCompleter))]
    public NetworkChoice? Network { get; set; }

    /// <summary>Model of the network adapters.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("nic_model")]
    [EnumName(typeof(NicModel))]
    public NicModel? NicModel { get; set; }

    /// <summary>MAC addresses in the order of the adapters.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("mac_address")]
    [PlainText(List = true)]
    [AllowNull]
    [AllowEmptyString]
    [AllowEmptyCollection]
    public string[]? MacAddress { get; set; }

    /// <summary>VMware guest id, for example ubuntu64Guest.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("guest_id")]
    [ArgumentCompleter(typeof(GuestIdCompleter))]
    [PlainText]
    public string? GuestId { get; set; }

    /// <summary>Bios or Efi.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [EnumName(typeof(Firmware))]
    public Firmware? Firmware { get; set; }

    /// <summary>EFI with secure boot.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("secure_boot")]
    [Flag]
    public SwitchParameter SecureBoot { get; set; }

    /// <summary>Further settings of the VM: extraConfig on vSphere, platform and other maps on XenServer.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("extra_config")]
    [MapTransformation]
    public Hashtable? ExtraConfig { get; set; }

    private HardwareRequest ReadHardware() => new()
    {
        CpuCount = CpuCount,
        MemoryMB = MemoryMB,
        DiskBytes = DiskGB?.Select(size => size is { } given ? Sizes.FromGB(given) : (long?)null).ToList(),
        ExtraDiskBytes = Sizes.FromGB(ExtraDiskGB),
        Networks = Network?.Names,
        NetworkMap = MapTransformationAttribute.Read(Network?.Map),
        NicModel = NicModel,
        MacAddresses = Given(nameof(MacAddress), MacAddress)?.Select(mac => mac ?? "").ToList() ?? [],
        GuestId = Given(nameof(GuestId), GuestId),
        Firmware = Firmware,
        SecureBoot = SecureBoot,
        ExtraConfig = MapTransformationAttribute.Read(ExtraConfig),
    };

    // Each record of a pipeline is a separate request, and would be valid alone.
    private void CheckMacAddresses(HardwareRequest hardware)
    {
        if (hardware.MacAddresses.FirstOrDefault(mac => !_macAddresses.Add(mac.Replace('-', ':'))) is { } twice)
            throw new VmDeployException(ErrorCodes.MacAddressInvalid, $"MAC address {twice} is given twice in this pipeline.", twice);
    }
}
