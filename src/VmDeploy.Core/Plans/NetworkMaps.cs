namespace VmDeploy;

internal static class NetworkMaps
{
    /// <summary>The key of the entry for all networks that the map does not name.</summary>
    public const string Others = "*";

    public static string? Find(IReadOnlyDictionary<string, string> map, string name) =>
        map.TryGetValue(name, out var target) || map.TryGetValue(Others, out target) ? target : null;
}
