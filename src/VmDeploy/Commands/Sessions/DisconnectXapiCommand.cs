using System.Management.Automation;
using System.Threading;
using System.Threading.Tasks;

namespace VmDeploy.PowerShell;

/// <summary>Logs out and closes a session to a XenServer or XCP-ng host.</summary>
[Cmdlet(VerbsCommunications.Disconnect, "Xapi")]
public sealed class DisconnectXapiCommand : AsyncCmdlet
{
    /// <summary>The session to close; by default the only open one of this kind.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(OpenSessionCompleter))]
    public VmSession? Session { get; set; }

    /// <inheritdoc/>
    protected override Task ProcessRecordAsync(CancellationToken cancellationToken) =>
        (Session ?? Sessions.ResolveDefault(session => session.Kind == HypervisorKind.XenServer)).CloseAsync(CancellationToken.None);
}
