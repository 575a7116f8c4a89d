using System.Collections.Concurrent;

namespace VmDeploy;

/// <summary>What the running operations of a session have created so far: it remains on the host if the process ends now.</summary>
public sealed class UnfinishedWork
{
    private readonly ConcurrentDictionary<object, string> _items = new();

    /// <summary>Descriptions, for example <c>VM 'web1'</c>, by name.</summary>
    public IReadOnlyList<string> Items => _items.Values.OrderBy(item => item, System.StringComparer.Ordinal).ToList();

    internal void Add(object key, string what) => _items[key] = what;

    internal void Remove(object key) => _items.TryRemove(key, out _);

    /// <inheritdoc/>
    public override string ToString() => PrintableText.Escape(string.Join(", ", Items));
}
