using System.IO.Compression;
using FsCheck;
using FsCheck.Fluent;
using VmDeploy.Tests.Support;
using VmDeploy.Vmdk;
using Xunit;

namespace VmDeploy.Tests.Vmdk;

public class StreamOptimizedWriterTests
{
    private const int Grain = 65536;
    private const int TableSpan = 512 * Grain;

    [SkippableTheory]
    [InlineData(10 << 20, CompressionLevel.Fastest)]
    [InlineData((64 << 20) + Grain, CompressionLevel.Optimal)]
    [InlineData(TableSpan, CompressionLevel.Fastest)]
    [InlineData((3 << 20) + 512, CompressionLevel.Optimal)]       // the last grain is one sector of the disk
    [InlineData(512, CompressionLevel.Fastest)]
    public async Task Qemu_reads_it_and_finds_the_same_disk(int size, CompressionLevel compression)
    {
        using var folder = new TempFolder();
        var raw = DiskImages.Mixed(size, size);
        folder.Write("a.raw", raw);
        folder.Write("a.vmdk", await WriteAsync(raw, compression));

        await Shell.RunAsync(Requires.Tool("qemu-img"), "compare", "-f", "raw", "-F", "vmdk", folder["a.raw"], folder["a.vmdk"]);
        await DiskImages.ToRawAsync(folder["a.vmdk"], folder["b.raw"]);
        Assert.True(raw.AsSpan().SequenceEqual(File.ReadAllBytes(folder["b.raw"])));
        var info = await Shell.RunAsync(Requires.Tool("qemu-img"), "info", folder["a.vmdk"]);
        Assert.Contains("streamOptimized", info, StringComparison.Ordinal);
    }

