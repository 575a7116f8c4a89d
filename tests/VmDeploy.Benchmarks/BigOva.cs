using System.Formats.Tar;
using System.Security.Cryptography;
using VmDeploy.Tests.Support;

namespace VmDeploy.Benchmarks;

/// <summary>An OVA with a disk file of any size: tinyVM's, filled up with zeros. In a temporary folder that is deleted with it.</summary>
internal sealed class BigOva : IDisposable
{
    private const string Disk = "tinyVM-disk1.vmdk";

    private readonly string _folder = Directory.CreateTempSubdirectory("vmdeploy-benchmark-").FullName;

    private BigOva()
    {
    }

    public string Path => this["big.ova"];

    /// <summary>The disk file alone, the same bytes as in the archive.</summary>
    public string DiskPath => this[Disk];

    /// <param name="diskBytes">Size of the disk file.</param>
    /// <param name="withManifest">Add a SHA256 manifest, which the import checks during the upload.</param>
    public static async Task<BigOva> MakeAsync(long diskBytes, bool withManifest)
    {
        var ova = new BigOva();
        TarFile.ExtractToDirectory(Repository.Path("examples/tinyVM.ova"), ova._folder, overwriteFiles: false);
        await using (var disk = File.OpenWrite(ova.DiskPath))
            disk.SetLength(diskBytes);

        // tinyVM has one of its own.
        File.Delete(ova["tinyVM.mf"]);
        if (withManifest)
            await File.WriteAllTextAsync(ova["tinyVM.mf"], await ova.ManifestLineAsync("tinyVM.ovf") + await ova.ManifestLineAsync(Disk));
        await ova.PackAsync();
        return ova;
    }

    /// <summary>One with this disk, as the simulator sends it back: with its tables at the end.</summary>
    public static async Task<BigOva> MakeAsync(UsedDisk disk)
    {
        var ova = await MakeAsync(0, withManifest: false);
        await using (var raw = File.OpenRead(disk.Raw))
        await using (var vmdk = File.Create(ova.DiskPath))
            await new Vmdk.StreamOptimizedWriter(vmdk, "disk.vmdk", raw.Length, System.IO.Compression.CompressionLevel.Fastest).WriteAsync(raw, null, CancellationToken.None);
        await ova.PackAsync();
        return ova;
    }

    /// <summary>Packs the files again, after a change.</summary>
    public async Task PackAsync()
    {
        await using var archive = new TarWriter(File.Create(Path), TarEntryFormat.Ustar);
        await AddAsync(archive, "tinyVM.ovf");
        if (File.Exists(this["tinyVM.mf"]))
            await AddAsync(archive, "tinyVM.mf");
        await AddAsync(archive, Disk);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string this[string name] => System.IO.Path.Combine(_folder, name);

    private Task AddAsync(TarWriter archive, string name) => archive.WriteEntryAsync(this[name], name);

    private async Task<string> ManifestLineAsync(string name)
    {
        await using var file = File.OpenRead(this[name]);
        return $"SHA256({name})= {Convert.ToHexStringLower(await SHA256.HashDataAsync(file))}\n";
    }
}
