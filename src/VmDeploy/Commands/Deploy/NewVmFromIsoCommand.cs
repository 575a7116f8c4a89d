namespace VmDeploy.PowerShell;

/// <summary>Creates empty VMs that boot from an ISO.</summary>
[Cmdlet(VerbsCommon.New, "VmFromIso", SupportsShouldProcess = true)]
[OutputType(typeof(Vm))]
public sealed class NewVmFromIsoCommand : NewInstancesCmdlet
{
    private const string DefaultIsoFolder = "iso";

    /// <summary>A local ISO, which is uploaded once, or one on a datastore: <c>[datastore] dir/file.iso</c>.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("iso_path")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(IsoPathCompleter))]
    public string IsoPath { get; set; } = "";

    /// <summary>VMware guest id, for example ubuntu64Guest.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("guest_id")]
    [ArgumentCompleter(typeof(GuestIdCompleter))]
    public string? GuestId { get; set; }

    /// <summary>Virtual CPUs.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("cpu", "cpu_count")]
    [WholeNumber(1, 1024, Absent = 1)]
    public int CpuCount { get; set; } = 1;

    /// <summary>Memory in MiB.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("memory", "memory_mb")]
    [WholeNumber(4, 25165824, Absent = 1024L)]
    public long MemoryMB { get; set; } = 1024;

    /// <summary>Sizes of the disks in GiB; none for an empty list.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("disk", "disk_gb")]
    [SizeGB(Absent = new double[] { 16 })]
    [AllowEmptyCollection]
    public double[] DiskGB { get; set; } = [16];

    /// <summary>Disk provisioning.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("disk_provisioning")]
    [EnumName(typeof(DiskProvisioning))]
    public DiskProvisioning? DiskProvisioning { get; set; }

    /// <summary>The disk controller; by default the one that the guest id recommends.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("disk_controller")]
    [EnumName(typeof(DiskController))]
    public DiskController? DiskController { get; set; }

    /// <summary>A network adapter for each name; by default one on the only network.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [AllowEmptyCollection]
    [ArgumentCompleter(typeof(NetworkCompleter))]
    public string[]? Network { get; set; }

    /// <summary>Model of the adapters; by default the one that the guest id recommends.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("nic_model")]
    [EnumName(typeof(NicModel))]
    public NicModel? NicModel { get; set; }

    /// <summary>Bios or Efi.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [EnumName(typeof(Firmware))]
    public Firmware? Firmware { get; set; }

    /// <summary>EFI with secure boot.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("secure_boot")]
    [Flag]
    public SwitchParameter SecureBoot { get; set; }

    /// <summary>The datastore that a local ISO is uploaded to; by default the VM's.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("iso_datastore")]
    [ArgumentCompleter(typeof(DatastoreCompleter))]
    public string? IsoDatastore { get; set; }

    /// <summary>The folder for a local ISO on that datastore.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("iso_folder")]
    public string IsoFolder { get; set; } = DefaultIsoFolder;

    /// <inheritdoc/>
    protected override async Task ProcessRecordAsync(CancellationToken cancellationToken)
    {
        var iso = await OnPipelineThreadAsync(cmdlet => IsoPaths.Resolve(cmdlet, IsoPath));
        var request = Complete(new IsoVmRequest(iso), ExactNames(null) ?? Numbered(Path.GetFileNameWithoutExtension(iso))) with
        {
            GuestId = Given(nameof(GuestId), GuestId),
            CpuCount = CpuCount,
            MemoryMB = MemoryMB,
            DiskBytes = Sizes.FromGB(DiskGB),
            DiskProvisioning = DiskProvisioning,
            DiskController = DiskController,
            Networks = Given(nameof(Network), Network),
            NicModel = NicModel,
            Firmware = Firmware,
            SecureBoot = SecureBoot,
            IsoDatastore = Given(nameof(IsoDatastore), IsoDatastore),
            IsoFolder = Given(nameof(IsoFolder), IsoFolder) ?? DefaultIsoFolder,
        };
        await DeployAsync(await ResolveSession().PlanIsoVmAsync(request, cancellationToken), cancellationToken);
    }
}
