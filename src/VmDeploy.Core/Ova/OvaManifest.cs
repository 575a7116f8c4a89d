using System.Collections.Generic;

namespace VmDeploy.Ova;

/// <summary>The manifest: a digest for each file of the package (DSP0243 section 5.1).</summary>
public sealed class OvaManifest
{
    private OvaManifest(string name, IReadOnlyList<OvaManifestEntry> entries)
    {
        Name = name;
        Entries = entries;
    }

    /// <summary>Its own name in the package.</summary>
    public string Name { get; }

    /// <summary>Its lines, in order.</summary>
    public IReadOnlyList<OvaManifestEntry> Entries { get; }
}

/// <summary>One line of a manifest.</summary>
/// <param name="Algorithm">SHA1, SHA256, SHA384 or SHA512.</param>
/// <param name="FileName">The name in the package.</param>
/// <param name="Digest">Lower-case hex.</param>
public sealed record OvaManifestEntry(string Algorithm, string FileName, string Digest);