    [Fact]
    public void Our_reader_finds_the_same_disk_and_nothing_wrong_with_the_file() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(60), Prop.ForAll(
            (from sectors in Gen.Choose(1, 6000)
             from seed in Gen.Choose(0, int.MaxValue - 1)
             from optimal in Gen.Elements(true, false)
             select (sectors, seed, optimal)).ToArbitrary(),
            given =>
            {
                var raw = Sparse(given.sectors * 512, given.seed);
                var vmdk = WriteAsync(raw, given.optimal ? CompressionLevel.Optimal : CompressionLevel.Fastest).GetAwaiter().GetResult();
                var read = DiskImages.ReadAsync(new MemoryStream(vmdk)).GetAwaiter().GetResult();
                return read.Header.CapacityBytes == raw.Length && read.Header.Version == 3 && read.Raw.AsSpan().SequenceEqual(raw) && vmdk.Length % 512 == 0;
            }));

    [Fact]
    public async Task Grains_of_zeros_take_no_space()
    {
        var raw = new byte[2 * TableSpan];
        raw[^1] = 1;
        var vmdk = await WriteAsync(raw, CompressionLevel.Fastest);
        Assert.Equal([(raw.Length - Grain, Grain)], (await DiskImages.ReadAsync(new MemoryStream(vmdk))).Grains);
        Assert.InRange(vmdk.Length, 0, 75 * 1024); // 64 KiB before the first grain
        Assert.InRange((await WriteAsync(new byte[1 << 20], CompressionLevel.Fastest)).Length, 0, 70 * 1024);
    }

    [Fact]
    public async Task A_disk_that_is_no_whole_number_of_sectors_is_filled_up()
    {
        var raw = DiskImages.Mixed(100_001, 5);
        raw[^1] = 7;
        var read = await DiskImages.ReadAsync(new MemoryStream(await WriteAsync(raw, CompressionLevel.Fastest)));
        Assert.Equal(100_352, read.Header.CapacityBytes);
        Assert.Equal(raw, read.Raw[..raw.Length]);
        Assert.All(read.Raw[raw.Length..], value => Assert.Equal(0, value));
    }

    [Fact]
    public async Task Whatever_cannot_be_compressed_and_every_size_of_read_arrives()
    {
        var raw = new byte[(3 << 20) + 512];
        new Random(4).NextBytes(raw);
        using var target = new MemoryStream();
        long seen = 0;
        await new StreamOptimizedWriter(target, "disk.vmdk", raw.Length, CompressionLevel.Optimal).WriteAsync(new Trickle(raw), count => seen += count, CancellationToken.None);
        Assert.Equal(raw.Length, seen);
        target.Position = 0;
        Assert.Equal(raw, (await DiskImages.ReadAsync(target)).Raw);
    }

    [Fact]
    public async Task The_name_cannot_break_the_descriptor()
    {
        using var target = new MemoryStream();
        await new StreamOptimizedWriter(target, "a\"\nparentCID=0badcafe\n" + new string('ü', 5000), 512, CompressionLevel.Fastest).WriteAsync(new MemoryStream(new byte[512]), null, CancellationToken.None);
        target.Position = 0;
        Assert.Equal(512, (await DiskImages.ReadAsync(target)).Header.CapacityBytes);
    }

    [Fact]
    public async Task A_source_that_ends_early_or_fails_or_a_target_that_fails_ends_it()
    {
        await Assert.ThrowsAsync<EndOfStreamException>(() => Writer(Stream.Null, 1 << 20).WriteAsync(new MemoryStream(new byte[1000]), null, CancellationToken.None));
        await Assert.ThrowsAsync<IOException>(() => Writer(Stream.Null, 64 << 20).WriteAsync(new Failing(10 << 20), null, CancellationToken.None));
        await Assert.ThrowsAsync<IOException>(() => Writer(new Failing(1 << 20), 64 << 20).WriteAsync(new Noise(), null, CancellationToken.None));
        using var cancelled = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Writer(Stream.Null, 1L << 40).WriteAsync(new Noise(), _ => cancelled.Cancel(), cancelled.Token));
        var tooLarge = await Assert.ThrowsAsync<VmDeployException>(() =>
            new StreamOptimizedWriter(Stream.Null, "disk.vmdk", 64 << 20, CompressionLevel.Fastest) { MostSectors = 255 }.WriteAsync(new Noise(), null, CancellationToken.None));
        Assert.Equal("VmdkTooLarge", tooLarge.Code.Id);
        Assert.Equal("'disk.vmdk' would be larger than 128 KB, the most that a stream-optimized VMDK can hold.", tooLarge.Message);

        static StreamOptimizedWriter Writer(Stream target, long capacity) => new(target, "disk.vmdk", capacity, CompressionLevel.Fastest);
    }

    private static async Task<byte[]> WriteAsync(byte[] raw, CompressionLevel compression)
    {
        using var target = new MemoryStream();
        var writer = new StreamOptimizedWriter(target, "disk.vmdk", raw.Length, compression);
        await writer.WriteAsync(new MemoryStream(raw), null, CancellationToken.None);
        Assert.Equal(target.Length, writer.Written);
        return target.ToArray();
    }

    // A few ranges of noise and text anywhere in zeros.
    private static byte[] Sparse(int size, int seed)
    {
        var random = new Random(seed);
        var raw = new byte[size];
        for (var ranges = random.Next(8); ranges > 0; ranges--)
        {
            var at = random.Next(size);
            var range = raw.AsSpan(at, Math.Min(size - at, 1 + random.Next(200_000)));
            if (random.Next(2) == 0)
                random.NextBytes(range);
            else
                range.Fill((byte)random.Next(256));
        }
        return raw;
    }

    private sealed class Trickle(byte[] data) : MemoryStream(data)
    {
        private int _turn;

        public override async Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        {
            await Task.Yield();
            return Read(buffer, offset, Math.Min(count, 1 + (_turn++ * 3701 % 70000)));
        }
    }

    /// <summary>Data without an end.</summary>
    private class Noise : MemoryStream
    {
        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        {
            cancellationToken.ThrowIfCancellationRequested();
            buffer.AsSpan(offset, count).Fill(0x55);
            return Task.FromResult(count);
        }
    }

    private sealed class Failing(long after) : Noise
    {
        private long _moved;

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        {
            Move(count);
            return base.ReadAsync(buffer, offset, count, cancellationToken);
        }

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        {
            Move(count);
            return Task.CompletedTask;
        }

        private void Move(int count)
        {
            if ((_moved += count) > after)
                throw new IOException("No more.");
        }
    }
}
