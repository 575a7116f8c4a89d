namespace VmDeploy.PowerShell;

/// <summary>Checks whether a session is alive.</summary>
[Cmdlet(VerbsDiagnostic.Test, "VmSession")]
[OutputType(typeof(VmSessionReport))]
public sealed class TestVmSessionCommand : AsyncCmdlet
{
    /// <summary>The sessions to test; by default the default or only one.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [ValidateNotNullOrEmpty]
    [SessionTransformation(TakesSeveral = true)]
    [ArgumentCompleter(typeof(OpenSessionCompleter))]
    public VmSession[]? Session { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessRecordAsync(CancellationToken cancellationToken)
    {
        foreach (var session in Session ?? [Sessions.Resolve(null)])
            WriteObject(await TestAsync(session, cancellationToken));
    }

    private static async Task<VmSessionReport> TestAsync(VmSession session, CancellationToken cancellationToken)
    {
        if (!session.IsOpen)
            return new VmSessionReport(session) { Problem = "The session is closed." };
        try
        {
            return new VmSessionReport(session) { IsAlive = true, RoundTrip = await session.PingAsync(cancellationToken) };
        }
        catch (VmDeployException e)
        {
            return new VmSessionReport(session) { Problem = e.Message };
        }
    }
}
