using System.Text;
using VmDeploy.Ova;
using VmDeploy.Tests.Support;
using Xunit;

namespace VmDeploy.Tests.Ova;

public sealed class OvaPackageTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("SHA1", false)]
    [InlineData("SHA256", false)]
    [InlineData("SHA256", true)]
    [InlineData("SHA384", false)]
    [InlineData("SHA512", true)]
    [InlineData(null, false)]
    public async Task An_archive_opens_and_gives_its_bytes_with_matching_digests(string? manifest, bool manifestLast)
    {
        byte[] iso = [1, 2, 3, 4, 5];
        var builder = new OvaBuilder
        {
            Disks = [new("a.vmdk", StreamVmdk.Sample(1)), new("b.vmdk", StreamVmdk.Sample(2))],
            OtherFiles = [("tools.iso", iso), ("empty.nvram", [])],
            Manifest = manifest,
            ManifestLast = manifestLast,
        };
        using var package = await OpenAsync(builder.WriteOva(_folder));

        Assert.Equal("test-vm", package.Name);
        Assert.Equal(["a.vmdk", "b.vmdk", "tools.iso", "empty.nvram"], package.Files.Select(file => file.Href));
        Assert.Equal([true, true, false, false], package.Files.Select(file => file.IsDisk));
        var expected = manifest is null ? OvaDigestState.NoManifest : OvaDigestState.Match;
        foreach ((var file, var content) in package.Files.Zip([builder.Disks[0].Content, builder.Disks[1].Content, iso, []]))
        {
            Assert.Equal(content.Length, file.Length);
            (var read, var results) = await ReadAsync(package, file);
            Assert.Equal(content, read);
            Assert.Equal(new OvaFileResult(file.Href, expected), results.Single() with { Algorithm = null, Expected = null, Actual = null });
        }
        await package.CheckImportableAsync(CancellationToken.None);
    }

    [Fact]
    public async Task A_descriptor_in_a_folder_opens_with_its_files()
    {
        var builder = new OvaBuilder { Disks = [new("disks/a disk.vmdk", StreamVmdk.Sample())] };
        using var package = await OpenAsync(builder.WriteFolder(_folder));

        (var read, var results) = await ReadAsync(package, package.Files.Single());
        Assert.Equal(builder.Disks[0].Content, read);
        Assert.Equal(nameof(OvaDigestState.Match), results.Single().State);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Parts_are_joined_and_each_is_checked(bool inArchive)
    {
        var builder = new OvaBuilder { ChunkSize = 50_000 };
        using var package = await OpenAsync(inArchive ? builder.WriteOva(_folder) : builder.WriteFolder(_folder));

        var file = package.Files.Single();
        Assert.Equal(builder.Disks[0].Content.Length, file.Length);
        (var read, var results) = await ReadAsync(package, file);
        Assert.Equal(builder.Disks[0].Content, read);
        Assert.True(results.Count > 2);
        Assert.All(results, result => Assert.Equal(nameof(OvaDigestState.Match), result.State));
        Assert.Equal("disk1.vmdk.000000001", results[1].Name);
    }

    [Theory]
    [InlineData(10_000_000, "disk1.vmdk.000000000")]
    [InlineData(50_000, "disk1.vmdk.000000001")]
    [InlineData(50_000, "disk1.vmdk.000000003")]
    public async Task A_lost_part_is_missed_also_when_it_is_the_last(int chunkSize, string lost)
    {
        var path = new OvaBuilder { ChunkSize = chunkSize, Omit = lost }.WriteOva(_folder);
        var error = await FailsAsync(path, ErrorCodes.OvaFileMissing);
        Assert.Contains(lost, error.Message);
    }

    [Fact]
    public async Task A_part_that_is_too_short_is_refused()
    {
        var path = new OvaBuilder { ChunkSize = 50_000, Manifest = null }.WriteFolder(_folder);
        using (var part = File.OpenWrite(_folder["disk1.vmdk.000000001"]))
            part.SetLength(49_999);
        await FailsAsync(path, ErrorCodes.OvaTruncated);
    }

    [Theory]
    [InlineData(OvaGzip.Declared, null)]
    [InlineData(OvaGzip.Silent, null)]
    [InlineData(OvaGzip.Declared, 50_000)]
    public async Task Gzip_is_inflated_and_its_stored_bytes_are_checked(object gzip, int? chunkSize)
    {
        var builder = new OvaBuilder { Gzip = (OvaGzip)gzip, ChunkSize = chunkSize };
        using var package = await OpenAsync(builder.WriteOva(_folder));

        var file = package.Files.Single();
        Assert.True(file.IsGzip);
        Assert.Null(file.Length);
        Assert.Equal(builder.Disks[0].Content.Length, await package.GetLengthAsync(file, CancellationToken.None));
        (var read, var results) = await ReadAsync(package, file);
        Assert.Equal(builder.Disks[0].Content, read);
        Assert.All(results, result => Assert.Equal(nameof(OvaDigestState.Match), result.State));
        await package.CheckImportableAsync(CancellationToken.None);
    }

    [Fact]
    public async Task A_reader_that_stops_at_the_length_still_gets_the_digest_of_the_gzip_trailer()
    {
        var builder = new OvaBuilder { Gzip = OvaGzip.Declared };
        using var package = await OpenAsync(builder.WriteOva(_folder));
        using var stream = package.OpenFile(package.Files[0]);
        var content = new byte[builder.Disks[0].Content.Length];
        stream.ReadExactly(content);
        Assert.Equal(nameof(OvaDigestState.Match), (await stream.CompleteAsync(CancellationToken.None)).Single().State);
    }

    [Fact]
    public async Task A_gzip_file_that_is_no_disk_is_sent_as_it_is()
    {
        byte[] gz = [0x1F, 0x8B, 8, 0, 1, 2, 3];
        using var package = await OpenAsync(new OvaBuilder { OtherFiles = [("logs.tgz", gz)] }.WriteOva(_folder));
        Assert.Equal(gz, (await ReadAsync(package, package.Files[1])).Content);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(1000)]
    public async Task Gzip_that_ends_early_is_no_whole_file(int cut)
    {
        var builder = new OvaBuilder { Gzip = OvaGzip.Declared, Manifest = null };
        var path = builder.WriteFolder(_folder);
        using (var disk = File.OpenWrite(_folder["disk1.vmdk"]))
            disk.SetLength(disk.Length - cut);
        using var package = await OpenAsync(path);
        var error = await Assert.ThrowsAsync<VmDeployException>(() => ReadAsync(package, package.Files[0]));
        Assert.Equal(ErrorCodes.OvaCompressedFileDamaged, error.Code);
        Assert.Throws<VmDeployException>(() => package.OpenFile(package.Files[0]).CopyTo(Stream.Null));
    }

    [Fact]
    public async Task Synchronous_and_odd_sized_reads_give_the_same()
    {
        var builder = new OvaBuilder { ChunkSize = 70_001 };
        using var package = await OpenAsync(builder.WriteOva(_folder));
        using var stream = package.OpenFile(package.Files[0]);
        var copy = new MemoryStream();
        var buffer = new byte[4099];
        Assert.Equal(0, stream.Read(buffer, 0, 0));
        for (int read; (read = stream.Read(buffer, 7, buffer.Length - 7)) > 0;)
            copy.Write(buffer, 7, read);
        Assert.Equal(builder.Disks[0].Content, copy.ToArray());
        Assert.Equal(stream.StoredPosition, package.Files[0].StoredLength);
        Assert.All(await stream.CompleteAsync(CancellationToken.None), result => Assert.Equal(nameof(OvaDigestState.Match), result.State));
    }

    [Fact]
    public async Task Several_readers_of_all_files_run_at_the_same_time_and_again()
    {
        var builder = new OvaBuilder { Disks = [new("a.vmdk", StreamVmdk.Sample(1, 20)), new("b.vmdk", StreamVmdk.Sample(2, 30))] };
        using var package = await OpenAsync(builder.WriteOva(_folder));
        var read = await Task.WhenAll(
            Enumerable.Range(0, 8).Select(i => Task.Run(() => ReadAsync(package, package.Files[i % 2]))));
        for (var i = 0; i < read.Length; i++)
        {
            Assert.Equal(builder.Disks[i % 2].Content, read[i].Content);
            Assert.Equal(nameof(OvaDigestState.Match), read[i].Results.Single().State);
        }
    }

    [Fact]
    public async Task A_wrong_digest_is_known_as_soon_as_the_last_byte_is_read()
    {
        using var package = await OpenAsync(new OvaBuilder { WrongDigest = "disk1.vmdk" }.WriteOva(_folder));
        using var stream = package.OpenFile(package.Files[0]);
        stream.ReadExactly(new byte[package.Files[0].Length!.Value]);
        var result = (await stream.CompleteAsync(CancellationToken.None)).Single();
        Assert.Equal(nameof(OvaDigestState.Mismatch), result.State);
        var error = Assert.Throws<VmDeployException>(() => result.ThrowIfMismatch("a.ova"));
        Assert.Equal(ErrorCodes.OvaDigestMismatch, error.Code);
        Assert.Contains("disk1.vmdk", error.Message);
    }

    [Fact]
    public async Task An_import_is_refused_when_the_descriptor_was_changed()
    {
        using var package = await OpenAsync(new OvaBuilder { WrongDigest = "test-vm.ovf" }.WriteOva(_folder));
        var error = await Assert.ThrowsAsync<VmDeployException>(() => package.CheckImportableAsync(CancellationToken.None));
        Assert.Equal(ErrorCodes.OvaDigestMismatch, error.Code);
    }

    public static TheoryData<string> NotStreamOptimized => new("raw", "empty", "sparse");

    [Theory]
    [MemberData(nameof(NotStreamOptimized))]
    public async Task An_import_is_refused_when_a_disk_is_no_stream_optimized_vmdk(string kind)
    {
        var content = kind switch { "raw" => new byte[4096], "empty" => [], _ => StreamVmdk.Sample() };
        if (kind == "sparse")
            content[10] = 0; // no compression, no markers
        var path = new OvaBuilder { Disks = [new("disk1.vmdk", StreamVmdk.Sample()), new("disk2.vmdk", content)] }.WriteOva(_folder);
        using var package = await OpenAsync(path);
        var error = await Assert.ThrowsAsync<VmDeployException>(() => package.CheckImportableAsync(CancellationToken.None));
        Assert.Equal(ErrorCodes.VmdkNotStreamOptimized, error.Code);
        Assert.Contains("disk2.vmdk", error.Message);
    }

    [Fact]
    public async Task A_file_that_does_not_exist_is_named()
    {
        var error = await FailsAsync(_folder["nothing.ova"], ErrorCodes.OvaNotFound);
        Assert.Contains("nothing.ova", error.Message);
        await FailsAsync(Path.Combine(_folder["no-folder"], "x.ovf"), ErrorCodes.OvaNotFound);
        await FailsAsync(_folder.Path, ErrorCodes.OvaIsFolder);
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("hello", "less than any archive")]
    [InlineData("{}", "JSON")]
    [InlineData("<html>", "HTML")]
    [InlineData("KDMV", "VMDK")]
    [InlineData("random noise", "not a tar archive")]
    public async Task Other_kinds_of_file_are_told_apart(string start, string expected)
    {
        var content = start.Length < 6 && start != "KDMV" ? Encoding.ASCII.GetBytes(start) : Encoding.ASCII.GetBytes(start.PadRight(2048, 'x'));
        var error = await FailsAsync(_folder.Write("other.ova", content), ErrorCodes.OvaNotATar);
        Assert.Contains(expected, error.Message);
    }

    [Fact]
    public async Task An_archive_without_descriptor_says_what_it_holds()
    {
        var error = await FailsAsync(new OvaBuilder { Omit = "test-vm.ovf" }.WriteOva(_folder), ErrorCodes.OvaNoDescriptor);
        Assert.Contains("disk1.vmdk", error.Message);
        await FailsAsync(_folder.Write("zeros.ova", new byte[10240]), ErrorCodes.OvaNoDescriptor);
    }

    [Fact]
    public async Task An_ISO_image_is_called_one()
    {
        var iso = new byte[20 * 2048];
        "CD001"u8.CopyTo(iso.AsSpan((16 * 2048) + 1));
        var error = await FailsAsync(_folder.Write("debian.ova", iso), ErrorCodes.OvaNotATar);
        Assert.Contains("is an ISO image", error.Message);
    }

    [Fact]
    public async Task Two_descriptors_are_one_too_many_but_a_macos_companion_is_none()
    {
        await FailsAsync(new OvaBuilder { OtherFiles = [("second.ovf", [])] }.WriteOva(_folder), ErrorCodes.OvaSeveralDescriptors);
        using var package = await OpenAsync(new OvaBuilder { OtherFiles = [("._test-vm.ovf", [])], EditDescriptor = WithoutOther }.WriteOva(_folder, "mac.ova"));
        Assert.Single(package.Files);

        static string WithoutOther(string xml) => xml.Replace("<File ovf:id=\"other1\" ovf:href=\"._test-vm.ovf\"/>", "");
    }

    [Fact]
    public async Task A_file_that_the_archive_lacks_is_named()
    {
        var error = await FailsAsync(new OvaBuilder { Omit = "disk1.vmdk" }.WriteOva(_folder), ErrorCodes.OvaFileMissing);
        Assert.Contains("disk1.vmdk", error.Message);
    }

    [Theory]
    [InlineData("http://example.com/disk.vmdk")]
    [InlineData("../disk.vmdk")]
    [InlineData("/etc/passwd")]
    [InlineData("a/../../disk.vmdk")]
    [InlineData("C:\\disk.vmdk")]
    [InlineData("%2e%2e/disk.vmdk")]
    [InlineData("file:///etc/passwd")]
    public async Task References_never_leave_the_folder(string href)
    {
        var path = new OvaBuilder { Manifest = null, EditDescriptor = xml => xml.Replace("disk1.vmdk", href) }.WriteFolder(_folder);
        var error = await FailsAsync(path, ErrorCodes.OvaReferenceInvalid);
        Assert.Contains(Uri.UnescapeDataString(href), error.Message);
    }

    [Fact]
    public async Task Escaped_references_find_their_file()
    {
        var builder = new OvaBuilder { Disks = [new("my disk.vmdk", StreamVmdk.Sample())], EditDescriptor = xml => xml.Replace("my disk", "my%20disk") };
        using var package = await OpenAsync(builder.WriteOva(_folder));
        Assert.Equal(nameof(OvaDigestState.Match), (await ReadAsync(package, package.Files[0])).Results.Single().State);
    }

    [Fact]
    public async Task An_unknown_compression_is_refused()
    {
        var path = new OvaBuilder { Gzip = OvaGzip.Declared, EditDescriptor = xml => xml.Replace("\"gzip\"", "\"bzip2\"") }.WriteOva(_folder);
        await FailsAsync(path, ErrorCodes.OvaCompressionNotSupported);
    }

    [Fact]
    public async Task A_disk_that_says_gzip_and_is_not_is_sent_as_it_is()
    {
        var builder = new OvaBuilder { EditDescriptor = xml => xml.Replace("ovf:size=\"270840\"", "ovf:compression=\"gzip\"") };
        using var package = await OpenAsync(builder.WriteOva(_folder));
        Assert.Equal(builder.Disks[0].Content, (await ReadAsync(package, package.Files[0])).Content);
    }

    [Fact]
    public async Task A_document_type_declaration_is_refused_before_it_is_read()
    {
        string Edit(string xml) => xml.Replace("?>", "?><!DOCTYPE Envelope [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>").Replace("A virtual machine", "&x;");
        await FailsAsync(new OvaBuilder { EditDescriptor = Edit }.WriteOva(_folder), ErrorCodes.OvfHasDtd);
    }

    [Fact]
    public async Task A_descriptor_that_is_too_large_is_not_read()
    {
        var path = new OvaBuilder { EditDescriptor = xml => xml + new string(' ', 17 << 20) }.WriteOva(_folder);
        await FailsAsync(path, ErrorCodes.OvfTooLarge);
    }

    [Fact]
    public async Task A_group_of_machines_opens_but_does_not_import()
    {
        string Edit(string xml) => xml.Replace("<VirtualSystem ", "<VirtualSystemCollection ovf:id=\"app\"><Info/><Name>app</Name><VirtualSystem ")
            .Replace("</VirtualSystem>", "</VirtualSystem></VirtualSystemCollection>");
        using var package = await OpenAsync(new OvaBuilder { EditDescriptor = Edit }.WriteOva(_folder));
        Assert.True(package.Descriptor.IsCollection);
        Assert.Equal("app", package.Name);
        var error = await Assert.ThrowsAsync<VmDeployException>(() => package.CheckImportableAsync(CancellationToken.None));
        Assert.Equal(ErrorCodes.OvfVirtualSystemCollection, error.Code);
    }

    [Theory]
    [InlineData("utf-16", true)]
    [InlineData("utf-8", true)]
    [InlineData("iso-8859-1", false)]
    public async Task Other_encodings_are_read_and_handed_on_as_utf8(string encodingName, bool withMark)
    {
        var encoding = Encoding.GetEncoding(encodingName);
        var xml = Encoding.UTF8.GetString(new OvaBuilder { Manifest = null, Name = "größe" }.Entries()[0].Content)
            .Replace("encoding=\"UTF-8\"", $"encoding='{encodingName}'");
        _folder.Write("disk1.vmdk", StreamVmdk.Sample());
        var path = _folder.Write("x.ovf", [.. withMark ? encoding.GetPreamble() : [], .. encoding.GetBytes(xml)]);
        using var package = await OpenAsync(path);
        Assert.Equal("größe", package.Name);
        Assert.StartsWith("<?xml version=\"1.0\" encoding='UTF-8'?>", package.DescriptorXml);
    }

    [Fact]
    public async Task A_file_cut_while_it_is_read_ends_with_an_error_not_with_a_short_upload()
    {
        var builder = new OvaBuilder { Manifest = null };
        using var package = await OpenAsync(builder.WriteFolder(_folder));
        using var stream = package.OpenFile(package.Files[0]);
        using (var disk = File.OpenWrite(_folder["disk1.vmdk"]))
            disk.SetLength(1000);
        var error = await Assert.ThrowsAsync<VmDeployException>(() => stream.CompleteAsync(CancellationToken.None));
        Assert.Equal(ErrorCodes.OvaTruncated, error.Code);
    }

    private static Task<OvaPackage> OpenAsync(string path) => OvaPackage.OpenAsync(path, CancellationToken.None);

    private static async Task<VmDeployException> FailsAsync(string path, ErrorCode code)
    {
        var error = await Assert.ThrowsAsync<VmDeployException>(async () => (await OpenAsync(path)).Dispose());
        Assert.Equal(code, error.Code);
        return error;
    }

    private static async Task<(byte[] Content, IReadOnlyList<OvaFileResult> Results)> ReadAsync(OvaPackage package, OvaFile file)
    {
        using var stream = package.OpenFile(file);
        var copy = new MemoryStream();
        await stream.CopyToAsync(copy);
        return (copy.ToArray(), await stream.CompleteAsync(CancellationToken.None));
    }
}
