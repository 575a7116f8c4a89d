using System.IO.Compression;
using System.Text;
using VmDeploy.Export;
using VmDeploy.Ova;
using VmDeploy.Tests.Vmdk;
using VmDeploy.Vmdk;
using Xunit;

namespace VmDeploy.Tests.Export;

/// <summary>The archive of a package.</summary>
public sealed class OvaWriterTests
{
    [Theory]
    [InlineData((8L << 30) - 1)]
    [InlineData((9L << 30) + 5)]
    public async Task Members_of_any_size_have_a_header_that_says_so(long size)
    {
        var target = new Heads();
        var writer = new OvaWriter(target, "big", ManifestAlgorithm.None);
        writer.Begin(1000);
        var file = await writer.AddAsync("big-file.bin", new Given(), async stream =>
        {
            var block = new byte[64 << 20];
            for (var left = size; left > 0; left -= block.Length)
                await stream.WriteAsync(block.AsMemory(0, (int)Math.Min(block.Length, left)));
        });
        writer.Keep(file);
        writer.End([file], "<Envelope/>");

        // The descriptor has 1024 bytes of room behind its header.
        var header = target.Blocks[512 + 1024];
        Assert.Equal("big-file.bin", Encoding.ASCII.GetString(header, 0, 100).TrimEnd('\0'));
        Assert.Equal("ustar", Encoding.ASCII.GetString(header, 257, 5));
        var given = header[124] == 0x80
            ? header[128..136].Aggregate(0L, (sum, value) => (sum << 8) | value)
            : Convert.ToInt64(Encoding.ASCII.GetString(header, 124, 11), 8);
        Assert.Equal(size, given);
        var checksum = Convert.ToInt32(Encoding.ASCII.GetString(header, 148, 6), 8);
        Assert.Equal(header.Sum(value => value) - header[148..156].Sum(value => value) + (8 * ' '), checksum);
        Assert.Equal(0, target.Length % 10240);
        Assert.Equal("big.ovf", Encoding.ASCII.GetString(target.Blocks[0], 0, 7));
        Assert.StartsWith("<Envelope/>   ", Encoding.ASCII.GetString(target.Blocks[512]));
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(512, true)]
    [InlineData(1024, true)]
    [InlineData(70_000, true)]
    public async Task A_disk_that_ends_early_is_not_taken_for_a_whole_one(int missing, bool isRefused)
    {
        var disk = new MemoryStream();
        await new StreamOptimizedWriter(disk, "disk", 300_032, CompressionLevel.Fastest).WriteAsync(new MemoryStream(DiskImages.Mixed(300_032, 3)), _ => { }, CancellationToken.None);
        var sent = disk.ToArray()[..^missing];
        var writer = new OvaWriter(new MemoryStream(), "web1", ManifestAlgorithm.SHA256);
        writer.Begin(512);
        var adding = writer.AddAsync("web1-disk-0.vmdk", new Given { Form = ExportedForm.StreamOptimized }, async stream =>
        {
            for (var at = 0; at < sent.Length; at += 700)
                await stream.WriteAsync(sent.AsMemory(at, Math.Min(700, sent.Length - at)));
        });
        if (!isRefused)
        {
            Assert.Equal(300_032, (await adding).Capacity);
            return;
        }
        var failed = await Assert.ThrowsAsync<VmDeployException>(() => adding);
        Assert.Equal(("DownloadFailed", true), (failed.Code.Id, failed.IsTransient));
        Assert.Contains("ends before the end of the disk", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_descriptor_that_is_longer_than_expected_is_refused()
    {
        var writer = new OvaWriter(new MemoryStream(), "web1", ManifestAlgorithm.SHA256);
        writer.Begin(512);
        Assert.Equal("UnexpectedReply", Assert.Throws<VmDeployException>(() => writer.End([], new string('x', 513))).Code.Id);
    }

    [Theory]
    [InlineData("web1", "web1")]
    [InlineData("a b/c:d*\u00fc", "a_b_c_d__")]
    [InlineData("..", "vm")]
    [InlineData("\u4e2d\u6587", "vm")]
    public void Names_of_files_are_plain(string vm, string expected) => Assert.Equal(expected, PackageNames.StemOf(vm));

    private sealed record Given() : ExportedFile("file.bin", ExportedForm.Other, null)
    {
        public override Task ReadAsync(Func<Stream, long?, Task> consume, CancellationToken cancellationToken) => Task.CompletedTask;
    }

    /// <summary>Keeps what is written in small pieces, and where.</summary>
    private sealed class Heads : Stream
    {
        private long _length;

        public Dictionary<long, byte[]> Blocks { get; } = [];

        public override bool CanRead => false;
        public override bool CanSeek => true;
        public override bool CanWrite => true;
        public override long Length => _length;
        public override long Position { get; set; }

        public override void Write(byte[] buffer, int offset, int count)
        {
            if (count <= 4096)
                Blocks[Position] = buffer.AsSpan(offset, count).ToArray();
            Position += count;
            _length = Math.Max(_length, Position);
        }

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        {
            Write(buffer, offset, count);
            return Task.CompletedTask;
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Write(buffer.ToArray(), 0, buffer.Length);
            return ValueTask.CompletedTask;
        }

        public override void SetLength(long value) => _length = value;

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    }
}
