using System.Collections.Concurrent;
using System.Reflection;

namespace VmDeploy.Simulator.Esxi.Core;

/// <summary>The members of a managed object type, read once from the attributes of its class.</summary>
internal sealed class ManagedType
{
    private static readonly ConcurrentDictionary<Type, ManagedType> s_types = new();

    private readonly HashSet<string> _lineage;

    private ManagedType(Type type)
    {
        Name = NameOf(type);
        var line = Lineage(type).ToList();
        _lineage = line.Select(NameOf).ToHashSet(StringComparer.Ordinal);

        var methods =
            from method in type.GetMethods(BindingFlags.Public | BindingFlags.Instance)
            let attribute = method.GetCustomAttribute<VimMethodAttribute>(inherit: true)
            where attribute is not null
            select new ManagedMethod(method, attribute);
        Methods = methods.ToDictionary(m => m.Name, StringComparer.Ordinal);

        var set =
            from property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            let attribute = property.GetCustomAttribute<VimPropertyAttribute>(inherit: true)
            where attribute is not null
            select new ManagedProperty(attribute.Name ?? Camel(property.Name), attribute.Type, attribute.IsArray, property);
        var unset = line.SelectMany(t => t.GetCustomAttributes<VimUnsetAttribute>())
            .Select(a => new ManagedProperty(a.Name, a.Type.TrimEnd('*'), a.Type.EndsWith('*'), null));
        Properties = set.Concat(unset).ToDictionary(p => p.Name, StringComparer.Ordinal);
    }

    public string Name { get; }

    public Dictionary<string, ManagedMethod> Methods { get; }

    public Dictionary<string, ManagedProperty> Properties { get; }

    public static ManagedType Of(Type type) => s_types.GetOrAdd(type, static t => new(t));

    public static ManagedType Of(ManagedObject target) => Of(target.GetType());

    /// <summary>It is that type or derives from it.</summary>
    public bool Is(string name) => name == "ManagedObject" || _lineage.Contains(name);

    private static IEnumerable<Type> Lineage(Type type)
    {
        for (var t = type; t is not null && t != typeof(ManagedObject); t = t.BaseType)
            yield return t;
    }

    private static string NameOf(Type type) => type.GetCustomAttribute<VimNameAttribute>(inherit: false)?.Name ?? type.Name;

    private static string Camel(string name) => char.ToLowerInvariant(name[0]) + name[1..];
}
