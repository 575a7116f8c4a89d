namespace VmDeploy.PowerShell;

/// <summary>Lists datastores, and storage repositories of a XenServer.</summary>
[Cmdlet(VerbsCommon.Get, "VmDatastore")]
[OutputType(typeof(VmDatastore))]
public sealed class GetVmDatastoreCommand : SessionCmdlet
{
    /// <summary>Names, with wildcards; by default all.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [HostObjectName(typeof(VmDatastore), List = true)]
    [ArgumentCompleter(typeof(DatastoreCompleter))]
    public string[] Name { get; set; } = ["*"];

    /// <inheritdoc/>
    protected override Task ProcessRecordAsync(CancellationToken cancellationToken) =>
        ListAsync(session => session.Discovery.GetDatastoresAsync(cancellationToken), one => one.Name, Name, ErrorCodes.DatastoreNotFound, "Datastore");
}
