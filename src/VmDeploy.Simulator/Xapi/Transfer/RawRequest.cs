namespace VmDeploy.Simulator.Xapi;

/// <summary>The head of a request that is read without Kestrel.</summary>
/// <param name="Target">Path and query.</param>
/// <param name="Query">The query's members, decoded.</param>
/// <param name="Headers">By name, which is not case-sensitive.</param>
internal sealed record RawRequest(string Target, IReadOnlyDictionary<string, string> Query, IReadOnlyDictionary<string, string> Headers)
{
    public static RawRequest Parse(string head)
    {
        var lines = head.Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var target = lines[0].Split(' ')[1];
        var headers = lines.Skip(1).Select(line => line.Split(':', 2)).Where(h => h.Length == 2)
            .ToDictionary(h => h[0].Trim(), h => h[1].Trim(), StringComparer.OrdinalIgnoreCase);
        var query = target[(target.IndexOf('?', StringComparison.Ordinal) + 1)..].Split('&').Select(pair => pair.Split('=', 2)).Where(p => p.Length == 2)
            .ToDictionary(p => Uri.UnescapeDataString(p[0]), p => Uri.UnescapeDataString(p[1]));
        return new RawRequest(target, query, headers);
    }
}
