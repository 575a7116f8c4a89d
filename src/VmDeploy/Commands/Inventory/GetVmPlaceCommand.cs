namespace VmDeploy.PowerShell;

/// <summary>Lists the places for VMs: datacenters, folders, clusters, hosts, resource pools and datastore clusters.</summary>
[Cmdlet(VerbsCommon.Get, "VmPlace")]
[OutputType(typeof(VmPlace))]
public sealed class GetVmPlaceCommand : SessionCmdlet
{
    /// <summary>Paths or names, with wildcards; by default all.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [HostObjectName(typeof(VmPlace), typeof(VmHypervisor), List = true)]
    [ArgumentCompleter(typeof(AnyPlaceCompleter))]
    public string[] Name { get; set; } = ["*"];

    /// <summary>Kinds of places; by default all.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public VmPlaceKind[] Kind { get; set; } = (VmPlaceKind[])Enum.GetValues(typeof(VmPlaceKind));

    /// <inheritdoc/>
    protected override Task ProcessRecordAsync(CancellationToken cancellationToken) =>
        ListAsync(session => session.Discovery.GetPlacesAsync(Kind, cancellationToken), one => one.Path, Name, ErrorCodes.PlaceNotFound, "Place", one => one.Name, typeof(VmHypervisor));
}
