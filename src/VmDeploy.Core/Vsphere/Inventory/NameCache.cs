using System.Collections.Concurrent;

namespace VmDeploy.Vsphere;

/// <summary>The names of hosts and networks, read once: VMs refer to them by id.</summary>
internal sealed class NameCache(PropertyReader properties)
{
    /// <summary>The type of references to opaque networks, which adapters name by an id that is not that of the object.</summary>
    public const string Opaque = "OpaqueNetwork";

    private readonly ConcurrentDictionary<MoRef, string> _names = new();

    public async Task LoadAsync(IEnumerable<MoRef> references, CancellationToken cancellationToken)
    {
        foreach (var unknown in references.Distinct().Where(r => !_names.ContainsKey(r)).GroupBy(r => r.Type).ToList())
        {
            if (unknown.Key == Opaque)
            {
                await LoadOpaqueAsync(unknown, cancellationToken);
                continue;
            }
            foreach (var content in await properties.ReadAsync(unknown.ToList(), cancellationToken, "name"))
                _names[content.Object] = Inventory.NameOf(content);
        }
    }

    // An id that no network has is remembered too.
    private async Task LoadOpaqueAsync(IEnumerable<MoRef> wanted, CancellationToken cancellationToken)
    {
        await properties.ReadAllAsync([new PropertySet(Opaque, "name", "summary")], page =>
        {
            foreach (var network in page)
                _names[new MoRef(Opaque, network["summary"]?.Value("opaqueNetworkId") ?? "")] = Inventory.NameOf(network);
            return Task.CompletedTask;
        }, cancellationToken);
        foreach (var reference in wanted)
            _names.TryAdd(reference, reference.Value);
    }

    public string? this[MoRef? reference] =>
        reference is { } r && _names.TryGetValue(r, out var name) ? name : null;
}
