using VmDeploy.Ova;
using Xunit;

namespace VmDeploy.Tests.Ova;

public class OvaManifestTests
{
    private const string Sha1 = "da39a3ee5e6b4b0d3255bfef95601890afd80709";
    private const string Sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    [Theory]
    [InlineData("SHA1(disk.vmdk)= " + Sha1)]
    [InlineData("SHA1 (disk.vmdk) = " + Sha1)]
    [InlineData("sha1(disk.vmdk)=" + Sha1)]
    [InlineData("  SHA1  ( disk.vmdk )  =  " + Sha1 + "  ")]
    [InlineData("SHA-1(./disk.vmdk)= DA39A3EE5E6B4B0D3255BFEF95601890AFD80709")]
    public void Spacing_and_case_of_all_writers_are_understood(string line)
    {
        var manifest = OvaManifest.Parse($"\r\n{line}\r\n\r\n", "x.mf");
        Assert.Equal(new OvaManifestEntry("SHA1", "disk.vmdk", Sha1), manifest.Entries.Single());
    }

    [Theory]
    [InlineData("SHA256(a (copy).vmdk)= " + Sha256, "a (copy).vmdk")]
    [InlineData("SHA2-256(größe.vmdk)= " + Sha256, "größe.vmdk")]
    [InlineData("SHA256(folder/a=b.vmdk)= " + Sha256, "folder/a=b.vmdk")]
    public void Odd_names_are_kept(string line, string name) =>
        Assert.Equal(Sha256, OvaManifest.Parse(line, "x.mf").Find(name)?.Digest);

    [Fact]
    public void The_strongest_digest_of_a_name_counts()
    {
        var manifest = OvaManifest.Parse($"SHA256(a)= {Sha256}\nSHA1(a)= {Sha1}\n", "x.mf");
        Assert.Equal("SHA256", manifest.Find("a")?.Algorithm);
        Assert.Null(manifest.Find("b"));
    }

    [Theory]
    [InlineData("MD5(a)= d41d8cd98f00b204e9800998ecf8427e")]
    [InlineData("BLAKE2B512(a)= 00")]
    public void Unknown_digests_are_refused_by_name(string line)
    {
        var error = Assert.Throws<VmDeployException>(() => OvaManifest.Parse(line, "x.mf"));
        Assert.Equal(ErrorCodes.OvaManifestAlgorithmNotSupported, error.Code);
        Assert.Contains("line 1 of 'x.mf'", error.Message);
        Assert.Contains(line.Substring(0, 3), error.Message);
    }

    [Theory]
    [InlineData("hello")]
    [InlineData("SHA256(a)=")]
    [InlineData("SHA256(a)= 12")]
    [InlineData("SHA1(a)= " + Sha256)]
    [InlineData("SHA1(a)= xx39a3ee5e6b4b0d3255bfef95601890afd80709")]
    public void Lines_that_are_no_digests_are_refused_by_number(string line)
    {
        var error = Assert.Throws<VmDeployException>(() => OvaManifest.Parse($"SHA1(b)= {Sha1}\n{line}", "x.mf"));
        Assert.Equal(ErrorCodes.OvaManifestInvalid, error.Code);
        Assert.Contains("line 2", error.Message);
    }

    [Fact]
    public void Two_digests_of_one_file_contradict_each_other()
    {
        var error = Assert.Throws<VmDeployException>(() => OvaManifest.Parse($"SHA1(a)= {Sha1}\nSHA1(a)= {new string('0', 40)}\n", "x.mf"));
        Assert.Equal(ErrorCodes.OvaManifestInvalid, error.Code);
        OvaManifest.Parse($"SHA1(a)= {Sha1}\nSHA1(a)= {Sha1}\n", "x.mf");
    }

    [Fact]
    public void A_hostile_line_takes_no_time()
    {
        var line = "SHA1(" + string.Concat(Enumerable.Repeat(")= a", 200_000)) + "!";
        Assert.Throws<VmDeployException>(() => OvaManifest.Parse(line, "x.mf"));
        Assert.Throws<VmDeployException>(() => OvaManifest.Parse("SHA1(a)" + new string(' ', 500_000) + "!", "x.mf"));
    }
}
