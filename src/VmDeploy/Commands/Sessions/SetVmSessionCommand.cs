namespace VmDeploy.PowerShell;

/// <summary>Makes a session the default of this runspace.</summary>
[Cmdlet(VerbsCommon.Set, "VmSession")]
[OutputType(typeof(VmSession))]
public sealed class SetVmSessionCommand : PSCmdlet
{
    /// <summary>The session.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [ValidateNotNull]
    [SessionTransformation]
    [ArgumentCompleter(typeof(OpenSessionCompleter))]
    public VmSession Session { get; set; } = null!;

    /// <summary>Use it if no session is given; <c>-Default:$false</c> reverses that.</summary>
    [Parameter(Mandatory = true)]
    public SwitchParameter Default { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var sessions = SessionTable.Current;
        try
        {
            sessions.Resolve(Session);
        }
        catch (VmDeployException e)
        {
            ThrowTerminatingError(ErrorRecords.From(e));
        }
        if (Default)
            sessions.Default = Session;
        else if (sessions.Default == Session)
            sessions.Default = null;
        WriteObject(Session);
    }
}
