using System.Collections.Concurrent;

namespace VmDeploy.Simulator.Esxi.Schema;

/// <summary>The official schema, from the embedded table that make_table.py has written.</summary>
internal static class VimSchema
{
    public const string Namespace = "urn:vim25";

    private static readonly Dictionary<string, string> s_typeLines = new(StringComparer.Ordinal);
    private static readonly Dictionary<string, string> s_methodLines = new(StringComparer.Ordinal);
    private static readonly Dictionary<string, HashSet<string>> s_enums = new(StringComparer.Ordinal);
    private static readonly ConcurrentDictionary<string, VimType?> s_types = new(StringComparer.Ordinal);
    private static readonly ConcurrentDictionary<string, VimMethod?> s_methods = new(StringComparer.Ordinal);
    private static readonly ConcurrentDictionary<(string Type, string Field), bool> s_fieldsBelow = new();

    static VimSchema()
    {
        using var table = new StreamReader(typeof(VimSchema).Assembly.GetManifestResourceStream("vim25.txt")!);
        while (table.ReadLine() is { } line)
        {
            switch (line[0])
            {
                case '#':
                    break;
                case '@':
                    var words = line[1..].Split(' ');
                    s_enums[words[0]] = new(words.Skip(1), StringComparer.Ordinal);
                    break;
                case '!':
                    s_methodLines[line[1..Separator(line)]] = line;
                    break;
                default:
                    s_typeLines[line[..line.IndexOf(':', StringComparison.Ordinal)]] = line;
                    break;
            }
        }
    }

    /// <summary>The data object type, or null if no type has that name.</summary>
    public static VimType? FindType(string name) =>
        s_types.GetOrAdd(name, static n => s_typeLines.TryGetValue(n, out var line) ? ParseType(line) : null);

    /// <inheritdoc cref="FindType"/>
    public static VimType Type(string name) =>
        FindType(name) ?? throw new InvalidOperationException($"The schema has no type {name}.");

    /// <summary>The method with that wire name, or null.</summary>
    public static VimMethod? FindMethod(string name) =>
        s_methods.GetOrAdd(name, static n => s_methodLines.TryGetValue(n, out var line) ? ParseMethod(line) : null);

    /// <summary>The values of an enumeration, or null if the name is not that of one.</summary>
    public static IReadOnlySet<string>? FindEnum(string name) => s_enums.GetValueOrDefault(name);

    /// <summary>Some type that derives from <paramref name="type"/> has the element.</summary>
    public static bool IsFieldBelow(string type, string field) =>
        s_fieldsBelow.GetOrAdd((type, field), static key => s_typeLines
            .Where(line => line.Value.Contains($" {key.Field}", StringComparison.Ordinal))
            .Select(line => Type(line.Key))
            .Any(t => t.Is(key.Type) && t.IndexOf(key.Field) >= 0));

    /// <summary>Name of the type that boxes an array, for example ArrayOfString.</summary>
    public static string ArrayName(string element) => "ArrayOf" + char.ToUpperInvariant(element[0]) + element[1..];

    /// <summary>The element type of an ArrayOf type, or null if the name is not that of one.</summary>
    public static string? ArrayElement(string name)
    {
        if (!name.StartsWith("ArrayOf", StringComparison.Ordinal))
            return null;
        var element = name["ArrayOf".Length..];
        return s_typeLines.ContainsKey(element) || s_enums.ContainsKey(element) ? element
            : Primitive.IsPrimitive(char.ToLowerInvariant(element[0]) + element[1..]) ? char.ToLowerInvariant(element[0]) + element[1..]
            : null;
    }

    private static int Separator(string line) => line.IndexOf(' ', StringComparison.Ordinal);

    private static VimType ParseType(string line)
    {
        var words = line.Split(' ');
        var names = words[0].Split(':');
        var fields = words.Skip(1).Select(ParseField);
        return names[1].Length == 0 || Primitive.IsPrimitive(names[1])
            ? new(names[0], null, fields)
            : new(names[0], Type(names[1]), fields);
    }

    private static VimMethod ParseMethod(string line)
    {
        var words = line[1..].Split(' ');
        return new(words[0], Type(words[1]), words.Length > 2 ? ParseField(words[2]) : null);
    }

    private static VimField ParseField(string word)
    {
        var equals = word.IndexOf('=', StringComparison.Ordinal);
        var mark = word[equals - 1];
        var hasMark = mark is '?' or '*' or '+';
        var typeAndSince = word[(equals + 1)..].Split('@');
        return new(
            word[..(hasMark ? equals - 1 : equals)],
            typeAndSince[0],
            IsOptional: mark is '?' or '*',
            IsArray: mark is '*' or '+',
            typeAndSince.Length > 1 ? Version.Parse(typeAndSince[1]) : null);
    }
}
