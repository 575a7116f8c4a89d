namespace VmDeploy.PowerShell;

/// <summary>Lists hosts.</summary>
[Cmdlet(VerbsCommon.Get, "VmHypervisor")]
[OutputType(typeof(VmHypervisor))]
public sealed class GetVmHypervisorCommand : SessionCmdlet
{
    /// <summary>Names, with wildcards; by default all.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [HostObjectName(typeof(VmHypervisor), typeof(VmPlace), List = true)]
    [ArgumentCompleter(typeof(HypervisorCompleter))]
    public string[] Name { get; set; } = ["*"];

    /// <inheritdoc/>
    protected override Task ProcessRecordAsync(CancellationToken cancellationToken) =>
        ListAsync(session => session.Discovery.GetHypervisorsAsync(cancellationToken), one => one.Name, Name, ErrorCodes.HostNotFound, "Host", null, typeof(VmPlace));
}
