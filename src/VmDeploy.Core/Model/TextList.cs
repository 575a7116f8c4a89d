using System.Collections.ObjectModel;

namespace VmDeploy;

/// <summary>A list of an object that users see, whose text is that of its items: Export-Csv writes the text of each property.</summary>
internal sealed class TextList<T>(IList<T> items) : ReadOnlyCollection<T>(items)
{
    public override string ToString() => string.Join(", ", this);
}

/// <summary>The same for a map: <c>small=1, large=4</c>.</summary>
internal sealed class TextMap(IDictionary<string, string> items) : ReadOnlyDictionary<string, string>(items)
{
    public override string ToString() => string.Join(", ", this.Select(item => $"{item.Key}={item.Value}"));
}

internal static class TextList
{
    public static IReadOnlyList<T> AsText<T>(this IEnumerable<T> items) => new TextList<T>([.. items]);
}
