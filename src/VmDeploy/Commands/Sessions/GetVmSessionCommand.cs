namespace VmDeploy.PowerShell;

/// <summary>Lists the open sessions of this runspace.</summary>
[Cmdlet(VerbsCommon.Get, "VmSession")]
[OutputType(typeof(VmSession))]
public sealed class GetVmSessionCommand : PSCmdlet
{
    /// <summary>Server names, with wildcards.</summary>
    [Parameter(Position = 0)]
    [SupportsWildcards]
    [PlainText(List = true)]
    [ArgumentCompleter(typeof(SessionServerCompleter))]
    public string[] Server { get; set; } = ["*"];

    /// <summary>Session numbers.</summary>
    [Parameter]
    [ValidateNotNull]
    public int[] Id { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        try
        {
            var filter = new NameFilter(Server);
            WriteObject(SessionTable.Current.Open.Where(session => filter.Matches(session.Server) && (Id.Length == 0 || Id.Contains(session.Id))), enumerateCollection: true);
        }
        catch (VmDeployException e)
        {
            ThrowTerminatingError(ErrorRecords.From(e));
        }
    }
}
