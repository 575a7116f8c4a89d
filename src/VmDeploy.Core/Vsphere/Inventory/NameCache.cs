using System.Collections.Concurrent;

namespace VmDeploy.Vsphere;

/// <summary>The names of the hosts, networks and folders that VMs and other objects refer to by id, and the paths of these folders; read once.</summary>
internal sealed class NameCache(PropertyReader properties)
{
    /// <summary>The type of references to opaque networks, which adapters name by an id that is not that of the object.</summary>
    public const string Opaque = "OpaqueNetwork";

    private readonly ConcurrentDictionary<MoRef, (string Name, MoRef? Parent, int Age)> _known = new();
    private int _age;

    /// <summary>Reads the names of those that are not known yet, one request a type; those of folders with everything above them.</summary>
    public async Task LoadAsync(IEnumerable<MoRef> references, CancellationToken cancellationToken)
    {
        var age = Volatile.Read(ref _age);
        foreach (var unknown in references.Distinct().Where(r => !_known.TryGetValue(r, out var known) || (IsFolder(r) && known.Age != age)).GroupBy(r => IsFolder(r) ? "Folder" : r.Type).ToList())
        {
            if (unknown.Key == Opaque)
            {
                await LoadOpaqueAsync(unknown, cancellationToken);
                continue;
            }
            var found = unknown.Key == "Folder"
                ? await properties.ReadAncestorsAsync([.. unknown], cancellationToken)
                : await properties.ReadAsync(unknown.ToList(), cancellationToken, "name");
            foreach (var content in found)
                _known[content.Object] = (Inventory.NameOf(content), content.Reference("parent"), age);
        }
    }

    /// <summary>Folders may have been renamed or moved since they were read: <see cref="LoadAsync"/> reads them again.</summary>
    public void RenewFolders() => Interlocked.Increment(ref _age);

    // An id that no network has is remembered too.
    private async Task LoadOpaqueAsync(IEnumerable<MoRef> wanted, CancellationToken cancellationToken)
    {
        await properties.ReadAllAsync([new PropertySet(Opaque, "name", "summary")], page =>
        {
            foreach (var network in page)
                _known[new MoRef(Opaque, network["summary"]?.Value("opaqueNetworkId") ?? "")] = (Inventory.NameOf(network), null, 0);
            return Task.CompletedTask;
        }, cancellationToken);
        foreach (var reference in wanted)
            _known.TryAdd(reference, (reference.Value, null, 0));
    }

    /// <summary>The name, or null if it could not be read.</summary>
    public string? this[MoRef? reference] =>
        reference is { } r && _known.TryGetValue(r, out var known) ? known.Name : null;

    /// <summary>The path of a folder's datacenter, and the folder's own path below the datacenter's top folder of its kind; nulls if it is not known.</summary>
    public (string? Datacenter, string? Folder) PlaceOf(MoRef? folder)
    {
        var below = new Stack<string>();
        for (var at = folder; at is { } r && _known.TryGetValue(r, out var known); at = known.Parent)
        {
            if (known.Parent is { Type: "Datacenter" } center)
                return (PathOf(center), string.Join("/", below));
            below.Push(known.Name);
        }
        return (null, null);
    }

    // Without the root folder, which has no parent.
    private string PathOf(MoRef center)
    {
        var names = new Stack<string>();
        for (MoRef? at = center; at is { } r && _known.TryGetValue(r, out var known) && known.Parent is not null; at = known.Parent)
            names.Push(known.Name);
        return string.Join("/", names);
    }

    // A datastore cluster derives from it.
    private static bool IsFolder(MoRef reference) => reference.Type is "Folder" or "StoragePod";
}
