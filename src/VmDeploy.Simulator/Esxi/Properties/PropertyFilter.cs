using VmDeploy.Simulator.Esxi.Core;
using VmDeploy.Simulator.Esxi.Data;
using VmDeploy.Simulator.Esxi.Soap;

namespace VmDeploy.Simulator.Esxi.Properties;

/// <summary>A filter with what it has reported to its client so far.</summary>
internal sealed class PropertyFilter(EsxiHost host, string id, PropertyCollector owner, FilterSpec spec, bool partial)
    : ManagedObject(host, id)
{
    private readonly Dictionary<ManagedObject, Told> _told = [];

    [VimProperty("PropertyFilterSpec")]
    public DataObject Spec => spec.Data;

    [VimProperty("boolean")]
    public bool PartialUpdates => partial;

    [VimMethod]
    public void DestroyPropertyFilter(VimCall call) => owner.Remove(this);

    /// <summary>Forgets what was reported, for a client that begins again.</summary>
    public void Reset() => _told.Clear();

    /// <summary>What has changed, at most so many objects; what is returned counts as reported.</summary>
    public List<DataObject> TakeUpdates(int limit)
    {
        var updates = new List<DataObject>();
        var now = spec.Select(strict: false);
        foreach (var gone in _told.Keys.Except(now).ToList())
        {
            if (updates.Count == limit)
                return updates;
            _told.Remove(gone);
            updates.Add(Update("leave", gone.Self));
        }
        foreach (var target in now)
        {
            if (updates.Count == limit)
                break;
            if (Look(target) is { } update)
                updates.Add(update);
        }
        return updates;
    }

    private static DataObject Update(string kind, Mor target) => new("ObjectUpdate") { ["kind"] = kind, ["obj"] = target };

    private DataObject? Look(ManagedObject target)
    {
        var isNew = !_told.TryGetValue(target, out var told);
        if (!isNew && told!.Revision == target.Revision)
            return null;

        var leaves = new Dictionary<string, string>(StringComparer.Ordinal);
        var changes = new List<DataObject>();
        var missing = new List<DataObject>();
        var revision = target.Revision;
        foreach (var path in spec.PathsOf(target))
        {
            if (PropertyReader.Unreadable(target, path) is { } reason)
            {
                missing.Add(reason);
                continue;
            }
            var value = path.Read(target);
            foreach (var (name, leaf) in partial && !isNew ? Leaves(path.Text, value) : [(path.Text, value)])
                leaves[name] = SoapWriter.Fingerprint(leaf);
            if (isNew && value is not null)
                changes.Add(Change(path.Text, value));
            else if (!isNew)
                changes.AddRange(Compare(path.Text, value, told!, leaves));
        }

        // A first report is later compared leaf by leaf.
        if (isNew && partial)
            leaves = spec.PathsOf(target).SelectMany(p => Leaves(p.Text, p.Read(target))).ToDictionary(l => l.Name, l => SoapWriter.Fingerprint(l.Value));
        _told[target] = new(revision, leaves);
        if (!isNew && changes.Count == 0)
            return null;
        var update = Update(isNew ? "enter" : "modify", target.Self);
        update["changeSet"] = changes;
        update["missingSet"] = missing;
        return update;
    }

    private IEnumerable<DataObject> Compare(string path, Any? value, Told told, Dictionary<string, string> leaves)
    {
        var now = partial ? Leaves(path, value) : [(path, value)];
        foreach (var (name, leaf) in now.Where(l => told.Leaves.GetValueOrDefault(l.Item1) != leaves[l.Item1]))
            yield return Change(name, leaf);
        foreach (var name in told.Leaves.Keys.Where(n => n.StartsWith(path + ".", StringComparison.Ordinal) && !leaves.ContainsKey(n)))
            yield return Change(name, null);
    }

    private static DataObject Change(string name, Any? value) =>
        new("PropertyChange") { ["name"] = name, ["op"] = "assign", ["val"] = value };

    // The elements below a data object, down to primitives, references and lists.
    private static IEnumerable<(string Name, Any? Value)> Leaves(string path, Any? value)
    {
        if (value is not { IsArray: false, Value: DataObject data })
            return [(path, value)];
        return
            from i in Enumerable.Range(0, data.Type.Fields.Count)
            where data[i] is not null
            let field = data.Type.Fields[i]
            from leaf in Leaves($"{path}.{field.Name}", Any.Of(field.Type, field.IsArray, data[i]!))
            select leaf;
    }

    private sealed record Told(long Revision, Dictionary<string, string> Leaves);
}
