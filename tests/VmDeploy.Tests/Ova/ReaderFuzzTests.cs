using System.Diagnostics;
using System.Formats.Tar;
using System.Globalization;
using System.Text;
using VmDeploy.CloudInit;
using VmDeploy.Ova;
using VmDeploy.Tests.Support;
using VmDeploy.Vmdk;
using Xunit;

namespace VmDeploy.Tests.Ova;

/// <summary>
/// Damaged and random input for every reader, from fixed seeds: the only failure is a typed error, in bounded time and memory.
/// <c>VMDEPLOY_FUZZ=100000 dotnet test --filter ReaderFuzz</c> takes that many inputs for each reader instead of a few hundred.
/// </summary>
public sealed class ReaderFuzzTests : IDisposable
{
    private const long MaxBytes = 256L << 20;

    private static readonly TimeSpan s_bound = TimeSpan.FromSeconds(20);
    private static readonly int s_inputs = int.TryParse(Environment.GetEnvironmentVariable("VMDEPLOY_FUZZ"), NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : 500;

    private static readonly string[] s_words =
    [
        "\0", "\n", "<", ">", "</", "/>", "\"", "'", "&#0;", "&amp;", "<!--", "-->", "<![CDATA[", "]]>", "<!DOCTYPE a>", "<?xml version='1.0'?>", "${a}", "byte * 2^99",
        "ovf:size=\"-1\"", "9223372036854775807", "-1", "99999999999999999999", "ValueMap{\"a\"", "MinLen(5)", "../", "/", "SHA256(", ")= ", "SHA1(a)= 00", "\u001b[31m", "\u202e", "日本",
        "-----BEGIN CERTIFICATE-----", "30 path=", "GNU.sparse.size=1", "\u0080\0\0\0", "KDMV", "CD001", "parentCID=1",
    ];

    private static readonly string[] s_archives = ["vm.zip", "files.zip", "vm.7z", "files.7z", "vm.tar.gz", "vm.ova.xz", "files.tar.xz", "vm.tar.zst", "vm.tar.bz2"];

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Tar()
    {
        var archives = new[] { TarEntryFormat.Ustar, TarEntryFormat.Pax, TarEntryFormat.Gnu }.Select(format => SmallOva(format)).ToList();
        Fuzz(archives, (input, random) =>
        {
            for (var at = 0; random.Next(2) == 0 && at + 512 <= input.Length; at += 512)
                TarBlocks.Sign(input.AsSpan(at, 512));
            foreach (var member in TarIndex.Read(new MemoryStream(input), "a.ova", CancellationToken.None).Members)
                Assert.InRange(member.Offset + member.Length, member.Offset, input.Length);
        });
    }

    [Fact]
    public void Package() => Fuzz([SmallOva(TarEntryFormat.Ustar), SmallOva(TarEntryFormat.Gnu)], (input, _) =>
    {
        using var package = OvaPackage.OpenAsync(_folder.Write("a.ova", input), CancellationToken.None).GetAwaiter().GetResult();
        package.CheckImportableAsync(CancellationToken.None).GetAwaiter().GetResult();
        package.VerifyAsync(new Progress<OperationProgress>(), CancellationToken.None).GetAwaiter().GetResult();
    });

    [SkippableFact]
    public void Archive()
    {
        var package = new OvaBuilder { Disks = [new("d.vmdk", StreamVmdk.Sample(1, 1))] };
        var archives = s_archives.Select(name => File.ReadAllBytes(Archives.Pack(_folder, name, package))).ToList();
        Fuzz(archives, (input, _) =>
        {
            using var opened = OvaPackage.OpenAsync(_folder.Write("a.archive", input), CancellationToken.None).GetAwaiter().GetResult();
            opened.CheckImportableAsync(CancellationToken.None).GetAwaiter().GetResult();
            opened.VerifyAsync(new Progress<OperationProgress>(), CancellationToken.None).GetAwaiter().GetResult();
        });
    }

    [Fact]
    public void Adapted_OVF() => Fuzz([.. new[] { ForeignOvf.VirtualBox, ForeignOvf.Version09, ForeignOvf.Version2(ForeignOvf.VirtualBox, ownNamespace: true), ForeignOvf.XenOrchestra(6) }.Select(Encoding.UTF8.GetBytes)], (input, _) =>
    {
        var xml = OvfText.Decode(input, "a.ovf");
        OvfDescriptor.Parse(xml, "a.ovf");
        var adapted = OvfAdapter.ForVsphere(xml, "a.ovf", 19);
        OvfDescriptor.Parse(adapted.Xml, "a.ovf");
        OvfAdapter.ForXenServer(xml, "a.ovf");
    });

    [Fact]
    public void Ovf()
    {
        var builder = new OvaBuilder
        {
            ProductSections = "<ProductSection ovf:class='c'><Info/><Property ovf:key='a' ovf:type='string' ovf:qualifiers='MinLen(1) ValueMap{\"x\",\"y\"}' ovf:userConfigurable='true'/></ProductSection>",
            EnvelopeSections = "<DeploymentOptionSection><Info/><Configuration ovf:id='s'><Label>S</Label></Configuration></DeploymentOptionSection>",
        };
        Fuzz([builder.Entries()[0].Content], (input, _) =>
        {
            var ovf = OvfDescriptor.Parse(OvfText.Decode(input, "a.ovf"), "a.ovf");
            ovf.GetHardware(null);
            ovf.ResolveProperties(new Dictionary<string, string> { ["a"] = "x" }, null);
        });
    }

    [Fact]
    public void Manifest() => Fuzz([new OvaBuilder().Entries()[1].Content], (input, _) => OvaManifest.Parse(Encoding.UTF8.GetString(input), "a.mf"));

    [Fact]
    public void Certificate()
    {
        using var signer = OvaVerificationTests.Signer(DateTimeOffset.UtcNow.AddYears(1));
        var entries = new OvaBuilder { Signer = signer }.Entries();
        Fuzz([entries[2].Content], (input, _) => OvaCertificate.Check(input, "a.cert", entries[1].Content));
    }

    [Fact]
    public void Property_values()
    {
        string[] types = ["string", "boolean", "uint8", "sint16", "uint32", "uint64", "sint64", "real32", "ip", "unknown"];
        Fuzz(["1"u8.ToArray(), "true"u8.ToArray(), "10.0.0.1"u8.ToArray(), "fe80::1"u8.ToArray(), "-1.5e300"u8.ToArray()], (input, random) =>
            new OvfProperty("k", types[random.Next(types.Length)]) { MinLength = 1, MaxLength = 100 }.Validate(Encoding.UTF8.GetString(input)));
    }

    [Fact]
    public void Stream_optimized_VMDK() => Fuzz([StreamVmdk.Sample(1, 1), StreamVmdk.Sample(2, 3)], (input, _) => ReadAll(new StreamOptimizedReader(new MemoryStream(input), "a.vmdk")));

    [Fact]
    public void Raw_image() => Fuzz([new byte[200_000], StreamVmdk.Sample(1, 1)], (input, _) => ReadAll(new RawReader(new MemoryStream(input))));

    [Fact]
    public void Iso()
    {
        var iso = new byte[40_000];
        "CD001"u8.CopyTo(iso.AsSpan(32_769));
        Fuzz([iso], (input, _) => IsoImage.IsIso(new MemoryStream(input)));
    }

    [Fact]
    public void Cloud_init() => Fuzz(["#cloud-config\nhostname: a\n"u8.ToArray(), "{\"instance-id\": \"a\"}"u8.ToArray()], (input, _) =>
    {
        var text = Encoding.UTF8.GetString(input);
        var documents = CloudInitDocuments.Create(new CloudInitData { UserData = text, MetaData = text, NetworkConfig = text }, "host", 1, "id");
        NoCloudDrive.BuildDisk(documents);
        NoCloudDrive.BuildIso(documents);
        GuestinfoValues.Encode(documents);
    });

    private static void ReadAll(IBlockReader reader)
    {
        while (reader.ReadAsync(CancellationToken.None).GetAwaiter().GetResult())
        {
        }
    }

    private static byte[] SmallOva(TarEntryFormat format) =>
        new OvaBuilder { Disks = [new("d.vmdk", StreamVmdk.Sample(1, 1))], OtherFiles = [(new string('n', 90) + ".nvram", [1, 2, 3])], Format = format }.ToOva();

    private static void Fuzz(IReadOnlyList<byte[]> samples, Action<byte[], Random> read)
    {
        for (var i = 0; i < s_inputs; i++)
        {
            var random = new Random(i);
            var input = Mutate(samples[random.Next(samples.Count)], random);
            var watch = Stopwatch.StartNew();
            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                read(input, random);
            }
            catch (VmDeployException e)
            {
                Assert.True(e.Code != ErrorCodes.UnexpectedFailure, $"input {i}: {e}");
            }
            catch (Exception e)
            {
                Assert.Fail($"input {i}: {e}");
            }
            Assert.True(watch.Elapsed < s_bound, $"input {i} took {watch.Elapsed}");
            Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < MaxBytes, $"input {i} took {GC.GetAllocatedBytesForCurrentThread() - before} bytes");
        }
    }

    private static byte[] Mutate(byte[] sample, Random random)
    {
        var bytes = new List<byte>(sample);
        for (var changes = random.Next(1, 8); changes > 0 && bytes.Count > 0; changes--)
        {
            // Half of the changes are at the start, where the headers are.
            var at = random.Next(random.Next(2) == 0 ? bytes.Count : Math.Min(bytes.Count, 1024));
            var length = Math.Min(random.Next(1, 40), bytes.Count - at);
            switch (random.Next(7))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 2:
                    bytes.RemoveRange(at, length);
                    break;
                case 3:
                    bytes.InsertRange(at, bytes.GetRange(at, length));
                    break;
                case 4:
                    bytes.InsertRange(at, Encoding.UTF8.GetBytes(s_words[random.Next(s_words.Length)]));
                    break;
                case 5:
                    var word = Encoding.UTF8.GetBytes(s_words[random.Next(s_words.Length)]);
                    for (var j = 0; j < word.Length && at + j < bytes.Count; j++)
                        bytes[at + j] = word[j];
                    break;
                default:
                    if (random.Next(4) == 0)
                        bytes.RemoveRange(at, bytes.Count - at);
                    break;
            }
        }
        return [.. bytes];
    }
}
