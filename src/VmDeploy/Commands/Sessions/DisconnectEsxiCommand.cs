namespace VmDeploy.PowerShell;

/// <summary>Logs out and closes sessions to ESXi hosts or vCenters.</summary>
[Cmdlet(VerbsCommunications.Disconnect, "Esxi")]
public sealed class DisconnectEsxiCommand : DisconnectCmdlet
{
    private protected override bool IsOfKind(VmSession session) => session.Hypervisor != HypervisorKind.XenServer;
}
