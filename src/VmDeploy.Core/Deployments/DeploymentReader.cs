using System.Collections.Concurrent;
using VmDeploy.Ova;

namespace VmDeploy;

/// <summary>The hosts of a deployment as they were when read, once each and side by side, and the packages that are open.</summary>
internal sealed class DeploymentReader : IDisposable
{
    private readonly ConcurrentDictionary<(string Path, string? Hash, string? Thumbprint), Lazy<Task<OvaPackage>>> _packages = new();
    private readonly ConcurrentDictionary<(VmSession Session, MachineSource Source), Lazy<Task<SourceFacts>>> _facts = new();
    private readonly ConcurrentDictionary<VmSession, Lazy<Task<IReadOnlyList<VmNetwork>>>> _networks = new();
    private readonly IReadOnlyDictionary<VmSession, IReadOnlyList<DeployedVm>> _vms;

    private DeploymentReader(IReadOnlyDictionary<VmSession, IReadOnlyList<DeployedVm>> vms) => _vms = vms;

    /// <summary>Reads the hosts.</summary>
    public static async Task<DeploymentReader> ReadAsync(DeploymentSpec deployment, CancellationToken cancellationToken)
    {
        var read = await Task.WhenAll(deployment.Hosts.Distinct().Select(async host => (Host: host, Vms: await host.Ownership.ReadAsync(
            deployment.Machines.Where(one => one.Session == host).SelectMany(one => one.Wanted.Hardware.ExtraConfig.Keys).Distinct().ToList(), cancellationToken))));
        return new DeploymentReader(read.ToDictionary(one => one.Host, one => one.Vms));
    }

    /// <summary>The VMs of a host.</summary>
    public IReadOnlyList<DeployedVm> VmsOf(VmSession host) => _vms[host];

    /// <summary>The VM with this name; null if there is none.</summary>
    /// <exception cref="VmDeployException"><c>AmbiguousVm</c>.</exception>
    public DeployedVm? Find(VmSession host, string name) => Single(host, name, Named(host, name));

    /// <summary>The VM of a machine: the deployment's own with its name, or the one that an ended run has set aside to replace it; otherwise one that has its name.</summary>
    /// <exception cref="VmDeployException"><c>AmbiguousVm</c> if several are the deployment's own.</exception>
    public DeployedVm? Find(VmSession host, string name, string deployment)
    {
        var named = Named(host, name);
        if (named.Where(one => one.IsOf(deployment)).ToList() is { Count: > 0 } own)
            return Single(host, name, own);
        return named.Find(one => one.IsBegunBy(deployment)) ?? named.FirstOrDefault() ?? Single(host, name, SetAside(host, name, deployment));
    }

    /// <summary>The VMs of the deployment that were set aside to replace a machine of this name.</summary>
    public IReadOnlyList<DeployedVm> SetAside(VmSession host, string name, string deployment) =>
        _vms[host].Where(one => one.IsOf(deployment) && VmReplacement.IsSetAsideFor(one.Vm, name)).ToList();

    private List<DeployedVm> Named(VmSession host, string name) => _vms[host].Where(one => string.Equals(one.Vm.Name, name, StringComparison.OrdinalIgnoreCase)).ToList();

    private static DeployedVm? Single(VmSession host, string name, IReadOnlyList<DeployedVm> found) => found.Count == 0 ? null : found.Count == 1 ? found[0] : throw new VmDeployException(
        ErrorCodes.AmbiguousVm, $"{found.Count} VMs on {host.Server} have the name '{name}': {string.Join(", ", found.Select(one => one.Vm.Path ?? one.Vm.Id))}.", name);

    /// <summary>The package at a place, opened once.</summary>
    public Task<OvaPackage> OpenAsync(PackageLocation location, CancellationToken cancellationToken) =>
        _packages.GetOrAdd((location.Path, location.Hash?.ToString(), location.CertificateThumbprint), _ => new(() => OvaPackage.OpenAsync(location, cancellationToken))).Value;

    /// <summary>What is known of a machine's source, read once.</summary>
    public Task<SourceFacts> FactsAsync(MachineSpec machine, CancellationToken cancellationToken) =>
        _facts.GetOrAdd((machine.Session, machine.Source), _ => new(async () => await machine.Source.ReadAsync(machine, this, cancellationToken) with
        {
            NetworkNames = await NetworkNamesAsync(machine, cancellationToken),
        })).Value;

    // The host's list is read only where a text is not the name of any VM's network.
    private async Task<IReadOnlyDictionary<string, string>> NetworkNamesAsync(MachineSpec machine, CancellationToken cancellationToken)
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var text in (machine.Wanted.Hardware.Networks ?? []).Where(text => !_vms[machine.Session].Any(one => one.Vm.NetworkAdapters.Any(adapter => adapter.NetworkName == text))))
        {
            var all = await _networks.GetOrAdd(machine.Session, session => new(() => session.Discovery.GetNetworksAsync(cancellationToken))).Value;
            if ((all.FirstOrDefault(one => one.Id == text) ?? all.FirstOrDefault(one => string.Equals(one.Name, text, StringComparison.OrdinalIgnoreCase))) is { } network)
                names[text] = network.Name;
        }
        return names;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var package in _packages.Values.Where(one => one.IsValueCreated && one.Value.Status == TaskStatus.RanToCompletion))
            package.Value.Result.Dispose();
    }
}
