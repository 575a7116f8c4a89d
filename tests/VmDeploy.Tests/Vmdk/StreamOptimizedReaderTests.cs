using System.IO.Compression;
using FsCheck;
using FsCheck.Fluent;
using VmDeploy.Tests.Support;
using VmDeploy.Vmdk;
using Xunit;

namespace VmDeploy.Tests.Vmdk;

public class StreamOptimizedReaderTests
{
    private const int Grain = 65536;

    [SkippableTheory]
    [InlineData(10 << 20)]
    [InlineData((64 << 20) + Grain)]
    [InlineData((3 << 20) + 512)]       // the last grain is one sector
    [InlineData(512)]
    public async Task Reads_what_qemu_wrote(int size)
    {
        using var folder = new TempFolder();
        var raw = DiskImages.Mixed(size, size);
        File.WriteAllBytes(folder["a.raw"], raw);
        using var vmdk = File.OpenRead(await DiskImages.ToStreamOptimizedAsync(folder["a.raw"], folder["a.vmdk"]));

        var read = await DiskImages.ReadAsync(vmdk);

        Assert.Equal(size, read.Header.CapacityBytes);
        Assert.True(raw.AsSpan().SequenceEqual(read.Raw));
        Assert.Equal(vmdk.Length, vmdk.Position);
    }

    [SkippableFact]
    public async Task Reads_the_layout_with_tables_at_the_end_as_qemu_reads_it()
    {
        using var folder = new TempFolder();
        var raw = DiskImages.Mixed((40 << 20) + 512, 7);
        File.WriteAllBytes(folder["a.vmdk"], FaultyVmdkWriter.Write(raw));
        await DiskImages.ToRawAsync(folder["a.vmdk"], folder["a.raw"]);
        Assert.True(raw.AsSpan().SequenceEqual(File.ReadAllBytes(folder["a.raw"])), "the test's own writer must satisfy qemu");

        using var vmdk = File.OpenRead(folder["a.vmdk"]);
        var read = await DiskImages.ReadAsync(vmdk);
        Assert.True(raw.AsSpan().SequenceEqual(read.Raw));
    }

    [SkippableFact]
    public async Task Gives_only_the_blocks_that_hold_data_of_a_huge_disk()
    {
        using var folder = new TempFolder();
        const long size = 4L << 40;
        using (var raw = File.Create(folder["a.raw"]))
        {
            raw.SetLength(size);
            raw.Write([1]);
            raw.Position = size - 1;
            raw.Write([2]);
        }
        using var vmdk = File.OpenRead(await DiskImages.ToStreamOptimizedAsync(folder["a.raw"], folder["a.vmdk"]));

        var reader = new StreamOptimizedReader(vmdk, "a.vmdk");
        Assert.Equal(size, (await reader.ReadHeaderAsync(CancellationToken.None)).CapacityBytes);
        Assert.True(await reader.ReadAsync(CancellationToken.None));
        Assert.Equal(0, reader.Offset);
        Assert.Equal(1, reader.Data[0]);
        Assert.True(await reader.ReadAsync(CancellationToken.None));
        Assert.Equal(size - Grain, reader.Offset);
        Assert.Equal(2, reader.Data[Grain - 1]);
        Assert.False(await reader.ReadAsync(CancellationToken.None));
    }

    [Fact]
    public async Task Leaves_out_grains_that_are_stored_but_hold_zeros()
    {
        var vmdk = new FaultyVmdkWriter(4 * Grain).AddGrain(0, new byte[Grain]).AddGrain(128, Filled(1)).AddGrain(384, new byte[Grain]).Finish();
        var read = await DiskImages.ReadAsync(new MemoryStream(vmdk));
        Assert.Equal([(Grain, Grain)], read.Grains);
    }

    [Theory]
    [InlineData(8)]
    [InlineData(2048)]
    public async Task Reads_other_grain_sizes(int sectors)
    {
        var raw = DiskImages.Mixed(9 << 20, sectors);
        Assert.Equal(raw, (await DiskImages.ReadAsync(new MemoryStream(FaultyVmdkWriter.Write(raw, sectors)))).Raw);
    }

    [Fact]
    public async Task Reads_from_a_source_that_gives_a_few_bytes_at_a_time()
    {
        var raw = DiskImages.Mixed(1 << 20, 3);
        Assert.Equal(raw, (await DiskImages.ReadAsync(new Trickle(FaultyVmdkWriter.Write(raw)))).Raw);
    }

