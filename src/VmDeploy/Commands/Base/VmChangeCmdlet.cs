namespace VmDeploy.PowerShell;

/// <summary>A cmdlet that changes VMs to values that a file can contain beside their names.</summary>
public abstract class VmChangeCmdlet : VmActionCmdlet
{
    private protected sealed override bool TakesJobs => true;
}
