namespace VmDeploy.Benchmarks;

/// <summary>A disk as it is after some use: programs, texts and images of this .NET, packed data, remains of deleted files, and gaps. In a temporary folder that goes with it.</summary>
internal sealed class UsedDisk : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("vmdeploy-disk-").FullName;

    private UsedDisk()
    {
    }

    /// <summary>Its bytes.</summary>
    public string Raw => this["disk.raw"];

    /// <summary>The same as qemu-img's stream-optimized VMDK.</summary>
    public string Vmdk => this["disk.vmdk"];

    /// <summary>A path for another file.</summary>
    public string this[string name] => Path.Combine(_folder, name);

    public static async Task<UsedDisk> MakeAsync(long diskBytes)
    {
        const int block = 4096;
        var made = new UsedDisk();
        var random = new Random(1);
        var sdk = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "..", "..", ".."));
        string[] files = [.. Directory.EnumerateFiles(sdk, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
        random.Shuffle(files);
        await using (var disk = File.Create(made.Raw))
        {
            disk.SetLength(diskBytes);
            foreach (var file in files)
            {
                var content = await File.ReadAllBytesAsync(file);
                if (disk.Position + content.Length > diskBytes)
                    break;
                await disk.WriteAsync(content);
                if (random.Next(20) == 0)
                {
                    var packed = new byte[Math.Min(random.Next(1 << 20), diskBytes - disk.Position)];
                    random.NextBytes(packed);
                    await disk.WriteAsync(packed);
                }
                disk.Position = Math.Min(diskBytes, (disk.Position + random.Next(16 * block)) / block * block);
            }
        }
        await Foreign.RunAsync("qemu-img", "convert", "-f", "raw", "-O", "vmdk", "-o", "subformat=streamOptimized", made.Raw, made.Vmdk);
        return made;
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
