namespace VmDeploy.Ova;

/// <summary>Whether the manifest is signed.</summary>
public enum OvaSignatureState
{
    /// <summary>The package has no certificate file.</summary>
    Absent,

    /// <summary>The signature matches the manifest and the certificate; <see cref="OvaSignature.IsTrusted"/> says whether the signer is trusted.</summary>
    Valid,

    /// <summary>The signature does not match; see <see cref="OvaSignature.Problem"/>.</summary>
    Invalid,
}

/// <summary>The signature over the manifest (the <c>.cert</c> of the package).</summary>
/// <param name="SignatureState">The outcome.</param>
public sealed record OvaSignature(OvaSignatureState SignatureState)
{
    internal OvaSignatureState SignatureState { get; init; } = SignatureState;

    /// <summary>The outcome: Absent, Valid or Invalid (<see cref="OvaSignatureState"/>).</summary>
    public string State => SignatureState.ToString();

    /// <summary>Subject of the signing certificate.</summary>
    public string? Subject { get; init; }

    /// <summary>Issuer of the signing certificate.</summary>
    public string? Issuer { get; init; }

    /// <summary>SHA-1 thumbprint, hex.</summary>
    public string? Thumbprint { get; init; }

    /// <summary>Start of validity.</summary>
    public DateTime? NotBefore { get; init; }

    /// <summary>End of validity.</summary>
    public DateTime? NotAfter { get; init; }

    /// <summary>The certificate is valid today and leads to a root that this machine trusts. Revocation is not checked.</summary>
    public bool IsTrusted { get; init; }

    /// <summary>Why the signature is invalid or the certificate not trusted; null if neither.</summary>
    public string? Problem { get; init; }

    /// <summary>Throws <c>OvaSignatureInvalid</c> when the signature is invalid; an absent or untrusted one passes.</summary>
    public void ThrowIfInvalid()
    {
        if (SignatureState == OvaSignatureState.Invalid)
            throw new VmDeployException(ErrorCodes.OvaSignatureInvalid, $"The signature of the package is invalid: {Problem}.");
    }

    /// <inheritdoc/>
    public override string ToString() => PrintableText.Escape(Subject is null ? State : $"{State}, {Subject}");
}
