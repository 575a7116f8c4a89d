namespace VmDeploy.Ova;

/// <summary>What a full check of a package found.</summary>
/// <param name="HasManifest">False if nothing could be compared.</param>
/// <param name="Files">An outcome for the descriptor, each stored part, and each name that only the manifest has.</param>
/// <param name="Signature">The outcome of the signature check.</param>
public sealed record OvaVerification(bool HasManifest, IReadOnlyList<OvaFileResult> Files, OvaSignature Signature)
{
    /// <summary>A digest differs, a file is missing, or the signature is invalid.</summary>
    public bool IsDamaged =>
        Files.Any(file => file.DigestState is OvaDigestState.Mismatch or OvaDigestState.Missing) || Signature.SignatureState == OvaSignatureState.Invalid;

    /// <summary>The manifest lists every file, every digest matches, and no signature is invalid.</summary>
    public bool IsIntact => HasManifest && !IsDamaged && Files.All(file => file.DigestState == OvaDigestState.Match);
}
