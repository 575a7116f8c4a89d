namespace VmDeploy.PowerShell;

/// <summary>Lists networks.</summary>
[Cmdlet(VerbsCommon.Get, "VmNetwork")]
[OutputType(typeof(VmNetwork))]
public sealed class GetVmNetworkCommand : SessionCmdlet
{
    /// <summary>Names, with wildcards; by default all.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [HostObjectName(typeof(VmNetwork), List = true)]
    [ArgumentCompleter(typeof(NetworkCompleter))]
    public string[] Name { get; set; } = ["*"];

    /// <inheritdoc/>
    protected override Task ProcessRecordAsync(CancellationToken cancellationToken) =>
        ListAsync(session => session.Discovery.GetNetworksAsync(cancellationToken), one => one.Name, Name, ErrorCodes.NetworkNotFound, "Network");
}
