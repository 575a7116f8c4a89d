namespace VmDeploy.Xapi;

/// <summary>The extra configuration of a VM: keys of its maps, written as in xe (<c>platform:KEY</c>, <c>other-config:KEY</c>, <c>xenstore-data:KEY</c>).</summary>
internal static class ExtraMaps
{
    private static readonly Dictionary<string, string> s_maps = new(StringComparer.Ordinal)
    {
        ["platform"] = "platform",
        ["other-config"] = "other_config",
        ["xenstore-data"] = "xenstore_data",
    };

    /// <summary>Refuses a key that no map can have.</summary>
    /// <exception cref="VmDeployException"><c>ValueRefused</c>.</exception>
    public static void Check(IReadOnlyDictionary<string, string> extraConfig)
    {
        foreach (var key in extraConfig.Keys)
            Split(key);
    }

    /// <summary>The maps that change, each with its new value; an empty value removes its key.</summary>
    /// <param name="vm">The VM as it is now.</param>
    /// <param name="extraConfig">The requested entries.</param>
    public static IReadOnlyList<(string Map, Dictionary<string, string> Value)> Merge(XapiRecord vm, IReadOnlyDictionary<string, string> extraConfig) =>
        extraConfig.Select(entry => (Place: Split(entry.Key), entry.Value)).GroupBy(entry => entry.Place.Map, StringComparer.Ordinal).Select(map =>
        {
            var merged = vm.Map(map.Key).ToDictionary(entry => entry.Key, entry => entry.Value);
            foreach (var (place, value) in map)
            {
                if (value.Length == 0)
                    merged.Remove(place.Key);
                else
                    merged[place.Key] = value;
            }
            return (map.Key, merged);
        }).ToList();

    /// <summary>The entries that a VM has of these keys.</summary>
    public static IReadOnlyDictionary<string, string> Read(XapiRecord vm, IEnumerable<string> keys) => keys
        .Select(key => (key, Value: Find(key) is { } place && vm.Map(place.Map).TryGetValue(place.Key, out var value) ? value : null))
        .Where(entry => entry.Value is not null).ToDictionary(entry => entry.key, entry => entry.Value!);

    private static (string Map, string Key) Split(string key) => Find(key) ?? throw new VmDeployException(ErrorCodes.ValueRefused,
        $"'{key}' is not a valid key of the extra configuration on XenServer. Keys are {string.Join(", ", s_maps.Keys.Select(name => $"'{name}:KEY'"))}.", key);

    private static (string Map, string Key)? Find(string key)
    {
        var colon = key.IndexOf(':');
        return colon > 0 && colon < key.Length - 1 && s_maps.TryGetValue(key.Substring(0, colon), out var map) ? (map, key.Substring(colon + 1)) : null;
    }
}
