namespace VmDeploy.PowerShell;

/// <summary>Uploads a file to a datastore, or to an ISO storage repository of XenServer.</summary>
[Cmdlet(VerbsCommunications.Send, "VmDatastoreFile", SupportsShouldProcess = true)]
[OutputType(typeof(DatastoreFile))]
public sealed class SendVmDatastoreFileCommand : SessionCmdlet
{
    private readonly HashSet<(VmSession Session, string Path)> _targets = [];

    /// <summary>The local file.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [FilePath]
    [Alias("FullName", "LiteralPath", "PSPath")]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <summary>The datastore, if there are several.</summary>
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    [HostObjectName(typeof(VmDatastore))]
    [ArgumentCompleter(typeof(DatastoreCompleter))]
    public string? Datastore { get; set; }

    /// <summary>Path on the datastore; one that ends in a slash is a folder. By default the file's own name at the top level.</summary>
    [Parameter(Position = 2)]
    [HostObjectName(typeof(DatastoreFile))]
    [ArgumentCompleter(typeof(DatastorePathCompleter))]
    public string? Destination { get; set; }

    /// <summary>Datacenter, if there are several.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [HostObjectName(typeof(VmPlace))]
    [ArgumentCompleter(typeof(DatacenterCompleter))]
    public string? Datacenter { get; set; }

    /// <summary>Overwrite an existing file with this name.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessRecordAsync(CancellationToken cancellationToken)
    {
        var session = ResolveSession();
        var file = await OnPipelineThreadAsync(cmdlet => FilePaths.ResolveOne(cmdlet, Path));
        var (datastore, destination) = (Given(nameof(Datastore), Datastore), Given(nameof(Destination), Destination));
        // '[datastore] folder/file', as elsewhere, in the place of the datastore.
        if (destination is null && datastore?.StartsWith("[", StringComparison.Ordinal) == true)
            (datastore, destination) = (null, datastore);
        var request = new SendFileRequest(file, datastore) { Datacenter = Given(nameof(Datacenter), Datacenter), Path = destination, Force = Force };
        var plan = await session.DatastoreFiles.PlanSendAsync(request, cancellationToken);
        if (_targets.Contains((session, plan.HostPath!)))
            throw new VmDeployException(ErrorCodes.FileExists, $"Another file of this command is sent to {plan.HostPath}.", file, hint: ErrorHint.FolderForAll);
        var isConfirmed = await ShouldProcessAsync(file, $"Send to {plan.Description} on {session.Server}");
        if (isConfirmed || await OnPipelineThreadAsync(WhatIf))
            _targets.Add((session, plan.HostPath!));
        if (isConfirmed)
            WriteObject(await plan.RunAsync(Progress, cancellationToken));
    }
}
