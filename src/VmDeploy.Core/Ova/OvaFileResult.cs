namespace VmDeploy.Ova;

/// <summary>How bytes that were read compare with the manifest.</summary>
public enum OvaDigestState
{
    /// <summary>The digest matches the manifest.</summary>
    Match,

    /// <summary>The digest differs from the manifest.</summary>
    Mismatch,

    /// <summary>The manifest does not list the name.</summary>
    NotListed,

    /// <summary>The package has no manifest.</summary>
    NoManifest,

    /// <summary>The manifest lists the name, but the package lacks the file.</summary>
    Missing,
}

/// <summary>The outcome for one name.</summary>
/// <param name="Name">The name in the package.</param>
/// <param name="DigestState">What the manifest says.</param>
public sealed record OvaFileResult(string Name, OvaDigestState DigestState)
{
    internal OvaDigestState DigestState { get; init; } = DigestState;

    /// <summary>What the manifest says, for example Match (<see cref="OvaDigestState"/>).</summary>
    public string State => DigestState.ToString();

    /// <summary>Digest algorithm as the manifest writes it, for example <c>SHA256</c>.</summary>
    public string? Algorithm { get; init; }

    /// <summary>The manifest's digest, lower-case hex.</summary>
    public string? Expected { get; init; }

    /// <summary>The digest of the stored bytes, lower-case hex.</summary>
    public string? Actual { get; init; }

    internal static OvaFileResult Compare(OvaManifestEntry expected, byte[] digest)
    {
        var actual = BitConverter.ToString(digest).Replace("-", "").ToLowerInvariant();
        return new OvaFileResult(expected.FileName, actual == expected.Digest ? OvaDigestState.Match : OvaDigestState.Mismatch)
        {
            Algorithm = expected.Algorithm,
            Expected = expected.Digest,
            Actual = actual,
        };
    }

    /// <inheritdoc/>
    public override string ToString() => $"{PrintableText.Escape(Name)}: {State}";

    /// <summary>Throws <c>OvaDigestMismatch</c> if the digest differs from the manifest.</summary>
    /// <param name="package">The package, for the message.</param>
    public void ThrowIfMismatch(string package)
    {
        if (DigestState == OvaDigestState.Mismatch)
        {
            throw new VmDeployException(ErrorCodes.OvaDigestMismatch,
                $"'{Name}' of '{package}' has the {Algorithm} digest {Actual}, but the manifest says {Expected}.", Name);
        }
    }
}
