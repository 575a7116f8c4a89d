using System.Collections;
using VmDeploy.Ova;

namespace VmDeploy.PowerShell;

/// <summary>Creates one or more VMs from an OVA.</summary>
[Cmdlet(VerbsData.Import, "VmOva", SupportsShouldProcess = true)]
[OutputType(typeof(Vm))]
public sealed class ImportVmOvaCommand : NewInstancesCmdlet
{
    /// <summary>The <c>.ova</c>, perhaps in an archive, or the <c>.ovf</c> beside its files: a file or an address.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [FilePath]
    [Alias("ovf_path", "ova_path", "FullName", "LiteralPath", "PSPath", "uri")]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string Path { get; set; } = "";

    /// <summary>The login of the web server that the package is on.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("uri_credential")]
    [Login]
    public PSCredential? UriCredential { get; set; }

    /// <summary>The only certificate to accept from that web server, SHA-256 or SHA-1.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("uri_thumbprint")]
    [PlainText]
    public string? UriThumbprint { get; set; }

    /// <summary>The hash that the file must have, for example <c>SHA256:9f86...</c>.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("file_hash")]
    [PlainText]
    public string? FileHash { get; set; }

    /// <summary>OVF property key to value.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("ovf_properties")]
    [MapTransformation]
    [ArgumentCompleter(typeof(OvfPropertyCompleter))]
    public Hashtable? Property { get; set; }

    /// <summary>Id of one of the OVF's deployment options.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("deployment_option")]
    [PlainText(Also = typeof(OvfDeploymentOption))]
    [ArgumentCompleter(typeof(DeploymentOptionCompleter))]
    public string? DeploymentOption { get; set; }

    /// <summary>Disk provisioning.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("disk_provisioning")]
    [EnumName(typeof(DiskProvisioning))]
    public DiskProvisioning? DiskProvisioning { get; set; }

    /// <summary>Edit the descriptor that the host gets, so that the host does not refuse it; the file is not changed.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Flag]
    public SwitchParameter Adapt { get; set; }

    /// <summary>Accept the licence agreement of the OVF.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Flag]
    [Alias("accept_eula")]
    public SwitchParameter AcceptEula { get; set; }

    /// <summary>Upload the disks for every VM, instead of copying those of the first VM on the host.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("upload_each")]
    [Flag]
    public SwitchParameter UploadEach { get; set; }

    /// <summary>Keep the machines of a package with several together as one vApp (vCenter).</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("as_vapp")]
    [Flag]
    public SwitchParameter AsVApp { get; set; }

    private protected override bool MakesFromFiles => true;

    /// <inheritdoc/>
    protected override async Task ProcessRecordAsync(CancellationToken cancellationToken)
    {
        var session = ResolveSession();
        var file = await OnPipelineThreadAsync(cmdlet => PackagePaths.ResolveOne(cmdlet, Path));
        var location = PackagePaths.Locate(file, UriCredential, Given(nameof(FileHash), FileHash), Given(nameof(UriThumbprint), UriThumbprint), Progress, WriteWarning);
        using var package = await OvaPackage.OpenAsync(location, cancellationToken);
        var isGroup = package.Descriptor.IsCollection;
        if (AsVApp && !isGroup)
            throw new VmDeployException(ErrorCodes.VAppNotPossible, $"'{package.Path}' contains a single VM, not a vApp.", package.Path);
        var ownName = System.IO.Path.GetFileName(package.Path);
        var request = CreateRequest(package.Path, isGroup ? [] : ExactNames(ownName) ?? NumberedIfMany(package.Name));
        await DeployAsync(
            isGroup
                ? await session.PlanVAppAsync(WithNames(new VAppRequest(request) { Count = Count, AsVApp = AsVApp }, ExactNames(ownName, count: 1)), package, cancellationToken)
                : await session.PlanOvaImportAsync(request, package, cancellationToken),
            cancellationToken);
    }

    /// <summary>The request of these parameters.</summary>
    internal OvaImportRequest CreateRequest(string path, IReadOnlyList<string> names) => Complete(new OvaImportRequest(path), names) with
    {
        Properties = MapTransformationAttribute.Read(Property),
        DeploymentOption = Given(nameof(DeploymentOption), DeploymentOption),
        DiskProvisioning = DiskProvisioning,
        AcceptEula = AcceptEula,
        Adapt = Adapt,
        UploadEach = UploadEach,
    };

    // A single name with a placeholder is a pattern for all machines.
    private VAppRequest WithNames(VAppRequest request, IReadOnlyList<string>? names) => names switch
    {
        null or { Count: 0 } => request with { NamePattern = $"{Given(nameof(NamePrefix), NamePrefix)}{{name}}{(request.Count == 1 ? "" : "{n}")}" },
        { Count: 1 } when names[0].Contains('{') => request with { NamePattern = names[0] },
        _ => request with { Names = names },
    };
}
