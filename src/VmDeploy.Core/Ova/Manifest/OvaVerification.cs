namespace VmDeploy.Ova;

/// <summary>What a full check of a package found.</summary>
/// <param name="HasManifest">False if nothing could be compared.</param>
/// <param name="Files">An outcome for the descriptor, each stored part, and each name that only the manifest has.</param>
/// <param name="Signature">The outcome of the signature check.</param>
public sealed record OvaVerification(bool HasManifest, IReadOnlyList<OvaFileResult> Files, OvaSignature Signature)
{
    /// <summary>Every digest matches, nothing is missing, and no signature is invalid.</summary>
    public bool IsIntact =>
        HasManifest && Files.All(file => file.State is OvaDigestState.Match or OvaDigestState.NotListed)
        && Signature.State != OvaSignatureState.Invalid;
}
