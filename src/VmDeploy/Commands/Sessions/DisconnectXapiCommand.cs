namespace VmDeploy.PowerShell;

/// <summary>Logs out and closes sessions to XenServer or XCP-ng hosts.</summary>
[Cmdlet(VerbsCommunications.Disconnect, "Xapi")]
public sealed class DisconnectXapiCommand : DisconnectCmdlet
{
    private protected override bool IsOfKind(VmSession session) => session.Hypervisor == HypervisorKind.XenServer;
}
