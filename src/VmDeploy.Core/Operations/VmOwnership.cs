namespace VmDeploy;

/// <summary>Which deployment has made which VM of a host.</summary>
public abstract class VmOwnership
{
    /// <summary>The keys of <see cref="HardwareRequest.ExtraConfig"/> that hold the record, on any host; no user's.</summary>
    public static IReadOnlyList<string> Keys { get; } = [Vsphere.VsphereOwnership.ExtraKey, Xapi.XapiOwnership.ExtraKey];

    /// <summary>All VMs of the host, in a number of requests that does not depend on how many there are.</summary>
    /// <param name="extraConfig">The keys to read of <see cref="DeployedVm.ExtraConfig"/>, as in <see cref="HardwareRequest.ExtraConfig"/>.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public abstract Task<IReadOnlyList<DeployedVm>> ReadAsync(IReadOnlyCollection<string> extraConfig, CancellationToken cancellationToken);

    /// <summary>The key of <see cref="HardwareRequest.ExtraConfig"/> that holds the record on this host.</summary>
    internal abstract string Key { get; }

    /// <summary>Writes the record of a VM.</summary>
    internal async Task WriteAsync(Vm vm, Ownership owner, CancellationToken cancellationToken) => await (await vm.Session.Configuration.PlanAsync(vm,
        new VmSettings { ExtraConfig = new Dictionary<string, string> { [Key] = owner.ToString() } }, cancellationToken)).RunAsync(new Progress<OperationProgress>(), cancellationToken);
}
