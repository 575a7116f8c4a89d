namespace VmDeploy.PowerShell;

/// <summary>A cmdlet that acts on a file of a datastore, by its path or piped from Get-VmDatastoreFile.</summary>
public abstract class DatastoreFileCmdlet : SessionCmdlet
{
    /// <summary>Path on the datastore, or <c>[datastore] path</c>.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [PlainName]
    public string Path { get; set; } = "";

    /// <summary>The datastore, if the path doesn't name it and there are several.</summary>
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(DatastoreCompleter))]
    public string? Datastore { get; set; }

    /// <summary>Datacenter, if there are several.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(DatacenterCompleter))]
    public string? Datacenter { get; set; }

    /// <summary>The pipeline object, kept for the session of a piped file.</summary>
    [Parameter(ValueFromPipeline = true, DontShow = true)]
    public PSObject? InputObject { get; set; }

    private protected VmSession SessionOfFile() => InputObject?.BaseObject is DatastoreFile file ? UseSessionOf(file.Session, file) : ResolveSession();

    private protected DatastoreFileRequest Request() => new(Path, string.IsNullOrEmpty(Datastore) ? null : Datastore)
    {
        Datacenter = string.IsNullOrEmpty(Datacenter) ? null : Datacenter,
    };
}
