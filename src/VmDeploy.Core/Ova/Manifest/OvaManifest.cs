using System.Text.RegularExpressions;

namespace VmDeploy.Ova;

/// <summary>The manifest: a digest for each file of the package (DSP0243 section 5.1).</summary>
public sealed class OvaManifest
{
    // The standard has no spaces; some writers put them before the bracket and around the equals sign.
    private static readonly Regex s_line = new(@"^\s*(?<algorithm>[A-Za-z0-9-]+)\s*\((?<name>.*)\)\s*=\s*(?<hex>[0-9A-Fa-f]+)\s*$", RegexOptions.CultureInvariant);

    private static readonly Dictionary<string, int> s_digestBytes = new()
    {
        ["SHA1"] = 20,
        ["SHA256"] = 32,
        ["SHA384"] = 48,
        ["SHA512"] = 64,
    };

    private readonly Dictionary<string, OvaManifestEntry> _byName;

    private OvaManifest(string name, IReadOnlyList<OvaManifestEntry> entries)
    {
        Name = name;
        Entries = entries;
        // A name that is listed with several algorithms is checked by the strongest.
        _byName = entries.GroupBy(entry => entry.FileName)
            .ToDictionary(group => group.Key, group => group.OrderBy(entry => entry.Digest.Length).Last());
    }

    /// <summary>Its own name in the package.</summary>
    public string Name { get; }

    /// <summary>Its lines, in order.</summary>
    public IReadOnlyList<OvaManifestEntry> Entries { get; }

    /// <summary>Parses a manifest.</summary>
    /// <param name="text">Its text.</param>
    /// <param name="name">Its name in the package.</param>
    /// <exception cref="VmDeployException"><c>OvaManifestInvalid</c> or <c>OvaManifestAlgorithmNotSupported</c>.</exception>
    public static OvaManifest Parse(string text, string name)
    {
        var entries = new List<OvaManifestEntry>();
        var lines = text.Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            if (lines[i].Trim().Length > 0)
                entries.Add(ParseLine(lines[i], $"line {i + 1} of '{name}'", name));
        }
        foreach (var group in entries.GroupBy(entry => (entry.FileName, entry.Algorithm)))
        {
            if (group.Select(entry => entry.Digest).Distinct().Count() > 1)
                throw Invalid(name, $"'{name}' lists two different {group.Key.Algorithm} digests for '{group.Key.FileName}'.");
        }
        return new OvaManifest(name, entries);
    }

    /// <summary>The line that counts for a name, or null.</summary>
    public OvaManifestEntry? Find(string fileName) => _byName.TryGetValue(fileName, out var entry) ? entry : null;

    /// <summary>Splits <c>ALG(name)= hex</c>, the form of manifest and signature lines; null if the line has another form.</summary>
    internal static (string Algorithm, string Name, string Hex)? SplitLine(string line)
    {
        var match = s_line.Match(line);
        return match.Success
            ? (NormalizeAlgorithm(match.Groups["algorithm"].Value), match.Groups["name"].Value.Trim(), match.Groups["hex"].Value.ToLowerInvariant())
            : null;
    }

    // openssl 3 writes SHA2-256(...), and RSA-SHA2-256(...) for a signature.
    private static string NormalizeAlgorithm(string written)
    {
        var name = written.ToUpperInvariant();
        if (name.StartsWith("RSA-", StringComparison.Ordinal))
            name = name.Substring(4);
        return name.Replace("SHA2-", "SHA").Replace("-", "");
    }

    internal static bool IsKnownAlgorithm(string algorithm) => s_digestBytes.ContainsKey(algorithm);

    private static OvaManifestEntry ParseLine(string line, string where, string manifest)
    {
        if (SplitLine(line) is not { } parts)
            throw Invalid(manifest, $"Can't parse {where}: {Shorten(line.Trim())}");
        if (!s_digestBytes.TryGetValue(parts.Algorithm, out var bytes))
        {
            throw new VmDeployException(ErrorCodes.OvaManifestAlgorithmNotSupported,
                $"The digest algorithm {Shorten(parts.Algorithm)} in {where} is not supported.", manifest);
        }
        if (parts.Hex.Length != 2 * bytes)
            throw Invalid(manifest, $"The digest in {where} has {parts.Hex.Length} hex digits, and {parts.Algorithm} has {2 * bytes}.");
        var name = parts.Name;
        while (name.StartsWith("./", StringComparison.Ordinal))
            name = name.Substring(2);
        return new OvaManifestEntry(parts.Algorithm, name, parts.Hex);
    }

    private static string Shorten(string text) => text.Length <= 80 ? text : text.Substring(0, 80) + "...";

    private static VmDeployException Invalid(string manifest, string message) => new(ErrorCodes.OvaManifestInvalid, message, manifest);
}

/// <summary>One line of a manifest.</summary>
/// <param name="Algorithm">SHA1, SHA256, SHA384 or SHA512.</param>
/// <param name="FileName">The name in the package.</param>
/// <param name="Digest">Lower-case hex.</param>
public sealed record OvaManifestEntry(string Algorithm, string FileName, string Digest)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Algorithm}({PrintableText.Escape(FileName)})= {Digest}";
}
