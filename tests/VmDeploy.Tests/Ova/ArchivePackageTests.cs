using System.IO.Compression;
using System.Text;
using VmDeploy.Ova;
using VmDeploy.Simulator.Esxi;
using VmDeploy.Tests.Support;
using VmDeploy.Tests.Vmdk;
using VmDeploy.Tests.Vsphere;
using VmDeploy.Tests.Xapi;
using Xunit;

namespace VmDeploy.Tests.Ova;

/// <summary>Packages in archives that other tools packed, read where they are.</summary>
public sealed class ArchivePackageTests : IDisposable
{
    private static readonly byte[][] s_raws = [DiskImages.Mixed(1 << 20, 1), DiskImages.Mixed(2 << 20, 2)];
    private static readonly OvaBuilder s_package = new() { Disks = [.. s_raws.Select((raw, i) => new OvaBuilderDisk($"disk{i + 1}.vmdk", StreamVmdk.FromRaw(raw), raw.Length))] };
    private static readonly CancellationToken s_none = CancellationToken.None;

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string> Names =>
    [
        "vm.zip", "vm.stored.zip", "vm.7z", "vm.tar.gz", "vm.tar.xz", "vm.tar.bz2", "vm.tar.zst", "vm.ova.gz", "vm.ova.xz", "vm.gz.zip", "vm.xz.zip", "vm.xz.7z",
        "files.zip", "files.7z", "files.tar.gz", "files.tar.xz", "files.tar.zst",
    ];

    [SkippableTheory]
    [MemberData(nameof(Names))]
    public async Task An_archive_is_imported_on_ESXi_and_XenServer(string name)
    {
        var path = Archives.Pack(_folder, name, s_package);
        await using var host = await SimulatedHost.StartAsync();
        await host.ImportAsync(new OvaImportRequest(path) { Names = ["a"] });
        Assert.Empty(host.Failures);
        var disks = Assert.Single(host.Simulator.Vms, vm => vm.Name == "a").Disks;
        Assert.Equal(s_package.Disks.Select(disk => disk.Content), disks.Select(disk => File.ReadAllBytes(disk.LocalPath)));

        await using var server = await SimulatedXenServer.StartAsync();
        await server.ImportAsync(new OvaImportRequest(path) { Names = ["a"] });
        Assert.Empty(server.Failures);
        for (var i = 0; i < s_raws.Length; i++)
            SimulatedXenServer.AssertHolds(server["a"].Drives[i].LocalPath!, s_raws[i]);
    }

    [SkippableFact]
    public async Task An_xz_file_of_several_streams_is_read_to_its_end()
    {
        var ova = s_package.ToOva();
        var half = ova.Length / 2;
        foreach (var (part, content) in new[] { ("a", ova[..half]), ("b", ova[half..]) })
        {
            _folder.Write(part, content);
            Archives.Run(_folder.Path, "xz", part);
        }
        var path = _folder.Write("vm.ova.xz", [.. File.ReadAllBytes(_folder["a.xz"]), .. new byte[8], .. File.ReadAllBytes(_folder["b.xz"])]);
        using var package = await OvaPackage.OpenAsync(path, s_none);
        Assert.True((await package.VerifyAsync(new OnProgress(_ => { }), s_none)).IsIntact);
    }

    [SkippableFact]
    public async Task An_xz_file_with_a_window_that_fills_the_memory_is_refused()
    {
        _folder.Write("vm.ova", s_package.ToOva());
        Archives.Run(_folder.Path, "xz", "--lzma2=dict=64MiB", "-k", "vm.ova");
        using (await OvaPackage.OpenAsync(_folder["vm.ova.xz"], s_none))
        {
        }
        // The size in the header alone, so that the test needs no such memory: a stream header, and a block header with 1.5 GiB.
        byte[] header = [0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0, 0, 4, 0xE6, 0xD6, 0xB4, 0x46, 2, 0, 0x21, 1, 37, 0, 0, 0, 0, 0, 0, 0];
        Assert.Contains("1.5 GB of memory", (await FailsAsync(_folder.Write("large.ova.xz", header), ErrorCodes.OvaCompressedFileDamaged)).Message);
    }

    [SkippableTheory]
    [InlineData("vm.ova.gz")]
    [InlineData("files.7z")]
    public async Task A_compressed_package_is_opened_in_one_pass_and_shows_its_progress(string name)
    {
        // The manifest stands behind the disks, so that it and the probes of the disks would need passes of their own.
        var package = s_package with { ManifestLast = true };
        var path = Archives.Pack(_folder, name, package);
        var reports = new List<OperationProgress>();
        using var opened = await OvaPackage.OpenAsync(new PackageLocation(path) { Progress = new OnProgress(reports.Add) }, s_none);
        await opened.CheckImportableAsync(s_none);
        if (name == "vm.ova.gz")
        {
            Assert.True(reports[^1].IsCompleted);
            Assert.InRange(reports.Max(report => report.BytesDone), 1, new FileInfo(path).Length);
        }
        Assert.True((await opened.VerifyAsync(new OnProgress(_ => { }), s_none)).IsIntact);
    }

