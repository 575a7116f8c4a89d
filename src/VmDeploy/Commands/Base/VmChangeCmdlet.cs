namespace VmDeploy.PowerShell;

/// <summary>A cmdlet that changes VMs to values that a file can contain beside their names.</summary>
public abstract class VmChangeCmdlet : VmActionCmdlet
{
    /// <inheritdoc/>
    protected sealed override Task ProcessRecordAsync(CancellationToken cancellationToken)
    {
        foreach (var message in UnboundPropertyCheck.Run(this, InputObject))
            WriteWarning(message);
        return base.ProcessRecordAsync(cancellationToken);
    }
}
