using VmDeploy.Simulator.Esxi.Core;
using VmDeploy.Simulator.Esxi.Data;
using VmDeploy.Simulator.Esxi.Sessions;
using VmDeploy.Simulator.Esxi.Soap;

namespace VmDeploy.Simulator.Esxi.Properties;

/// <summary>A PropertyFilterSpec: which objects, and which of their properties.</summary>
internal sealed class FilterSpec
{
    private readonly EsxiHost _host;
    private readonly Session _session;
    private readonly List<DataObject> _propertySpecs;
    private readonly List<DataObject> _objectSpecs;
    private readonly Dictionary<string, DataObject> _named = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<PropertyPath>> _pathsOfType = new(StringComparer.Ordinal);

    /// <exception cref="VimFault">InvalidArgument for the name of a selection that does not exist.</exception>
    public FilterSpec(EsxiHost host, Session session, DataObject spec)
    {
        _host = host;
        _session = session;
        Data = spec;
        _propertySpecs = [.. spec.Objects("propSet")];
        _objectSpecs = [.. spec.Objects("objectSet")];
        foreach (var objectSpec in _objectSpecs)
            CollectNames(objectSpec);
        foreach (var objectSpec in _objectSpecs)
            CheckNames(objectSpec);
    }

    public DataObject Data { get; }

    /// <summary>The objects that the spec selects now, each once, in the order of the walk.</summary>
    /// <param name="strict">A missing start object is a fault; otherwise it is left out.</param>
    public List<ManagedObject> Select(bool strict)
    {
        var found = new List<ManagedObject>();
        var visited = new HashSet<(ManagedObject, DataObject)>();
        var reported = new HashSet<ManagedObject>();
        foreach (var spec in _objectSpecs)
        {
            var reference = spec.Ref("obj")!;
            if (_host.Find(reference, _session) is not { } start)
            {
                if (strict && Data.Bool("reportMissingObjectsInResults") != true)
                    throw VimFault.NotFound(reference);
                continue;
            }
            if (spec.Bool("skip") != true && HasProperties(start) && reported.Add(start))
                found.Add(start);
            Walk(start, spec, visited, reported, found);
        }
        return found;
    }

    /// <summary>The paths to read of an object.</summary>
    /// <exception cref="VimFault">InvalidProperty.</exception>
    public IReadOnlyList<PropertyPath> PathsOf(ManagedObject target)
    {
        var type = ManagedType.Of(target);
        if (_pathsOfType.TryGetValue(type.Name, out var paths))
            return paths;

        var names = new List<string>();
        foreach (var spec in _propertySpecs.Where(s => type.Is(s.Text("type")!)))
            names.AddRange(spec.Bool("all") == true ? type.Properties.Keys : spec.Items("pathSet").Cast<string>());
        paths = names.Distinct(StringComparer.Ordinal).Select(name => new PropertyPath(name)).ToList();
        foreach (var path in paths)
            path.Check(type);
        return _pathsOfType[type.Name] = paths;
    }

    private bool HasProperties(ManagedObject target) =>
        _propertySpecs.Exists(s => ManagedType.Of(target).Is(s.Text("type")!));

    private void Walk(
        ManagedObject from, DataObject owner, HashSet<(ManagedObject, DataObject)> visited, HashSet<ManagedObject> reported, List<ManagedObject> found)
    {
        foreach (var selection in owner.Objects("selectSet"))
        {
            var traversal = selection.Is("TraversalSpec") ? selection : _named[selection.Text("name")!];
            var type = ManagedType.Of(from);
            if (!type.Is(traversal.Text("type")!) || !visited.Add((from, traversal)))
                continue;
            var path = new PropertyPath(traversal.Text("path")!);
            path.Check(type);
            foreach (var next in References(path.Read(from)).Select(r => _host.Find(r, _session)).OfType<ManagedObject>())
            {
                if (traversal.Bool("skip") != true && HasProperties(next) && reported.Add(next))
                    found.Add(next);
                Walk(next, traversal, visited, reported, found);
            }
        }
    }

    private static IEnumerable<Mor> References(Any? value) => value switch
    {
        { IsArray: true, Value: IEnumerable<object> items } => items.OfType<Mor>(),
        { Value: Mor reference } => [reference],
        _ => [],
    };

    private void CollectNames(DataObject owner)
    {
        foreach (var selection in owner.Objects("selectSet").Where(s => s.Is("TraversalSpec")))
        {
            if (selection.Text("name") is { Length: > 0 } name)
                _named[name] = selection;
            CollectNames(selection);
        }
    }

    private void CheckNames(DataObject owner)
    {
        foreach (var selection in owner.Objects("selectSet"))
        {
            if (selection.Is("TraversalSpec"))
                CheckNames(selection);
            else if (selection.Text("name") is not { } name || !_named.ContainsKey(name))
                throw VimFault.InvalidArgument("selectSet", $"No TraversalSpec is named '{selection.Text("name")}'.");
        }
    }
}
