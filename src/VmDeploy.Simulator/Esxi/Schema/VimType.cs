namespace VmDeploy.Simulator.Esxi.Schema;

/// <summary>A data object type with its elements, those of its base first.</summary>
internal sealed class VimType
{
    private readonly VimType? _base;
    private readonly Dictionary<string, int> _index;

    public VimType(string name, VimType? @base, IEnumerable<VimField> own)
    {
        Name = name;
        _base = @base;
        Fields = [.. @base?.Fields ?? [], .. own];
        _index = Fields.Select((field, i) => (field.Name, i)).ToDictionary(p => p.Name, p => p.i, StringComparer.Ordinal);
    }

    public string Name { get; }

    /// <summary>All elements in the order of the wire.</summary>
    public IReadOnlyList<VimField> Fields { get; }

    /// <summary>Position of an element, or -1.</summary>
    public int IndexOf(string field) => _index.GetValueOrDefault(field, -1);

    /// <summary>It is that type or derives from it.</summary>
    public bool Is(string name) => Name == name || (_base?.Is(name) ?? false);

    public override string ToString() => Name;
}
