namespace VmDeploy;

/// <summary>Converts VMs into templates and back; disks and configuration are not changed.</summary>
public abstract class VmTemplates
{
    /// <summary>Checks that a VM can become a template; changes nothing.</summary>
    /// <exception cref="VmDeployException"><c>WrongPowerState</c> unless it is off; <c>NotSupportedByHost</c> on a standalone ESXi host.</exception>
    public abstract Task<PlannedChange<VmTemplate>> PlanFromVmAsync(Vm vm, CancellationToken cancellationToken);

    /// <summary>Resolves where the VM of a template belongs; changes nothing.</summary>
    /// <param name="name">The template's name, uuid or id.</param>
    /// <param name="hostName">The host or cluster on vCenter; null for the template's own.</param>
    /// <param name="resourcePool">The resource pool on vCenter; null for the root pool.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public abstract Task<PlannedChange<Vm>> PlanToVmAsync(string name, string? hostName, string? resourcePool, CancellationToken cancellationToken);

    /// <summary>Makes a change that is safe to repeat: if its reply was lost, the host is asked whether it was made.</summary>
    private protected static async Task ApplyAsync(Func<Task> change, Func<Task<bool>> isDone)
    {
        try
        {
            await change();
        }
        catch (VmDeployException e) when (e.IsUnanswered)
        {
            if (!await isDone())
                throw;
        }
    }
}
