namespace VmDeploy.PowerShell;

/// <summary>Creates empty VMs that boot from an ISO.</summary>
[Cmdlet(VerbsCommon.New, "VmFromIso", SupportsShouldProcess = true)]
[OutputType(typeof(Vm))]
public sealed class NewVmFromIsoCommand : NewInstancesCmdlet
{
    private const string DefaultIsoFolder = "iso";

    /// <summary>A local ISO, which is uploaded once, or one on a datastore: <c>[datastore] dir/file.iso</c>.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [IsoFile]
    [Alias("iso_path", "FullName", "LiteralPath", "PSPath")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(IsoPathCompleter))]
    public string IsoPath { get; set; } = "";

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

    /// <summary>The datastore that a local ISO is uploaded to; by default the VM's.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("iso_datastore")]
    [HostObjectName(typeof(VmDatastore))]
    [ArgumentCompleter(typeof(DatastoreCompleter))]
    public string? IsoDatastore { get; set; }

    /// <summary>The folder for a local ISO on that datastore.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("iso_folder")]
    [PlainText]
    public string IsoFolder { get; set; } = DefaultIsoFolder;

    private protected override bool MakesFromFiles => true;

    /// <inheritdoc/>
    protected override async Task ProcessRecordAsync(CancellationToken cancellationToken)
    {
        var iso = await OnPipelineThreadAsync(cmdlet => IsoPaths.Resolve(cmdlet, IsoPath));
        var request = CreateRequest(iso, ExactNames(System.IO.Path.GetFileName(iso)) ?? Numbered(IsoPaths.NameOf(iso)));
        await DeployAsync(await ResolveSession().PlanIsoVmAsync(request, cancellationToken), cancellationToken);
    }

    /// <summary>The request of these parameters.</summary>
    internal IsoVmRequest CreateRequest(string iso, IReadOnlyList<string> names) => Complete(new IsoVmRequest(iso), names) with
    {
        DiskProvisioning = DiskProvisioning,
        DiskController = DiskController,
        IsoDatastore = Given(nameof(IsoDatastore), IsoDatastore),
        IsoFolder = Given(nameof(IsoFolder), IsoFolder) ?? DefaultIsoFolder,
    };
}