    [Fact]
    public async Task Damage_never_passes_as_data()
    {
        var raw = DiskImages.Mixed(600_000 / 512 * 512, 11);
        var vmdk = FaultyVmdkWriter.Write(raw);
        Assert.Equal(raw, (await DiskImages.ReadAsync(new MemoryStream(vmdk))).Raw);
        var damage = from at in Gen.Choose(0, vmdk.Length - 1)
                     from length in Gen.Elements(1, 1, 2, 8, 600)
                     from seed in Gen.Choose(0, int.MaxValue - 1)
                     select (at, length, seed);
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(1500), Prop.ForAll(damage.ToArbitrary(), d =>
        {
            var copy = (byte[])vmdk.Clone();
            new Random(d.seed).NextBytes(copy.AsSpan(d.at, Math.Min(d.length, copy.Length - d.at)));
            return IsRefusedOrIntact(copy, raw);
        }));
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(500), Prop.ForAll(Gen.Choose(0, vmdk.Length - 1).ToArbitrary(), length =>
            IsRefusedOrIntact(vmdk[..length], null)));
    }

    [SkippableFact]
    public async Task Damage_never_passes_as_data_with_tables_in_front()
    {
        using var folder = new TempFolder();
        var raw = DiskImages.Mixed(600_000 / 512 * 512, 12);
        File.WriteAllBytes(folder["a.raw"], raw);
        var vmdk = File.ReadAllBytes(await DiskImages.ToStreamOptimizedAsync(folder["a.raw"], folder["a.vmdk"]));
        // The first sector has no second copy in this layout, so a wrong capacity can't show.
        var damage = from at in Gen.Choose(512, vmdk.Length - 1)
                     from seed in Gen.Choose(0, int.MaxValue - 1)
                     select (at, seed);
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(1000), Prop.ForAll(damage.ToArbitrary(), d =>
        {
            var copy = (byte[])vmdk.Clone();
            copy[d.at] ^= (byte)(1 + (d.seed % 255));
            return IsRefusedOrIntact(copy, raw);
        }));
        var data = Array.FindLastIndex(vmdk, b => b != 0);
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(500), Prop.ForAll(Gen.Choose(0, data - 1).ToArbitrary(), length =>
            IsRefusedOrIntact(vmdk[..length], null)));
    }

    [Fact]
    public async Task Refuses_what_contradicts_itself_and_says_where()
    {
        await Refused(Writer().AddGrain(128, Filled(1)).AddGrain(0, Filled(1)).Finish(), "VmdkDamaged", "sector 0 comes after one for sector 128");
        await Refused(Writer().AddGrain(128, Filled(1)).AddGrain(128, Filled(2)).Finish(), "VmdkDamaged", "comes after one for sector 128");
        await Refused(Writer().AddGrain(64, Filled(1)).Finish(), "VmdkDamaged", "overlaps two grains");
        await Refused(Writer().AddGrain(4 * 128, Filled(1)).Finish(), "VmdkDamaged", "beyond the disk's end");
        await Refused(Writer().AddGrain(0, Filled(1)[..1000]).Finish(), "VmdkDamaged", "has 1000 bytes instead of 65536");
        await Refused(Writer().AddGrain(0, Filled(1), listed: false).Finish(), "VmdkDamaged", "don't match its grains");
        await Refused(Writer().AddGrain(0, Filled(1)).Finish(footer: false), "VmdkDamaged", "footer is missing");
        await Refused(Writer().AddGrain(0, Filled(1)).Finish(endOfStream: false), "VmdkDamaged", "end-of-stream");
        await Refused(new FaultyVmdkWriter(Grain, parentCid: "0badcafe").Finish(), "VmdkNotStreamOptimized", "changes to a parent disk");
        await Refused([], "VmdkNotStreamOptimized", "shorter than the header");
        await Refused(new byte[4096], "VmdkNotStreamOptimized", "does not start with KDMV");

        var plain = Writer().Finish();
        plain[10] = 0; // the flags for compression and markers
        await Refused(plain, "VmdkNotStreamOptimized", "not a stream-optimized one");

        static FaultyVmdkWriter Writer() => new(4 * Grain);

        static async Task Refused(byte[] vmdk, string id, string words)
        {
            var error = await Assert.ThrowsAsync<VmDeployException>(() => DiskImages.ReadAsync(new MemoryStream(vmdk)));
            Assert.Equal(id, error.Code.Id);
            Assert.Contains(words, error.Message, StringComparison.Ordinal);
            Assert.Contains("'disk.vmdk'", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Adler_is_what_zlib_computes() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(300), Prop.ForAll(
            Gen.Choose(0, 300_000).Zip(Gen.Choose(0, 9)).ToArbitrary(),
            given =>
            {
                var data = new byte[given.Item1];
                if (given.Item2 == 0)
                    data.AsSpan().Fill(0xff);
                else
                    new Random(given.Item2).NextBytes(data);
                using var zlib = new MemoryStream();
                using (var compressor = new ZLibStream(zlib, CompressionLevel.NoCompression, leaveOpen: true))
                    compressor.Write(data);
                var expected = data.Length == 0 ? 1 : BitConverter.ToUInt32(zlib.ToArray()[^4..].Reverse().ToArray());
                return Adler32.Compute(data, 0, data.Length) == expected;
            }));

    private static bool IsRefusedOrIntact(byte[] vmdk, byte[]? raw)
    {
        try
        {
            var read = DiskImages.ReadAsync(new MemoryStream(vmdk)).GetAwaiter().GetResult();
            return raw is not null && read.Raw.AsSpan().SequenceEqual(raw);
        }
        catch (VmDeployException e)
        {
            return e.Code == ErrorCodes.VmdkDamaged || e.Code == ErrorCodes.VmdkNotStreamOptimized;
        }
    }

    private static byte[] Filled(byte value)
    {
        var grain = new byte[Grain];
        grain.AsSpan().Fill(value);
        return grain;
    }

    private sealed class Trickle(byte[] data) : MemoryStream(data)
    {
        private int _turn;

        public override async Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        {
            await Task.Yield();
            return Read(buffer, offset, Math.Min(count, 1 + (_turn++ * 37 % 700)));
        }
    }
}
