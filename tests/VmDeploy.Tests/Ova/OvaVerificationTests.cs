using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using VmDeploy.Ova;
using VmDeploy.Tests.Support;
using Xunit;

namespace VmDeploy.Tests.Ova;

public sealed class OvaVerificationTests : IDisposable
{
    private static readonly X509Certificate2 s_signer = Signer(DateTimeOffset.UtcNow.AddYears(1));
    private static readonly X509Certificate2 s_otherSigner = Signer(DateTimeOffset.UtcNow.AddYears(1));

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_example_is_intact_and_importable()
    {
        using var package = await OvaPackage.OpenAsync(Repository.Path("examples/tinyVM.ova"), CancellationToken.None);
        Assert.True((await package.VerifyAsync(new Reports(), CancellationToken.None)).IsIntact);
        await package.CheckImportableAsync(CancellationToken.None);
        Assert.Equal(("tinyVM", 32L << 20), (package.Name, package.Descriptor.GetHardware(null).MemoryBytes));
    }

    [Fact]
    public async Task All_that_matches_is_listed_and_progress_counts_all_bytes()
    {
        var builder = new OvaBuilder { Disks = [new("a.vmdk", StreamVmdk.Sample(1)), new("b.vmdk", StreamVmdk.Sample(2, 40))], Gzip = OvaGzip.Silent };
        var reports = new Reports();
        var verification = await VerifyAsync(builder.WriteOva(_folder), reports);
        Assert.True(verification.IsIntact);
        Assert.Equal(["test-vm.ovf", "a.vmdk", "b.vmdk"], verification.Files.Select(file => file.Name));
        Assert.All(verification.Files, file => Assert.Equal((nameof(OvaDigestState.Match), "SHA256"), (file.State, file.Algorithm)));
        Assert.Equal(nameof(OvaSignatureState.Absent), verification.Signature.State);
        var last = reports.All[^1];
        Assert.True(last.IsCompleted);
        Assert.Equal(last.BytesTotal, last.BytesDone);
    }

