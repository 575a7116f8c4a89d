using System.Formats.Tar;
using FsCheck;
using FsCheck.Fluent;
using VmDeploy.Ova;
using VmDeploy.Tests.Support;
using Xunit;

namespace VmDeploy.Tests.Ova;

/// <summary>Damaged archives: a clear error, or no effect.</summary>
public sealed class TarDamageTests : IDisposable
{
    private static readonly HashSet<ErrorCode> s_truncationCodes =
        [ErrorCodes.OvaNotATar, ErrorCodes.OvaTruncated, ErrorCodes.OvaFileMissing, ErrorCodes.OvaNoDescriptor];

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string?, bool, TarEntryFormat> Layouts => new()
    {
        { "SHA256", false, TarEntryFormat.Ustar },
        { "SHA256", true, TarEntryFormat.Ustar },
        { "SHA256", true, TarEntryFormat.Pax },
        { null, false, TarEntryFormat.Gnu },
    };

    [Theory]
    [MemberData(nameof(Layouts))]
    public async Task Cut_anywhere_an_archive_is_refused(string? manifest, bool manifestLast, TarEntryFormat format)
    {
        var whole = new OvaBuilder
        {
            Disks = [new("a.vmdk", StreamVmdk.Sample(1, 1)), new("b.vmdk", StreamVmdk.Sample(2, 1))],
            OtherFiles = [(new string('n', 90) + ".nvram", [1, 2, 3])],
            Manifest = manifest,
            ManifestLast = manifestLast,
            Format = format,
        }.ToOva();
        var members = TarIndex.Read(new MemoryStream(whole), "a.ova", CancellationToken.None).Members.ToList();
        var dataEnd = members[^1].Offset + members[^1].Length;

        // Random bytes, and every place around the borders of headers and members.
        var random = new Random(4711);
        var borders = members.SelectMany(member => new[] { member.Offset - 512, member.Offset, member.Offset + member.Length });
        var cuts = Enumerable.Range(0, 200).Select(_ => random.NextInt64(whole.Length))
            .Concat(borders.SelectMany(border => new[] { border - 1, border, border + 1 }))
            .Append(0).Where(cut => cut >= 0 && cut < whole.Length).Distinct();
        foreach (var cut in cuts)
        {
            var path = _folder.Write("cut.ova", whole.AsSpan(0, (int)cut).ToArray());
            var error = await Record.ExceptionAsync(() => UseAsync(path)) switch
            {
                null => null,
                VmDeployException e => e,
                Exception e => throw new InvalidOperationException($"cut at {cut}", e),
            };
            if (error is null)
                Assert.True(cut >= dataEnd, $"cut at {cut} of {whole.Length} went unnoticed");
            else
                Assert.Contains(error.Code, s_truncationCodes);
        }
    }

