namespace VmDeploy.PowerShell;

/// <summary>Adds a disk to VMs: an empty one, or an existing one.</summary>
[Cmdlet(VerbsCommon.Add, "VmDisk", SupportsShouldProcess = true, DefaultParameterSetName = ByVm)]
[OutputType(typeof(VmDisk))]
public sealed class AddVmDiskCommand : VmChangeCmdlet
{
    /// <summary>Size of an empty disk in GiB.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("size_gb")]
    [SizeGB]
    public double? SizeGB { get; set; }

    /// <summary>An existing disk: <c>[datastore] dir/file.vmdk</c>, or the name or uuid of a VDI. Not together with <see cref="SizeGB"/>.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("disk_path")]
    [HostObjectName(typeof(DatastoreFile))]
    public string? DiskPath { get; set; }

    /// <summary>Datastore of an empty disk; by default that of the VM.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [HostObjectName(typeof(VmDatastore), typeof(VmPlace))]
    [ArgumentCompleter(typeof(DatastoreCompleter))]
    public string? Datastore { get; set; }

    /// <summary>Disk provisioning.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("disk_provisioning")]
    [EnumName(typeof(DiskProvisioning))]
    public DiskProvisioning? DiskProvisioning { get; set; }

    /// <summary>The disk controller; by default that of the VM's first disk.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("disk_controller")]
    [EnumName(typeof(DiskController))]
    public DiskController? DiskController { get; set; }

    /// <summary>Number of the controller; by default the first with a free unit.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("controller_number")]
    [WholeNumber(0, 3)]
    public int? ControllerNumber { get; set; }

    /// <summary>Unit on the controller, or position on XenServer; by default the first free one.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [WholeNumber(0, 254)]
    public int? Unit { get; set; }

    /// <inheritdoc/>
    protected override async Task ActAsync(Vm vm, CancellationToken cancellationToken)
    {
        var path = string.IsNullOrEmpty(DiskPath) ? null : DiskPath;
        if (SizeGB is null == path is null)
            throw new VmDeployException(ErrorCodes.PipelineValueInvalid, $"A disk for {vm} needs either a size (SizeGB) or the path of an existing disk (DiskPath).", vm);
        var plan = await vm.Session.Disks.PlanAddAsync(vm, new NewDisk
        {
            SizeBytes = SizeGB is { } size ? Sizes.FromGB(size) : null,
            Path = path,
            Datastore = string.IsNullOrEmpty(Datastore) ? null : Datastore,
            Provisioning = DiskProvisioning,
            Controller = DiskController,
            ControllerNumber = ControllerNumber,
            Unit = Unit,
        }, cancellationToken);
        if (await ShouldProcessAsync(Describe(vm), $"Add a disk: {plan.Description}"))
            WriteObject(await plan.RunAsync(Progress, cancellationToken));
    }
}
