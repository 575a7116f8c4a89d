namespace VmDeploy.PowerShell;

/// <summary>Exports VMs and templates as OVAs.</summary>
[Cmdlet(VerbsData.Export, "VmOva", SupportsShouldProcess = true, DefaultParameterSetName = ByVm)]
[OutputType(typeof(ExportedPackage))]
public sealed class ExportVmOvaCommand : VmOrNameCmdlet
{
    // With -Force, the second VM must not overwrite the package of the first.
    private readonly HashSet<string> _written = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The VMs, or their names, with wildcards; templates from Get-VmTemplate.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, ParameterSetName = ByVm)]
    [Alias("Name")]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(VmNameCompleter))]
    public override VmOrName[] Vm { get; set; } = [];

    /// <summary>The local file, or a folder for it; by default the current folder.</summary>
    [Parameter(Position = 1)]
    [LocalPath]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = ".";

    /// <summary>One file, or a folder with a descriptor and its files.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [EnumName(typeof(PackageFormat), Absent = PackageFormat.Ova)]
    public PackageFormat Format { get; set; }

    /// <summary>The digests of the manifest.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [EnumName(typeof(ManifestAlgorithm), Absent = ManifestAlgorithm.SHA256)]
    public ManifestAlgorithm Manifest { get; set; }

    /// <summary>How hard disks are compressed that the host does not send compressed.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [EnumName(typeof(PackageCompression))]
    public PackageCompression? Compress { get; set; }

    /// <summary>Export VMs that are not off through a temporary snapshot.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Flag]
    public SwitchParameter Snapshot { get; set; }

    /// <summary>How many disks are read at the same time, with -Format Ovf.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("throttle_limit")]
    [WholeNumber(1, 32, Absent = 2)]
    public int ThrottleLimit { get; set; } = 2;

    /// <summary>Overwrite an existing package.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessRecordAsync(CancellationToken cancellationToken)
    {
        var local = await OnPipelineThreadAsync(cmdlet => FilePaths.ResolveLiteral(cmdlet, Path));
        var isFolder = Path.EndsWith("/", StringComparison.Ordinal) || Path.EndsWith("\\", StringComparison.Ordinal);
        var destination = isFolder ? local.TrimEnd('/', '\\') + "/" : local;
        if (InputObject?.BaseObject is VmTemplate template)
        {
            var vms = await UseSessionOf(template.Session, template).GetVmsAsync(new VmQuery { Ids = [template.Id] }, cancellationToken);
            foreach (var vm in vms)
                await ExportAsync(vm, destination, cancellationToken);
            return;
        }
        PipedNameCheck.Run(InputObject);
        await ForEachVmAsync(vm => ExportAsync(vm, destination, cancellationToken), cancellationToken);
    }

    private async Task ExportAsync(Vm vm, string destination, CancellationToken cancellationToken)
    {
        var request = new ExportRequest(vm, destination)
        {
            Format = Format,
            Manifest = Manifest,
            Compression = Compress,
            Snapshot = Snapshot,
            ThrottleLimit = ThrottleLimit,
            Force = Force,
            Kept = _written,
        };
        var plan = await vm.Session.Exports.PlanAsync(request, cancellationToken);
        if (!await ShouldProcessAsync(Describe(vm), plan.Description))
        {
            if (plan.LocalPath is { } path && await OnPipelineThreadAsync(WhatIf))
                _written.Add(path);
            return;
        }
        var package = await plan.RunAsync(Progress, cancellationToken);
        _written.Add(package.Path);
        WriteObject(package);
    }
}