    [Fact]
    public async Task Members_whose_sizes_have_no_sum_are_refused()
    {
        var header = TarBlocks.Header("vm.ovf", '0', long.MaxValue - 600, binarySize: true);
        var path = _folder["large.tar.gz"];
        using (var gzip = new GZipStream(File.Create(path), CompressionLevel.Fastest))
            gzip.Write(header);
        await FailsAsync(path, ErrorCodes.OvaTruncated);
    }

    [Fact]
    public async Task Without_a_manifest_a_flipped_bit_in_a_zip_is_found()
    {
        var disk = StreamVmdk.Sample();
        var path = _folder["vm.zip"];
        using (var zip = new ZipArchive(File.Create(path), ZipArchiveMode.Create))
        {
            using (var writer = zip.CreateEntry("vm.ovf").Open())
                writer.Write(Encoding.UTF8.GetBytes(Descriptor()));
            using var content = zip.CreateEntry("disk1.vmdk", CompressionLevel.NoCompression).Open();
            content.Write(disk);
        }
        using (var whole = await OvaPackage.OpenAsync(path, s_none))
            await whole.VerifyAsync(new OnProgress(_ => { }), s_none);
        var bytes = File.ReadAllBytes(path);
        bytes[bytes.AsSpan().IndexOf(disk.AsSpan(1000, 64)) + 10] ^= 1;
        using var package = await OvaPackage.OpenAsync(_folder.Write("flipped.zip", bytes), s_none);
        var error = await Assert.ThrowsAsync<VmDeployException>(() => package.VerifyAsync(new OnProgress(_ => { }), s_none));
        Assert.Equal(ErrorCodes.OvaCompressedFileDamaged, error.Code);
    }

    [SkippableFact]
    public async Task Three_VMs_from_an_archive_on_vCenter_are_sent_once()
    {
        var path = Archives.Pack(_folder, "vm.tar.xz", s_package);
        await using var host = await SimulatedHost.StartAsync(new EsxiSimulatorOptions { Mode = EsxiMode.VCenter });
        await host.ImportAsync(new OvaImportRequest(path) { Names = ["a", "b", "c"], Datacenter = "ha-datacenter", Datastore = "datastore1", HostName = "localhost.localdomain" });
        Assert.Empty(host.Failures);
        Assert.Equal(3, host.Simulator.Vms.Count(vm => vm.Name.Length == 1));
        Assert.InRange(host.Simulator.BytesUploaded, 1, s_package.Disks.Sum(disk => disk.Content.Length) * 1.05);
    }

    [SkippableTheory]
    [MemberData(nameof(Names))]
    public async Task Damage_anywhere_is_a_typed_error_or_does_not_touch_the_package(string name)
    {
        var whole = File.ReadAllBytes(Archives.Pack(_folder, name, s_package));
        var random = new Random(11);
        for (var i = 0; i < 12; i++)
        {
            var damaged = i % 2 == 0 ? whole.AsSpan(0, random.Next(16, whole.Length)).ToArray() : whole.ToArray();
            for (var hit = 0; i % 2 == 1 && hit < 20; hit++)
                damaged[random.Next(damaged.Length)] ^= (byte)random.Next(1, 256);
            var path = _folder.Write($"damaged{i}-{name}", damaged);
            try
            {
                using var package = await OvaPackage.OpenAsync(path, s_none);
                if ((await package.VerifyAsync(new OnProgress(_ => { }), s_none)).IsIntact)
                    Assert.Equal(s_package.Disks[0].Content, await ReadAsync(package.OpenFile(package.Files[0])));
            }
            catch (VmDeployException e)
            {
                Assert.StartsWith("Ov", e.Code.Id);
            }
        }
    }

