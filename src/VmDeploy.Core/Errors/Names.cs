namespace VmDeploy;

/// <summary>Lists of names for messages: quoted, sorted, cut after ten.</summary>
public static class Names
{
    private const int Most = 10;

    /// <summary><c>'a', 'b'</c>, or <c>'a', ..., 'j' and 12 more</c>.</summary>
    public static string List(IEnumerable<string> names)
    {
        var all = names.Distinct().OrderBy(name => name, StringComparer.OrdinalIgnoreCase).ToList();
        var shown = string.Join(", ", all.Take(Most).Select(name => $"'{name}'"));
        return all.Count > Most ? $"{shown} and {all.Count - Most} more" : shown;
    }

    /// <summary><c>Available: 'a', 'b'.</c>, or for an empty list the sentence <paramref name="none"/>.</summary>
    public static string Available(IEnumerable<string> names, string none = "None is available.") =>
        List(names) is { Length: > 0 } list ? $"Available: {list}." : none;
}
