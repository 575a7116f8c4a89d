namespace VmDeploy.PowerShell;

/// <summary>Lists templates.</summary>
[Cmdlet(VerbsCommon.Get, "VmTemplate")]
[OutputType(typeof(VmTemplate))]
public sealed class GetVmTemplateCommand : SessionCmdlet
{
    /// <summary>Names, with wildcards; by default all.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [HostObjectName(typeof(VmTemplate), List = true)]
    [ArgumentCompleter(typeof(TemplateCompleter))]
    public string[] Name { get; set; } = ["*"];

    /// <inheritdoc/>
    protected override Task ProcessRecordAsync(CancellationToken cancellationToken) =>
        ListAsync(session => session.Discovery.GetTemplatesAsync(cancellationToken), one => one.Name, Name, ErrorCodes.TemplateNotFound, "Template");
}
