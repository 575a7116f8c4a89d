namespace VmDeploy.PowerShell;

/// <summary>Opens a session to a XenServer or XCP-ng host.</summary>
[Cmdlet(VerbsCommunications.Connect, "Xapi", DefaultParameterSetName = Direct)]
[OutputType(typeof(VmSession))]
public sealed class ConnectXapiCommand : ConnectCmdlet
{
    private protected override bool TakesSocketLogin => true;

    private protected override Task<VmSession> OpenAsync(ConnectOptions options, string? logFile, CancellationToken cancellationToken) =>
        Connections.OpenXapiAsync(options, logFile, cancellationToken);
}