    [Fact]
    public async Task A_bomb_is_refused()
    {
        var path = _folder["bomb.tar.gz"];
        using (var gzip = new GZipStream(File.Create(path), CompressionLevel.SmallestSize))
        {
            // A member that is far larger than any disk that compresses to this.
            gzip.Write(TarBlocks.Header("vm.ovf", '0', 1L << 40, binarySize: true));
            var zeros = new byte[1 << 20];
            for (var i = 0; i < 400; i++)
                gzip.Write(zeros);
        }
        await FailsAsync(path, ErrorCodes.OvaExpandsTooFar);

        path = _folder["bomb.zip"];
        using (var zip = new ZipArchive(File.Create(path), ZipArchiveMode.Create))
        {
            using (var writer = zip.CreateEntry("vm.ovf").Open())
                writer.Write(Encoding.UTF8.GetBytes(Descriptor()));
            using var disk = zip.CreateEntry("disk1.vmdk", CompressionLevel.SmallestSize).Open();
            var zeros = new byte[1 << 20];
            for (var i = 0; i < 400; i++)
                disk.Write(zeros);
        }
        using var package = await OvaPackage.OpenAsync(path, s_none);
        var error = await Assert.ThrowsAsync<VmDeployException>(() => package.VerifyAsync(new OnProgress(_ => { }), s_none));
        Assert.Equal(ErrorCodes.OvaExpandsTooFar, error.Code);
    }

    [Theory]
    [InlineData("/etc/vm.ovf", "/etc/disk1.vmdk")]
    [InlineData("C:\\x\\vm.ovf", "C:\\x\\disk1.vmdk")]
    public async Task Names_in_an_archive_are_never_paths(string descriptor, string disk)
    {
        var path = WriteZip(descriptor, disk);
        using var package = await OvaPackage.OpenAsync(path, s_none);
        Assert.Equal(["disk1.vmdk"], package.Files.Select(file => file.Href));
        Assert.Equal(["names.zip"], Directory.GetFileSystemEntries(_folder.Path).Select(Path.GetFileName));
    }

    [Theory]
    [InlineData("../vm.ovf", "../disk1.vmdk")]
    [InlineData("vm.ovf", "x/../../disk1.vmdk")]
    [InlineData("vm.ovf", "..\\..\\disk1.vmdk")]
    public async Task A_path_that_leads_out_of_the_archive_is_refused(string descriptor, string disk)
    {
        var error = await FailsAsync(WriteZip(descriptor, disk), ErrorCodes.OvaEntryNotSupported);
        Assert.Contains("leads out of it", error.Message, StringComparison.Ordinal);
    }

    private string WriteZip(string descriptor, string disk)
    {
        var path = _folder["names.zip"];
        using var zip = new ZipArchive(File.Create(path), ZipArchiveMode.Create);
        using (var writer = zip.CreateEntry(descriptor).Open())
            writer.Write(Encoding.UTF8.GetBytes(Descriptor()));
        using var content = zip.CreateEntry(disk).Open();
        content.Write(StreamVmdk.Sample());
        return path;
    }

    [Fact]
    public async Task What_has_no_package_or_several_is_refused()
    {
        var path = _folder["none.zip"];
        using (var zip = new ZipArchive(File.Create(path), ZipArchiveMode.Create))
            zip.CreateEntry("readme.txt");
        Assert.Contains("readme.txt", (await FailsAsync(path, ErrorCodes.OvaNoDescriptor)).Message);
        path = _folder["several.zip"];
        using (var zip = new ZipArchive(File.Create(path), ZipArchiveMode.Create))
        {
            zip.CreateEntry("a.ova");
            zip.CreateEntry("b.ova");
        }
        Assert.Contains("'a.ova', 'b.ova'", (await FailsAsync(path, ErrorCodes.OvaSeveralDescriptors)).Message);
        path = _folder.Write("text.gz", []);
        using (var gzip = new GZipStream(File.Create(path), CompressionLevel.Fastest))
            gzip.Write(new byte[2000].Select(_ => (byte)'x').ToArray());
        await FailsAsync(path, ErrorCodes.OvaNotATar);
    }

    [SkippableFact]
    public async Task An_encrypted_archive_is_refused()
    {
        _folder.Write("vm.ova", s_package.ToOva());
        Archives.Run(_folder.Path, "zip", "-q", "-P", "secret", "locked.zip", "vm.ova");
        await FailsAsync(_folder["locked.zip"], ErrorCodes.OvaCompressionNotSupported);
    }

    private static async Task<byte[]> ReadAsync(Stream stream)
    {
        var content = new MemoryStream();
        await stream.CopyToAsync(content);
        return content.ToArray();
    }

    private static string Descriptor() => Encoding.UTF8.GetString(new OvaBuilder().Entries().Single(entry => entry.Name.EndsWith(".ovf", StringComparison.Ordinal)).Content);

    private static async Task<VmDeployException> FailsAsync(string path, ErrorCode code)
    {
        var error = await Assert.ThrowsAsync<VmDeployException>(() => OvaPackage.OpenAsync(path, s_none));
        Assert.Equal(code, error.Code);
        return error;
    }
}
