using VmDeploy.Tests.Support;
using VmDeploy.Vmdk;

namespace VmDeploy.Tests.Vmdk;

/// <summary>Disk images for tests, and the result of our reader.</summary>
internal static class DiskImages
{
    /// <summary>Blocks of noise, text and zeros, as on a used disk.</summary>
    public static byte[] Mixed(int size, int seed)
    {
        var random = new Random(seed);
        var raw = new byte[size];
        for (var at = 0; at < size; at += 16384)
        {
            var block = raw.AsSpan(at, Math.Min(16384, size - at));
            switch (random.Next(6))
            {
                case 0:
                    random.NextBytes(block);
                    break;
                case 1:
                    for (var i = 0; i < block.Length; i++)
                        block[i] = (byte)("the quick brown fox "[i % 20] + (i / 997 % 3));
                    break;
                case 2:
                    block[random.Next(block.Length)] = 1;
                    break;
                case 3:
                    block.Fill(0xff);
                    break;
            }
        }
        return raw;
    }

    public static async Task<string> ToStreamOptimizedAsync(string raw, string vmdk)
    {
        await Shell.RunAsync(Requires.Tool("qemu-img"), "convert", "-f", "raw", "-O", "vmdk", "-o", "subformat=streamOptimized", raw, vmdk);
        return vmdk;
    }

    public static async Task ToRawAsync(string vmdk, string raw) =>
        await Shell.RunAsync(Requires.Tool("qemu-img"), "convert", "-f", "vmdk", "-O", "raw", vmdk, raw);

    public sealed record ReadResult(VmdkHeader Header, byte[] Raw, IReadOnlyList<(long Offset, int Length)> Grains);

    public static async Task<ReadResult> ReadAsync(Stream vmdk)
    {
        var reader = new StreamOptimizedReader(vmdk, "disk.vmdk");
        var header = await reader.ReadHeaderAsync(CancellationToken.None);
        var raw = new byte[Math.Min(header.CapacityBytes, 1 << 30)];
        var grains = new List<(long, int)>();
        while (await reader.ReadAsync(CancellationToken.None))
        {
            reader.Data.AsSpan().CopyTo(raw.AsSpan((int)reader.Offset));
            grains.Add((reader.Offset, reader.Data.Count));
        }
        return new ReadResult(header, raw, grains);
    }
}