    [Fact]
    public void One_wrong_byte_in_a_header_gives_an_error_or_the_right_index()
    {
        foreach (var format in new[] { TarEntryFormat.Ustar, TarEntryFormat.Gnu, TarEntryFormat.Pax })
        {
            var whole = Sample(format);
            var expected = Index(whole);
            var headers = HeaderBlocks(whole).SelectMany(block => Enumerable.Range(block, 512)).ToArray();
            Gen<(int At, byte Value)> damage = Gen.Choose(0, headers.Length - 1).SelectMany(at => Gen.Choose(0, 255), (at, value) => (headers[at], (byte)value));
            Prop.ForAll(damage.ToArbitrary(), change =>
            {
                var damaged = (byte[])whole.Clone();
                damaged[change.At] = change.Value;
                return (TryIndex(damaged) ?? expected) == expected;
            }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));
        }
    }

    [Fact]
    public void Wrong_headers_with_the_right_checksum_never_lead_out_of_the_file()
    {
        var whole = Sample(TarEntryFormat.Pax);
        var headers = HeaderBlocks(whole);
        Gen<(int At, byte Value)> change = Gen.Choose(0, whole.Length - 1).SelectMany(at => Gen.Choose(0, 255), (at, value) => (at, (byte)value));
        Prop.ForAll(change.ListOf(20).ToArbitrary(), changes =>
        {
            var damaged = (byte[])whole.Clone();
            foreach ((var at, var value) in changes)
                damaged[at] = value;
            foreach (var block in headers)
                TarBlocks.Sign(damaged.AsSpan(block, 512));
            try
            {
                return TarIndex.Read(new MemoryStream(damaged), "a.ova", CancellationToken.None).Members
                    .All(entry => entry.Offset >= 0 && entry.Length >= 0 && entry.Offset + entry.Length <= damaged.Length);
            }
            catch (VmDeployException)
            {
                return true;
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(3000));
    }

    [Fact]
    public async Task One_wrong_byte_anywhere_is_an_error_or_shows_in_the_verification()
    {
        var whole = new OvaBuilder { Disks = [new("a.vmdk", StreamVmdk.Sample(1, 1))] }.ToOva();
        var members = TarIndex.Read(new MemoryStream(whole), "a.ova", CancellationToken.None).Members.ToList();
        var random = new Random(42);
        for (var i = 0; i < 200; i++)
        {
            var at = random.Next(whole.Length);
            if (!members.Any(member => at >= member.Offset && at < member.Offset + member.Length))
                continue;
            var damaged = (byte[])whole.Clone();
            damaged[at] ^= (byte)random.Next(1, 256);
            var path = _folder.Write("damaged.ova", damaged);
            try
            {
                using var package = await OvaPackage.OpenAsync(path, CancellationToken.None);
                var verification = await package.VerifyAsync(new Progress<OperationProgress>(), CancellationToken.None);
                // The manifest has no digest of itself, and is not case-sensitive.
                var isCase = char.ToLowerInvariant((char)damaged[at]) == char.ToLowerInvariant((char)whole[at]);
                Assert.True(!verification.IsIntact || verification.Files.Any(file => file.State == nameof(OvaDigestState.NotListed)) || isCase, $"byte {at}");
            }
            catch (VmDeployException)
            {
            }
        }
    }

    private static async Task UseAsync(string path)
    {
        using var package = await OvaPackage.OpenAsync(path, CancellationToken.None);
        await package.CheckImportableAsync(CancellationToken.None);
        var verification = await package.VerifyAsync(new Progress<OperationProgress>(), CancellationToken.None);
        Assert.DoesNotContain(verification.Files, file => file.State is not (nameof(OvaDigestState.Match) or nameof(OvaDigestState.NoManifest)));
    }

    private static byte[] Sample(TarEntryFormat format)
    {
        var archive = new MemoryStream();
        using (var writer = new TarWriter(archive, format, leaveOpen: true))
        {
            foreach (var name in new[] { "vm.ovf", format == TarEntryFormat.Ustar ? "disk.vmdk" : new string('d', 120), "vm.mf" })
            {
                TarEntry entry = format switch
                {
                    TarEntryFormat.Pax => new PaxTarEntry(TarEntryType.RegularFile, name),
                    TarEntryFormat.Gnu => new GnuTarEntry(TarEntryType.RegularFile, name),
                    _ => new UstarTarEntry(TarEntryType.RegularFile, name),
                };
                entry.DataStream = new MemoryStream(new byte[700]);
                writer.WriteEntry(entry);
            }
        }
        return archive.ToArray();
    }

    private static List<int> HeaderBlocks(byte[] archive) => Enumerable.Range(0, archive.Length / 512).Select(i => i * 512)
        .Where(at => TarBlocks.IsHeader(archive.AsSpan(at, 512))).ToList();

    private static string? TryIndex(byte[] archive)
    {
        try
        {
            return Index(archive);
        }
        catch (VmDeployException)
        {
            return null;
        }
    }

    private static string Index(byte[] archive) =>
        string.Join('\n', TarIndex.Read(new MemoryStream(archive), "a.ova", CancellationToken.None).Members);
}
