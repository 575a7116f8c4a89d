using System.IO;
using System.Management.Automation;
using System.Threading;
using System.Threading.Tasks;

namespace VmDeploy.PowerShell;

/// <summary>Makes empty VMs that boot from an ISO.</summary>
[Cmdlet(VerbsCommon.New, "VmFromIso", SupportsShouldProcess = true, DefaultParameterSetName = ByPrefix)]
[OutputType(typeof(Vm))]
public sealed class NewVmFromIsoCommand : NewInstancesCmdlet
{
    /// <summary>A local ISO, which is uploaded once, or one on a datastore: <c>[datastore] dir/file.iso</c>.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("iso_path")]
    [ValidateNotNullOrEmpty]
    public string IsoPath { get; set; } = "";

    /// <summary>VMware guest id, for example ubuntu64Guest.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("guest_id")]
    public string? GuestId { get; set; }

    /// <summary>Virtual CPUs.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("cpu")]
    [ValidateRange(1, 1024)]
    public int CpuCount { get; set; } = 1;

    /// <summary>Memory in MiB.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("memory")]
    [ValidateRange(4L, 25165824L)]
    public long MemoryMB { get; set; } = 1024;

    /// <summary>Sizes of the disks in GiB; none for an empty list.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("disk")]
    [AllowEmptyCollection]
    public double[] DiskGB { get; set; } = [16];

    /// <summary>How the disks take space.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("disk_provisioning")]
    public DiskProvisioning? DiskProvisioning { get; set; }

    /// <summary>What the disks are attached to; by default what the guest id recommends.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public DiskController? DiskController { get; set; }

    /// <summary>A network adapter for each name; by default one on the only network.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [AllowEmptyCollection]
    [ArgumentCompleter(typeof(NetworkCompleter))]
    public string[]? Network { get; set; }

    /// <summary>Model of the adapters; by default what the guest id recommends.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public NicModel? NicModel { get; set; }

    /// <summary>Bios or Efi.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public Firmware? Firmware { get; set; }

    /// <summary>EFI with secure boot.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public SwitchParameter SecureBoot { get; set; }

    /// <summary>The datastore that a local ISO is uploaded to; by default the VM's.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(DatastoreCompleter))]
    public string? IsoDatastore { get; set; }

    /// <summary>The folder for it.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public string IsoFolder { get; set; } = "iso";

    /// <inheritdoc/>
    protected override async Task ProcessRecordAsync(CancellationToken cancellationToken)
    {
        var iso = await OnPipelineThreadAsync(cmdlet => IsoPaths.Resolve(cmdlet, IsoPath));
        var request = Complete(new IsoVmRequest(iso), ParameterSetName == ByName ? Name : Numbered(Path.GetFileNameWithoutExtension(iso))) with
        {
            GuestId = GuestId,
            CpuCount = CpuCount,
            MemoryMB = MemoryMB,
            DiskBytes = Sizes.FromGB(DiskGB),
            DiskProvisioning = DiskProvisioning,
            DiskController = DiskController,
            Networks = Network,
            NicModel = NicModel,
            Firmware = Firmware,
            SecureBoot = SecureBoot,
            IsoDatastore = IsoDatastore,
            IsoFolder = IsoFolder,
        };
        await DeployAsync(await ResolveSession().PlanIsoVmAsync(request, cancellationToken), cancellationToken);
    }
}
