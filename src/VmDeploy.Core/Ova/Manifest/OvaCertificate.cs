using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.RegularExpressions;

namespace VmDeploy.Ova;

/// <summary>
/// The .cert of a package: lines <c>SHA256(name.mf)= hex</c> with an RSA signature over the manifest, then the signer's certificate
/// in PEM, perhaps followed by those of its issuers (DSP0243 section 5.1).
/// </summary>
internal static class OvaCertificate
{
    // One signature per algorithm and a chain of issuers are enough; the bound limits the time of the check.
    private const int Most = 20;

    private static readonly Regex s_pem = new("-----BEGIN CERTIFICATE-----(?<body>[A-Za-z0-9+/=\\s]+)-----END CERTIFICATE-----", RegexOptions.CultureInvariant);

    /// <summary>Checks the signature; the result names what is wrong.</summary>
    public static OvaSignature Check(byte[] content, string name, byte[]? manifest)
    {
        var text = Encoding.ASCII.GetString(content);
        var certificates = new List<X509Certificate2>();
        try
        {
            foreach (var match in s_pem.Matches(text).Cast<Match>().Take(Most + 1))
                certificates.Add(new X509Certificate2(Convert.FromBase64String(match.Groups["body"].Value)));
            return Check(text, name, manifest, certificates);
        }
        catch (Exception e) when (e is CryptographicException or FormatException)
        {
            return Invalid($"'{name}' can't be read: {e.Message}");
        }
        finally
        {
            certificates.ForEach(certificate => certificate.Dispose());
        }
    }

    private static OvaSignature Check(string text, string name, byte[]? manifest, List<X509Certificate2> certificates)
    {
        if (manifest is null)
            return Invalid($"'{name}' exists, but the manifest that it signs is missing");
        if (certificates.Count == 0)
            return Invalid($"'{name}' contains no certificate");

        var signer = certificates[0];
        var described = Describe(signer);
        var pem = text.IndexOf("-----BEGIN", StringComparison.Ordinal);
        var lines = text.Substring(0, pem).Split('\n').Where(line => line.Trim().Length > 0).Select(OvaManifest.SplitLine).ToList();
        if (lines.Count > Most || certificates.Count > Most)
            return described with { Problem = $"'{name}' contains more than {Most} signatures or certificates" };
        if (lines.Count == 0)
            return described with { Problem = $"'{name}' contains no signature" };
        using var key = signer.GetRSAPublicKey();
        if (key is null)
            return described with { Problem = $"the key of the certificate in '{name}' is not RSA" };

        foreach (var line in lines)
        {
            if (line is not { } parts || !OvaManifest.IsKnownAlgorithm(parts.Algorithm))
                return described with { Problem = $"a signature line in '{name}' can't be parsed" };
            if (!key.VerifyData(manifest, FromHex(parts.Hex), new HashAlgorithmName(parts.Algorithm), RSASignaturePadding.Pkcs1))
                return described with { Problem = $"the signature in '{name}' does not belong to the manifest and the certificate" };
        }
        var distrust = FindDistrust(signer, certificates);
        return described with { SignatureState = OvaSignatureState.Valid, IsTrusted = distrust is null, Problem = distrust };
    }

    private static OvaSignature Describe(X509Certificate2 signer) => new(OvaSignatureState.Invalid)
    {
        Subject = signer.Subject,
        Issuer = signer.Issuer,
        Thumbprint = signer.Thumbprint,
        NotBefore = signer.NotBefore,
        NotAfter = signer.NotAfter,
    };

    private static OvaSignature Invalid(string problem) => new(OvaSignatureState.Invalid) { Problem = problem };

    private static string? FindDistrust(X509Certificate2 signer, List<X509Certificate2> others)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        // Fetching an issuer's certificate must not delay the opening of a file.
        chain.ChainPolicy.UrlRetrievalTimeout = TimeSpan.FromSeconds(5);
        foreach (var other in others)
            chain.ChainPolicy.ExtraStore.Add(other);
        return chain.Build(signer) ? null : string.Join("; ", chain.ChainStatus.Select(status => status.StatusInformation.Trim().TrimEnd('.')).Distinct());
    }

    private static byte[] FromHex(string hex)
    {
        var bytes = new byte[hex.Length / 2];
        for (var i = 0; i < bytes.Length; i++)
            bytes[i] = Convert.ToByte(hex.Substring(2 * i, 2), 16);
        return bytes;
    }
}