    [Fact]
    public async Task Every_finding_is_told_at_once()
    {
        var builder = new OvaBuilder
        {
            Disks = [new("a.vmdk", StreamVmdk.Sample(1)), new("b.vmdk", StreamVmdk.Sample(2))],
            OtherFiles = [("c.iso", [1]), ("readme.txt", [2])],
            WrongDigest = "b.vmdk",
            Unlisted = "c.iso",
            // In the manifest and the archive, but not in the descriptor.
            EditDescriptor = xml => xml.Replace("<File ovf:id=\"other2\" ovf:href=\"readme.txt\"/>", ""),
            EditManifest = text => text + $"SHA256(lost.vmdk)= {new string('0', 64)}\n",
        };
        var verification = await VerifyAsync(builder.WriteOva(_folder));
        Assert.False(verification.IsIntact);
        Assert.Equal(
            new Dictionary<string, string>
            {
                ["test-vm.ovf"] = nameof(OvaDigestState.Match),
                ["a.vmdk"] = nameof(OvaDigestState.Match),
                ["b.vmdk"] = nameof(OvaDigestState.Mismatch),
                ["c.iso"] = nameof(OvaDigestState.NotListed),
                ["readme.txt"] = nameof(OvaDigestState.Match),
                ["lost.vmdk"] = nameof(OvaDigestState.Missing),
            },
            verification.Files.ToDictionary(file => file.Name, file => file.State));
        var wrong = verification.Files.Single(file => file.State == nameof(OvaDigestState.Mismatch));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(builder.Disks[1].Content)), wrong.Actual);
        Assert.NotEqual(wrong.Actual, wrong.Expected);
    }

    [Fact]
    public async Task Without_a_manifest_nothing_is_called_intact()
    {
        var verification = await VerifyAsync(new OvaBuilder { Manifest = null }.WriteOva(_folder));
        Assert.False(verification.HasManifest);
        Assert.False(verification.IsIntact);
        Assert.All(verification.Files, file => Assert.Equal(nameof(OvaDigestState.NoManifest), file.State));
    }

    [Fact]
    public async Task A_manifest_of_another_name_counts_when_it_is_the_only_one()
    {
        var ova = new OvaBuilder().ToOva();
        var path = _folder.Write("x.ova", Encoding.Latin1.GetBytes(Encoding.Latin1.GetString(ova)));
        var index = TarIndex.Read(new MemoryStream(ova), path, CancellationToken.None);
        var header = (int)index.Members.Single(entry => entry.Name == "test-vm.mf").Offset - 512;
        "TEST-vx.mf"u8.CopyTo(ova.AsSpan(header));
        TarBlocks.Sign(ova.AsSpan(header, 512));
        _folder.Write("x.ova", ova);
        Assert.True((await VerifyAsync(path)).IsIntact);
    }

    [Theory]
    [InlineData("SHA1")]
    [InlineData("SHA256")]
    [InlineData("SHA512")]
    public async Task A_signature_is_checked_and_its_signer_named(string algorithm)
    {
        var path = new OvaBuilder { Signer = s_signer, Manifest = algorithm }.WriteOva(_folder);
        var signature = (await VerifyAsync(path)).Signature;
        Assert.Equal(nameof(OvaSignatureState.Valid), signature.State);
        Assert.Equal("CN=Publisher", signature.Subject);
        Assert.Equal(s_signer.Thumbprint, signature.Thumbprint);
        Assert.Equal(s_signer.NotAfter, signature.NotAfter);
        Assert.False(signature.IsTrusted);
        Assert.NotNull(signature.Problem);

        using var package = await OvaPackage.OpenAsync(path, CancellationToken.None);
        await package.CheckImportableAsync(CancellationToken.None);
    }

    [Fact]
    public async Task An_expired_signer_is_not_trusted()
    {
        using var signer = Signer(DateTimeOffset.UtcNow.AddDays(-1));
        var signature = (await VerifyAsync(new OvaBuilder { Signer = signer }.WriteOva(_folder))).Signature;
        Assert.Equal(nameof(OvaSignatureState.Valid), signature.State);
        Assert.False(signature.IsTrusted);
    }

    public static TheoryData<string> Forgeries => new("manifest", "other key", "no certificate", "no signature", "garbage certificate", "unknown digest");

    [Theory]
    [MemberData(nameof(Forgeries))]
    public async Task A_signature_that_is_none_is_invalid_and_stops_an_import(string kind)
    {
        var path = new OvaBuilder { Signer = s_signer }.WriteFolder(_folder);
        var certificate = File.ReadAllText(_folder["test-vm.cert"]);
        var changed = kind switch
        {
            "other key" => certificate.Replace(s_signer.ExportCertificatePem(), s_otherSigner.ExportCertificatePem()),
            "no certificate" => certificate.Substring(0, certificate.IndexOf("-----", StringComparison.Ordinal)),
            "no signature" => s_signer.ExportCertificatePem(),
            "garbage certificate" => certificate.Replace("MII", "AAA"),
            "unknown digest" => certificate.Replace("SHA256(", "MD5("),
            _ => certificate,
        };
        File.WriteAllText(_folder["test-vm.cert"], changed);
        if (kind == "manifest")
            File.AppendAllText(_folder["test-vm.mf"], "\n");

        var verification = await VerifyAsync(path);
        Assert.Equal(nameof(OvaSignatureState.Invalid), verification.Signature.State);
        Assert.False(verification.IsIntact);
        using var package = await OvaPackage.OpenAsync(path, CancellationToken.None);
        var error = await Assert.ThrowsAsync<VmDeployException>(() => package.CheckImportableAsync(CancellationToken.None));
        Assert.Equal(ErrorCodes.OvaSignatureInvalid, error.Code);
        Assert.Contains("test-vm.cert", error.Message);
    }

    [SkippableFact]
    public async Task What_openssl_writes_is_understood()
    {
        var openssl = Requires.Tool("openssl");
        var path = new OvaBuilder { Manifest = null }.WriteFolder(_folder);
        string key = _folder["key.pem"], pem = _folder["cert.pem"], mf = _folder["test-vm.mf"];
        await Shell.RunAsync(openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=openssl", "-keyout", key, "-out", pem);
        var digests = await Shell.RunAsync(openssl, "dgst", "-sha512", path, _folder["disk1.vmdk"]);
        File.WriteAllText(mf, digests.Replace(_folder.Path + "/", ""));
        var signature = await Shell.RunAsync(openssl, "dgst", "-sha256", "-hex", "-sign", key, mf);
        File.WriteAllText(_folder["test-vm.cert"], signature.Replace(_folder.Path + "/", "") + File.ReadAllText(pem));

        var verification = await VerifyAsync(path);
        Assert.True(verification.IsIntact);
        Assert.All(verification.Files, file => Assert.Equal((nameof(OvaDigestState.Match), "SHA512"), (file.State, file.Algorithm)));
        Assert.Equal((nameof(OvaSignatureState.Valid), "CN=openssl"), (verification.Signature.State, verification.Signature.Subject));
    }

    [Fact]
    public async Task A_cancelled_verification_stops()
    {
        using var package = await OvaPackage.OpenAsync(new OvaBuilder().WriteOva(_folder), CancellationToken.None);
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => package.VerifyAsync(new Reports(), cancelled.Token));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => OvaPackage.OpenAsync(package.Path, cancelled.Token));
    }

    private static async Task<OvaVerification> VerifyAsync(string path, IProgress<OperationProgress>? progress = null)
    {
        using var package = await OvaPackage.OpenAsync(path, CancellationToken.None);
        return await package.VerifyAsync(progress ?? new Reports(), CancellationToken.None);
    }

    internal static X509Certificate2 Signer(DateTimeOffset notAfter)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=Publisher", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return request.CreateSelfSigned(DateTimeOffset.Parse("2020-01-01", CultureInfo.InvariantCulture), notAfter);
    }

    private sealed class Reports : IProgress<OperationProgress>
    {
        public List<OperationProgress> All { get; } = [];

        public void Report(OperationProgress value) => All.Add(value);
    }
}
