using System.Management.Automation;
using System.Threading;
using System.Threading.Tasks;

namespace VmDeploy.PowerShell;

/// <summary>Asks the host whether a session is alive.</summary>
[Cmdlet(VerbsDiagnostic.Test, "VmSession")]
[OutputType(typeof(VmSessionReport))]
public sealed class TestVmSessionCommand : AsyncCmdlet
{
    /// <summary>The session to test; by default the only open one.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(OpenSessionCompleter))]
    public VmSession? Session { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessRecordAsync(CancellationToken cancellationToken)
    {
        var session = Session ?? Sessions.Resolve(null);
        if (!session.IsOpen)
        {
            WriteObject(new VmSessionReport(session) { Problem = "The session is closed." });
            return;
        }

        try
        {
            WriteObject(new VmSessionReport(session) { IsAlive = true, RoundTrip = await session.PingAsync(cancellationToken) });
        }
        catch (VmDeployException e)
        {
            WriteObject(new VmSessionReport(session) { Problem = e.Message });
        }
    }
}
