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
        "vm.zip", "vm.stored.zip", "vm.7z", "vm.tar.gz", "vm.tar.xz", "vm.tar.bz2", "vm.tar.zst", "vm.ova.gz", "vm.ova.xz", "vm.gz.zip",
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
        Assert.Empty(Directory.GetFiles(Path.GetTempPath(), "vmdeploy-*.spool"));
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
    public async Task Damage_anywhere_is_a_typed_error_in_bounded_time(string name)
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
                await package.VerifyAsync(new OnProgress(_ => { }), s_none);
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
    [InlineData("../vm.ovf", "../disk1.vmdk")]
    [InlineData("/etc/vm.ovf", "/etc/disk1.vmdk")]
    [InlineData("C:\\x\\vm.ovf", "C:\\x\\disk1.vmdk")]
    public async Task Names_in_an_archive_are_never_paths(string descriptor, string disk)
    {
        var path = _folder["names.zip"];
        using (var zip = new ZipArchive(File.Create(path), ZipArchiveMode.Create))
        {
            using (var writer = zip.CreateEntry(descriptor).Open())
                writer.Write(Encoding.UTF8.GetBytes(Descriptor()));
            using var content = zip.CreateEntry(disk).Open();
            content.Write(StreamVmdk.Sample());
        }
        using var package = await OvaPackage.OpenAsync(path, s_none);
        Assert.Equal(["disk1.vmdk"], package.Files.Select(file => file.Href));
        Assert.Equal(["names.zip"], Directory.GetFileSystemEntries(_folder.Path).Select(Path.GetFileName));
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

    private static string Descriptor() => Encoding.UTF8.GetString(new OvaBuilder().Entries().Single(entry => entry.Name.EndsWith(".ovf", StringComparison.Ordinal)).Content);

    private static async Task<VmDeployException> FailsAsync(string path, ErrorCode code)
    {
        var error = await Assert.ThrowsAsync<VmDeployException>(() => OvaPackage.OpenAsync(path, s_none));
        Assert.Equal(code, error.Code);
        return error;
    }
}
