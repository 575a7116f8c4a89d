using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace VmDeploy.Simulator.Http;

/// <summary>The self-signed certificate that a simulated host shows.</summary>
internal sealed class SimulatorCertificate : IDisposable
{
    public SimulatorCertificate(string commonName)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={commonName}, O=VmDeploy simulator", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var selfSigned = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddYears(5));

        // Through PKCS#12, because Windows can't serve with a key that is only in memory.
        X509 = X509CertificateLoader.LoadPkcs12(selfSigned.Export(X509ContentType.Pkcs12), null);
    }

    public X509Certificate2 X509 { get; }

    /// <summary>64 hex digits.</summary>
    public string Sha256 => X509.GetCertHashString(HashAlgorithmName.SHA256);

    /// <summary>40 hex digits.</summary>
    public string Sha1 => X509.GetCertHashString(HashAlgorithmName.SHA1);

    public void Dispose() => X509.Dispose();
}
