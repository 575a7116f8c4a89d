using System.Collections.ObjectModel;

namespace VmDeploy;

/// <summary>A list of an object that users see, whose text is that of its items: Export-Csv writes the text of each property.</summary>
internal sealed class TextList<T>(IList<T> items) : ReadOnlyCollection<T>(items)
{
    public override string ToString() => string.Join(", ", this);
}

internal static class TextList
{
    public static IReadOnlyList<T> AsText<T>(this IEnumerable<T> items) => new TextList<T>([.. items]);
}
