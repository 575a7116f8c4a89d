namespace VmDeploy.PowerShell;

/// <summary>Lists the files of a datastore, or of a storage repository of XenServer.</summary>
[Cmdlet(VerbsCommon.Get, "VmDatastoreFile")]
[OutputType(typeof(DatastoreFile))]
public sealed class GetVmDatastoreFileCommand : SessionCmdlet
{
    /// <summary>A folder, a file, or a pattern with wildcards in its last part; by default the top of the datastore.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [HostObjectName(typeof(DatastoreFile))]
    [ArgumentCompleter(typeof(DatastorePathCompleter))]
    public string? Path { get; set; }

    /// <summary>The datastore, if the path doesn't name it and there are several.</summary>
    [Parameter(Position = 1, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [HostObjectName(typeof(VmDatastore))]
    [ArgumentCompleter(typeof(DatastoreCompleter))]
    public string? Datastore { get; set; }

    /// <summary>Datacenter, if there are several.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [HostObjectName(typeof(VmPlace))]
    [ArgumentCompleter(typeof(DatacenterCompleter))]
    public string? Datacenter { get; set; }

    /// <summary>List the folders below as well.</summary>
    [Parameter]
    public SwitchParameter Recurse { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessRecordAsync(CancellationToken cancellationToken)
    {
        var request = new DatastoreFileRequest(Path ?? "", string.IsNullOrEmpty(Datastore) ? null : Datastore)
        {
            Datacenter = string.IsNullOrEmpty(Datacenter) ? null : Datacenter,
            Recurse = Recurse,
        };
        var session = PipedNameCheck.FindSession<VmDatastore>(InputObject, typeof(DatastoreFile)) is { } own ? UseSessionOf(own, InputObject!) : ResolveSession();
        foreach (var file in await session.DatastoreFiles.ListAsync(request, cancellationToken))
        {
            if (Path is null || !HostObjectText.IsObject(Path) || file.Path == Path)
                WriteObject(file);
        }
    }
}
