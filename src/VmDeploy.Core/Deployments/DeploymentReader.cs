using System.Collections.Concurrent;
using VmDeploy.Ova;

namespace VmDeploy;

/// <summary>The hosts of a deployment as they were when read, once each and side by side, and the packages that are open.</summary>
internal sealed class DeploymentReader : IDisposable
{
    private readonly ConcurrentDictionary<string, Lazy<Task<OvaPackage>>> _packages = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(VmSession Session, MachineSource Source), Lazy<Task<SourceFacts>>> _facts = new();
    private readonly ConcurrentDictionary<VmSession, Lazy<Task<IReadOnlyList<VmNetwork>>>> _networks = new();
    private readonly IReadOnlyDictionary<VmSession, IReadOnlyList<DeployedVm>> _vms;

    private DeploymentReader(IReadOnlyDictionary<VmSession, IReadOnlyList<DeployedVm>> vms) => _vms = vms;

    /// <summary>Reads the hosts.</summary>
    public static async Task<DeploymentReader> ReadAsync(IReadOnlyList<VmSession> hosts, CancellationToken cancellationToken)
    {
        var read = await Task.WhenAll(hosts.Distinct().Select(async host => (Host: host, Vms: await host.Ownership.ReadAsync(cancellationToken))));
        return new DeploymentReader(read.ToDictionary(one => one.Host, one => one.Vms));
    }

    /// <summary>The VMs of a host.</summary>
    public IReadOnlyList<DeployedVm> VmsOf(VmSession host) => _vms[host];

    /// <summary>The VM with this name; null if there is none.</summary>
    /// <exception cref="VmDeployException"><c>AmbiguousVm</c>.</exception>
    public DeployedVm? Find(VmSession host, string name)
    {
        var found = _vms[host].Where(one => string.Equals(one.Vm.Name, name, StringComparison.OrdinalIgnoreCase)).ToList();
        return found.Count <= 1 ? found.FirstOrDefault() : throw new VmDeployException(ErrorCodes.AmbiguousVm,
            $"{found.Count} VMs on {host.Server} have the name '{name}': {string.Join(", ", found.Select(one => one.Vm.Path ?? one.Vm.Id))}.", name);
    }

    /// <summary>The package at a place, opened once.</summary>
    public Task<OvaPackage> OpenAsync(PackageLocation location, CancellationToken cancellationToken) =>
        _packages.GetOrAdd(location.Path, _ => new(() => OvaPackage.OpenAsync(location, cancellationToken))).Value;

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
