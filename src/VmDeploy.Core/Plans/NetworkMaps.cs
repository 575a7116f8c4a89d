namespace VmDeploy;

/// <summary>Lookup in the network maps of requests.</summary>
internal static class NetworkMaps
{
    /// <summary>The key of the entry for all networks that the map does not name.</summary>
    public const string Others = "*";

    /// <summary>The network that a map contains for a name, or null.</summary>
    public static string? Find(IReadOnlyDictionary<string, string> map, string name) =>
        map.TryGetValue(name, out var target) || map.TryGetValue(Others, out target) ? target : null;
}
