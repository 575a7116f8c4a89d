namespace VmDeploy.PowerShell;

/// <summary>A cmdlet that acts on files of datastores, by their paths or piped from Get-VmDatastoreFile.</summary>
public abstract class DatastoreFileCmdlet : SessionCmdlet
{
    /// <summary>Paths on the datastore, or <c>[datastore] path</c>, with wildcards in the last part.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [HostObjectName(typeof(DatastoreFile), List = true)]
    [ArgumentCompleter(typeof(DatastorePathCompleter))]
    public string[] Path { get; set; } = [];

    /// <summary>The datastore, if the path doesn't name it and there are several.</summary>
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    [HostObjectName(typeof(VmDatastore))]
    [ArgumentCompleter(typeof(DatastoreCompleter))]
    public string? Datastore { get; set; }

    /// <summary>Datacenter, if there are several.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [HostObjectName(typeof(VmPlace))]
    [ArgumentCompleter(typeof(DatacenterCompleter))]
    public string? Datacenter { get; set; }

    /// <summary>Acts on one file, after confirmation.</summary>
    private protected abstract Task ActAsync(VmSession session, DatastoreFileRequest file, CancellationToken cancellationToken);

    /// <summary>Other kinds of objects that stand for files.</summary>
    private protected virtual Type[] Others => [];

    /// <summary>Whether a file that a pattern matches is meant.</summary>
    private protected virtual bool Takes(DatastoreFile file) => true;

    /// <inheritdoc/>
    protected sealed override async Task ProcessRecordAsync(CancellationToken cancellationToken)
    {
        var piped = InputObject?.BaseObject as DatastoreFile;
        var session = PipedNameCheck.FindSession<DatastoreFile>(InputObject, Others) is { } own ? UseSessionOf(own, InputObject!) : ResolveSession();
        foreach (var path in Path)
        {
            await TryAsync(async () =>
            {
                var request = Request(path, Given(nameof(Datastore), Datastore), Given(nameof(Datacenter), Datacenter));
                if (piped is not null || HostObjectText.IsObject(path) || path.IndexOfAny(['*', '?']) < 0)
                {
                    await ActAsync(session, request, cancellationToken);
                    return;
                }
                foreach (var file in (await session.DatastoreFiles.ListAsync(request, cancellationToken)).Where(Takes))
                    await TryAsync(() => ActAsync(session, Request(file.Path, file.Datastore, file.Datacenter), cancellationToken));
            });
        }
    }

    private static DatastoreFileRequest Request(string path, string? datastore, string? datacenter) => new(path, datastore) { Datacenter = datacenter };
}
