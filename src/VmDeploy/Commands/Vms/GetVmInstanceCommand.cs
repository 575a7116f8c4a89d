namespace VmDeploy.PowerShell;

/// <summary>Lists and finds VMs.</summary>
[Cmdlet(VerbsCommon.Get, "VmInstance", DefaultParameterSetName = ByName)]
[OutputType(typeof(Vm))]
public sealed class GetVmInstanceCommand : SessionCmdlet
{
    private const string ByName = "Name";

    /// <summary>Names, with wildcards.</summary>
    [Parameter(Position = 0, ParameterSetName = ByName, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [HostObjectName(typeof(Vm), List = true)]
    [ArgumentCompleter(typeof(VmNameCompleter))]
    public string[] Name { get; set; } = ["*"];

    /// <summary>The hypervisor's own ids.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Id")]
    [PlainText(List = true)]
    [ArgumentCompleter(typeof(VmIdCompleter))]
    public string[] Id { get; set; } = [];

    /// <inheritdoc/>
    protected override Task ProcessRecordAsync(CancellationToken cancellationToken)
    {
        PipedNameCheck.Run(InputObject);
        if (InputObject?.BaseObject is Vm piped)
            return FindVmsByIdAsync(UseSessionOf(piped), [piped.Id], WriteObjectsAsync, cancellationToken);
        return ParameterSetName == ByName
            ? FindVmsAsync(Name, WriteObjectsAsync, cancellationToken)
            : FindVmsByIdAsync(ResolveSession(), Id, WriteObjectsAsync, cancellationToken);
    }
}
