using System.Formats.Tar;
using VmDeploy.Ova;
using VmDeploy.Tests.Support;
using VmDeploy.Tests.Vmdk;
using VmDeploy.Tests.Vsphere;
using Xunit;

namespace VmDeploy.Tests.Export;

/// <summary>Exports of tests, and what is in them.</summary>
internal static class Exports
{
    private static readonly CancellationToken s_none = CancellationToken.None;

    public static async Task<ExportedPackage> ExportAsync(this Vm vm, string path, Func<ExportRequest, ExportRequest>? with = null, IProgress<OperationProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        var request = new ExportRequest(vm, path);
        var plan = await vm.Session.Exports.PlanAsync(with?.Invoke(request) ?? request, cancellationToken);
        var exported = await plan.RunAsync(progress ?? new OnProgress(_ => { }), cancellationToken);
        StrictOvf.Check(FilesOf(exported.Path));
        return exported;
    }

    /// <summary>The files of a package in their order, the descriptor with its text; of a folder, the descriptor first.</summary>
    public static IReadOnlyList<PackagedFile> FilesOf(string path)
    {
        if (!path.EndsWith(".ova", StringComparison.OrdinalIgnoreCase))
        {
            return [new(Path.GetFileName(path), new FileInfo(path).Length, File.ReadAllText(path)),
                .. new DirectoryInfo(Path.GetDirectoryName(path)!).GetFiles().Where(file => file.FullName != path).Select(file => new PackagedFile(file.Name, file.Length, null))];
        }
        var files = new List<PackagedFile>();
        using var archive = File.OpenRead(path);
        using var reader = new TarReader(archive);
        while (reader.GetNextEntry() is { } entry)
        {
            using var text = entry.Name.EndsWith(".ovf", StringComparison.Ordinal) ? new StreamReader(entry.DataStream!) : null;
            files.Add(new(entry.Name, entry.Length, text?.ReadToEnd()));
        }
        return files;
    }

    /// <summary>A package that is whole, read by our reader: its disks as raw bytes.</summary>
    public static async Task<IReadOnlyList<byte[]>> DisksAsync(string path)
    {
        using var package = await OvaPackage.OpenAsync(path, s_none);
        var verification = await package.VerifyAsync(new OnProgress(_ => { }), s_none);
        Assert.True(verification.IsIntact);
        await package.CheckImportableAsync(s_none);
        var disks = new List<byte[]>();
        foreach (var disk in package.Descriptor.GetHardware(null).Disks)
        {
            using var stream = package.OpenFile(package.GetFile(disk.Disk.FileRef!));
            var read = await DiskImages.ReadAsync(stream);
            Assert.Equal(read.Header.CapacityBytes, disk.Disk.CapacityBytes);
            disks.Add(read.Raw);
        }
        return disks;
    }

    /// <summary>A disk that a simulated ESXi host stores, as raw bytes.</summary>
    public static async Task<byte[]> RawAsync(string vmdk)
    {
        await using var file = File.OpenRead(vmdk);
        return (await DiskImages.ReadAsync(file)).Raw;
    }

    /// <summary>A package with disks of random content.</summary>
    public static OvaBuilder Package(string name, params byte[][] disks) => new()
    {
        Name = name,
        Disks = [.. disks.Select((raw, i) => new OvaBuilderDisk($"disk{i + 1}.vmdk", StreamVmdk.FromRaw(raw), raw.Length))],
    };

    public static void AssertSame(IReadOnlyList<byte[]> expected, IReadOnlyList<byte[]> actual)
    {
        Assert.Equal(expected.Count, actual.Count);
        for (var i = 0; i < expected.Count; i++)
        {
            Assert.True(actual[i].Length >= expected[i].Length, $"disk {i} has {actual[i].Length} bytes of {expected[i].Length}");
            Assert.True(actual[i].AsSpan(0, expected[i].Length).SequenceEqual(expected[i]), $"disk {i} differs");
            Assert.True(actual[i].AsSpan(expected[i].Length).IndexOfAnyExcept((byte)0) < 0, $"disk {i} has more than zeros behind its data");
        }
    }
}
