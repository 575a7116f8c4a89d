using System.Buffers.Binary;
using System.IO.Compression;
using VmDeploy.Vmdk;

namespace VmDeploy.Benchmarks;

/// <summary>
/// How fast a stream-optimized VMDK of qemu-img is decoded, compared with only inflating the same grains with the same
/// library. The reader also finds the grains, checks their sums, their order and the tables, and skips empty ones.
/// Neither waits for anything, so processor time is measured, which other programs on the machine do not change.
/// </summary>
internal static class VmdkBenchmark
{
    private const double Target = 0.8;
    private const int Sector = 512;
    private const int GrainSize = 1 << 16;

    public static async Task<bool> RunAsync(long diskBytes, int rounds)
    {
        using var disk = await UsedDisk.MakeAsync(diskBytes);
        var vmdk = await File.ReadAllBytesAsync(disk.Vmdk);
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
}
