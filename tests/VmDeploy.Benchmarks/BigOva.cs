using System;
using System.Formats.Tar;
using System.IO;
using System.Security.Cryptography;
using System.Text;
using System.Threading.Tasks;
using VmDeploy.Tests.Support;

namespace VmDeploy.Benchmarks;

/// <summary>An OVA with a disk file of any size: tinyVM's, filled up with zeros. In a temporary folder that goes with it.</summary>
internal sealed class BigOva : IDisposable
{
    private const string Disk = "tinyVM-disk1.vmdk";

    private readonly string _folder = Directory.CreateTempSubdirectory("vmdeploy-benchmark-").FullName;

    private BigOva()
    {
    }

    public string Path => System.IO.Path.Combine(_folder, "big.ova");

    /// <summary>The disk file alone, the same bytes as in the archive.</summary>
    public string DiskPath => System.IO.Path.Combine(_folder, Disk);

    public static async Task<BigOva> MakeAsync(long diskBytes)
    {
        var ova = new BigOva();
        TarFile.ExtractToDirectory(Repository.Path("examples/tinyVM.ova"), ova._folder, overwriteFiles: false);
        await using (FileStream disk = File.OpenWrite(ova.DiskPath))
            disk.SetLength(diskBytes);

        var manifest = new StringBuilder();
        foreach (string name in (string[])["tinyVM.ovf", Disk])
        {
            await using FileStream file = File.OpenRead(System.IO.Path.Combine(ova._folder, name));
            manifest.Append($"SHA256({name})= {Convert.ToHexStringLower(await SHA256.HashDataAsync(file))}\n");
        }
        await File.WriteAllTextAsync(System.IO.Path.Combine(ova._folder, "tinyVM.mf"), manifest.ToString());

        await using var archive = new TarWriter(File.Create(ova.Path), TarEntryFormat.Ustar);
        foreach (string name in (string[])["tinyVM.ovf", "tinyVM.mf", Disk])
            await archive.WriteEntryAsync(System.IO.Path.Combine(ova._folder, name), name);
        return ova;
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
