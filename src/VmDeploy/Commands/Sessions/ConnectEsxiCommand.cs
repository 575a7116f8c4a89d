namespace VmDeploy.PowerShell;

/// <summary>Opens a session to an ESXi host or a vCenter.</summary>
[Cmdlet(VerbsCommunications.Connect, "Esxi", DefaultParameterSetName = Direct)]
[OutputType(typeof(VmSession))]
public sealed class ConnectEsxiCommand : ConnectCmdlet
{
    private protected override Task<VmSession> OpenAsync(ConnectOptions options, string? logFile, CancellationToken cancellationToken) =>
        Connections.OpenVsphereAsync(options, logFile, cancellationToken);
}
