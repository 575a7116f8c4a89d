using System.Collections.Concurrent;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace VmDeploy.Transfer;

/// <summary>Decides which server certificates one session trusts, and remembers why it refused one.</summary>
internal sealed class CertificatePolicy
{
    private readonly ConcurrentDictionary<string, string> _pins = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, Refusal> _refusals = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, bool> _shown = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, bool> _trusted = new(StringComparer.OrdinalIgnoreCase);
    private readonly bool _skip;

    public CertificatePolicy(ConnectOptions options)
    {
        _skip = options.SkipCertificateCheck;
        if (options.CertificateThumbprint is { } thumbprint)
            _pins[options.BaseAddress.Authority] = Normalize(thumbprint);
    }

    /// <summary>Accepts only this certificate from an address; a reply of the trusted server names it (lease URLs through vCenter).</summary>
    public void Pin(Uri address, string thumbprint) => _pins[address.Authority] = Normalize(thumbprint);

    public bool Accepts(Uri address, X509Certificate2? certificate, SslPolicyErrors errors)
    {
        if (certificate is null)
            return false;
        _shown[address.Authority] = true;
        var accepted = _pins.TryGetValue(address.Authority, out var pin)
            ? pin == (pin.Length == 40 ? certificate.Thumbprint : Sha256(certificate))
            : _skip || errors == SslPolicyErrors.None || _trusted.ContainsKey(Sha256(certificate));
        if (accepted)
            _refusals.TryRemove(address.Authority, out _);
        else
            _refusals[address.Authority] = new Refusal(Sha256(certificate), certificate.Subject, errors, pin);
        return accepted;
    }

    public bool HasShown(Uri address) => _shown.ContainsKey(address.Authority);

    /// <summary>The failure behind a refused TLS handshake with this address, or null if the certificate was not the reason.</summary>
    public VmDeployException? Explain(Uri address, Exception cause)
    {
        if (!_refusals.TryGetValue(address.Authority, out var refusal))
            return null;
        var found = $"{address.Authority} presents the certificate '{refusal.Subject}' with SHA-256 thumbprint {refusal.Thumbprint}";
        return refusal.Pin is null
            ? new VmDeployException(ErrorCodes.CertificateNotTrusted, $"{found}, which is not trusted ({refusal.Errors}).", address.Authority, cause)
            : new VmDeployException(ErrorCodes.CertificateThumbprintMismatch, $"{found}; {refusal.Pin} is expected.", address.Authority, cause);
    }

    /// <summary>Hex digits only, upper case; throws if it is neither SHA-1 nor SHA-256.</summary>
    public static string Normalize(string thumbprint)
    {
        string hex = new(thumbprint.Where(c => c is not (':' or ' ' or '-')).Select(char.ToUpperInvariant).ToArray());
        if (hex.Length is not (40 or 64) || !hex.All(Uri.IsHexDigit))
        {
            throw new VmDeployException(ErrorCodes.CertificateThumbprintInvalid,
                $"'{thumbprint}' is not a valid certificate thumbprint.", thumbprint);
        }
        return hex;
    }

    /// <summary>Accepts a certificate from every address that has no pin of its own; it was received over a trusted channel.</summary>
    public void Trust(X509Certificate2 certificate) => _trusted[Sha256(certificate)] = true;

    private static string Sha256(X509Certificate2 certificate)
    {
        using var sha = SHA256.Create();
        return BitConverter.ToString(sha.ComputeHash(certificate.RawData)).Replace("-", "");
    }

    private sealed record Refusal(string Thumbprint, string Subject, SslPolicyErrors Errors, string? Pin);
}
