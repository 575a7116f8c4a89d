namespace VmDeploy;

/// <summary>Which deployment has made which VM.</summary>
public abstract class VmOwnership
{
    /// <summary>All VMs of the host, in a number of requests that does not depend on how many there are.</summary>
    public abstract Task<IReadOnlyList<DeployedVm>> ReadAsync(CancellationToken cancellationToken);

    /// <summary>The key of <see cref="HardwareRequest.ExtraConfig"/> that holds it.</summary>
    internal abstract string Key { get; }
}
