using System.Collections.Concurrent;

namespace VmDeploy.Vsphere;

/// <summary>The names of hosts and port groups, read once: VMs refer to them by id.</summary>
internal sealed class NameCache(PropertyReader properties)
{
    private readonly ConcurrentDictionary<MoRef, string> _names = new();

    public async Task LoadAsync(IEnumerable<MoRef> references, CancellationToken cancellationToken)
    {
        foreach (var unknown in references.Distinct().Where(r => !_names.ContainsKey(r)).GroupBy(r => r.Type).ToList())
        {
            foreach (var content in await properties.ReadAsync(unknown.ToList(), cancellationToken, "name"))
                _names[content.Object] = Inventory.NameOf(content);
        }
    }

    public string? this[MoRef? reference] =>
        reference is { } r && _names.TryGetValue(r, out var name) ? name : null;
}
