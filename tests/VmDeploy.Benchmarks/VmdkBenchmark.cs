using System.Buffers.Binary;
using System.IO.Compression;
using VmDeploy.Vmdk;

namespace VmDeploy.Benchmarks;

/// <summary>
/// How fast a stream-optimized VMDK of qemu-img is decoded, compared with only inflating the same grains with the same
/// library. The reader also finds the grains, checks their sums, their order and the tables, and skips empty ones.
/// Both run on one core without waiting, so processor time is measured, which other programs on the machine do not change.
/// </summary>
internal static class VmdkBenchmark
{
    private const double Target = 0.8;
    private const int Sector = 512;
    private const int GrainSize = 1 << 16;

    public static async Task<bool> RunAsync(long diskBytes, int rounds)
    {
        var vmdk = await MakeAsync(diskBytes);
        var grains = FindGrains(vmdk);
        Console.WriteLine($"Decoding a stream-optimized VMDK of {vmdk.Length >> 20} MiB, {grains.Count} grains of {diskBytes >> 20} MiB, MB/s of disk and core:");
        var megabytes = (double)grains.Count * GrainSize / 1e6;
        List<double> reader = [], inflate = [];
        for (var round = 0; round <= rounds; round++)
        {
            var inflateFirst = round % 2 == 0;
            var plain = inflateFirst ? Inflate(vmdk, grains) : 0;
            var whole = await ReadAsync(vmdk);
            plain = inflateFirst ? plain : Inflate(vmdk, grains);
            if (round == 0)
                continue; // warms up both
            reader.Add(megabytes / whole);
            inflate.Add(megabytes / plain);
            Console.WriteLine($"  round {round}: VmDeploy {reader[^1],7:F0}   inflate {inflate[^1],7:F0}");
        }
        var ratio = Statistics.Median(reader) / Statistics.Median(inflate);
        var good = ratio >= Target;
        Console.WriteLine($"  median:  VmDeploy {Statistics.Median(reader),7:F0}   inflate {Statistics.Median(inflate),7:F0}   ratio {ratio:F2}");
        Console.WriteLine($"  target for this ratio: at least {Target:F1}, {(good ? "met" : "MISSED")}");
        return good;
    }

    private static async Task<double> ReadAsync(byte[] vmdk)
    {
        var before = Environment.CpuUsage.TotalTime;
        var reader = new StreamOptimizedReader(new MemoryStream(vmdk), "disk.vmdk");
        while (await reader.ReadAsync(CancellationToken.None))
        {
            // Only decoded.
        }
        return (Environment.CpuUsage.TotalTime - before).TotalSeconds;
    }

    private static double Inflate(byte[] vmdk, List<(int At, int Length)> grains)
    {
        const int zlibHeader = 2, zlibTrailer = 4;
        var before = Environment.CpuUsage.TotalTime;
        var grain = new byte[GrainSize];
        foreach ((var at, var length) in grains)
        {
            using var compressed = new MemoryStream(vmdk, at + zlibHeader, length - zlibHeader - zlibTrailer, writable: false);
            using var inflater = new DeflateStream(compressed, CompressionMode.Decompress);
            inflater.ReadExactly(grain);
        }
        return (Environment.CpuUsage.TotalTime - before).TotalSeconds;
    }

    private static List<(int At, int Length)> FindGrains(byte[] vmdk)
    {
        const int marker = 12;
        var grains = new List<(int At, int Length)>();
        var position = (int)BinaryPrimitives.ReadInt64LittleEndian(vmdk.AsSpan(64)) * Sector;
        while (position < vmdk.Length)
        {
            var length = BinaryPrimitives.ReadInt32LittleEndian(vmdk.AsSpan(position + 8));
            if (length > 0)
                grains.Add((position + marker, length));
            // After a marker without data come as many sectors of tables as it says.
            position += length > 0
                ? (marker + length + Sector - 1) / Sector * Sector
                : (1 + (int)BinaryPrimitives.ReadInt64LittleEndian(vmdk.AsSpan(position))) * Sector;
        }
        return grains;
    }

    // Like a used disk: programs, texts and images of this .NET, packed data, remains of deleted files, and gaps.
    private static async Task<byte[]> MakeAsync(long diskBytes)
    {
        const int block = 4096;
        var folder = Directory.CreateTempSubdirectory("vmdeploy-vmdk-").FullName;
        try
        {
            string raw = Path.Combine(folder, "disk.raw"), vmdk = Path.Combine(folder, "disk.vmdk");
            var random = new Random(1);
            var sdk = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "..", "..", ".."));
            string[] files = [.. Directory.EnumerateFiles(sdk, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
            random.Shuffle(files);
            await using (var disk = File.Create(raw))
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
            await Foreign.RunAsync("qemu-img", "convert", "-f", "raw", "-O", "vmdk", "-o", "subformat=streamOptimized", raw, vmdk);
            return await File.ReadAllBytesAsync(vmdk);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
