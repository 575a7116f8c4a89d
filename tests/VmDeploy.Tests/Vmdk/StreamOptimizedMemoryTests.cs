using System.IO.Compression;
using VmDeploy.Vmdk;
using Xunit;

namespace VmDeploy.Tests.Vmdk;

/// <summary>How much memory is in use while disks are written, which other tests would change.</summary>
[Collection("Alone")]
public class StreamOptimizedMemoryTests
{
    private const int MostMiB = 24;

    [Fact]
    public async Task Writing_needs_no_more_memory_for_a_larger_disk()
    {
        // Once to fill the pools.
        await MeasureAsync(64L << 20);
        var small = await MeasureAsync(128L << 20);
        var large = await MeasureAsync(1024L << 20);
        Assert.True(large < small + (MostMiB << 20), $"{small >> 20} MiB for 128 MiB of disk, {large >> 20} MiB for 1 GiB");
    }

    [Fact]
    public async Task Reading_needs_no_more_memory_for_a_larger_disk()
    {
        await MeasureReaderAsync(200);
        var small = await MeasureReaderAsync(400);
        var large = await MeasureReaderAsync(4000);
        Assert.True(large < small + (MostMiB << 20), $"{small >> 20} MiB for 400 grains, {large >> 20} MiB for 4000");
    }

    private static async Task<long> MeasureReaderAsync(int grains)
    {
        using var source = new MemoryStream(Write(grains));
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var reader = new StreamOptimizedReader(source, "disk.vmdk");
        var most = long.MinValue;
        for (var read = 1; await reader.ReadAsync(CancellationToken.None); read++)
        {
            if (read % 100 == 0)
                most = Math.Max(most, GC.GetTotalMemory(forceFullCollection: true) - before);
        }
        return most;
    }

    private static byte[] Write(int grains)
    {
        var writer = new FaultyVmdkWriter(1L << 40);
        var grain = new byte[65536];
        for (var i = 0; i < grains; i++)
        {
            grain.AsSpan().Fill((byte)(1 + (i % 255)));
            writer.AddGrain(i * 128, grain);
        }
        return writer.Finish();
    }

    private static async Task<long> MeasureAsync(long bytes)
    {
        long most = 0, seen = 0;
        var before = GC.GetTotalMemory(forceFullCollection: true);
        using var target = new Sink();
        await new StreamOptimizedWriter(target, "disk.vmdk", bytes, CompressionLevel.Fastest).WriteAsync(new Text(), count =>
        {
            seen += count;
            if (seen % (32 << 20) == 0)
                most = Math.Max(most, GC.GetTotalMemory(forceFullCollection: true) - before);
        }, CancellationToken.None);
        Assert.True(target.Written > bytes / 512);
        return most;
    }

    private sealed class Text : MemoryStream
    {
        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        {
            buffer.AsSpan(offset, count).Fill(0x55);
            return Task.FromResult(count);
        }
    }

    private sealed class Sink : MemoryStream
    {
        public long Written { get; private set; }

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        {
            Written += count;
            return Task.CompletedTask;
        }
    }
}
