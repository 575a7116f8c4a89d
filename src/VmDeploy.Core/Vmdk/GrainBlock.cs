using System.Buffers.Binary;
using System.IO.Compression;

namespace VmDeploy.Vmdk;

/// <summary>A few neighboring grains of a disk that is written, raw and then compressed with their markers.</summary>
internal sealed class GrainBlock
{
    public const int GrainBytes = 1 << 16;
    public const int Size = 8 * GrainBytes;

    private const int Sector = VmdkHeader.SectorSize;
    private const int MarkerSize = 12;

    private static readonly byte[] s_zeros = new byte[GrainBytes];

    private readonly byte[] _raw = new byte[Size];
    private readonly MemoryStream _packed = new(Size + (Size / 16));
    private readonly List<(int Grain, int At)> _grains = [];

    /// <summary>Where on the disk it begins.</summary>
    public long Offset { get; private set; }

    /// <summary>Bytes of the disk that it covers.</summary>
    public int Length { get; private set; }

    /// <summary>The grains that hold data: which of the block, and where its marker is in the packed bytes.</summary>
    public IReadOnlyList<(int Grain, int At)> Grains => _grains;

    /// <summary>Whole sectors, ready to be written.</summary>
    public ArraySegment<byte> Packed => new(_packed.GetBuffer(), 0, (int)_packed.Length);

    public async Task ReadAsync(Stream source, long offset, int length, CancellationToken cancellationToken)
    {
        Offset = offset;
        Length = length;
        for (var filled = 0; filled < length;)
        {
            var read = await source.ReadAsync(_raw, filled, length - filled, cancellationToken);
            if (read == 0)
                throw new EndOfStreamException($"The disk ends at byte {offset + filled}.");
            filled += read;
        }
    }

    public void Compress(CompressionLevel level)
    {
        _grains.Clear();
        _packed.SetLength(0);
        // Every grain is a whole one when it is decompressed, also the last of a disk that ends within it.
        Array.Clear(_raw, Length, ((Length + GrainBytes - 1) / GrainBytes * GrainBytes) - Length);
        for (var at = 0; at < Length; at += GrainBytes)
        {
            if (new ReadOnlySpan<byte>(_raw, at, GrainBytes).SequenceEqual(s_zeros))
                continue;
            _grains.Add((at / GrainBytes, (int)_packed.Length));
            Compress(at, level);
        }
    }

    // The marker (sector on the disk, length of the data), then the grain as a zlib stream (RFC 1950), then zeros up to a sector.
    private void Compress(int at, CompressionLevel level)
    {
        var start = (int)_packed.Length;
        _packed.SetLength(start + MarkerSize);
        _packed.Position = start + MarkerSize;
        _packed.WriteByte(0x78);
        _packed.WriteByte(level == CompressionLevel.Fastest ? (byte)0x01 : (byte)0x9c);
        using (var deflater = new DeflateStream(_packed, level, leaveOpen: true))
            deflater.Write(_raw, at, GrainBytes);
        var end = (int)_packed.Position;
        _packed.SetLength((end + 4 + Sector - 1) / Sector * Sector);
        var buffer = _packed.GetBuffer();
        BinaryPrimitives.WriteUInt32BigEndian(buffer.AsSpan(end), Adler32.Compute(_raw, at, GrainBytes));
        BinaryPrimitives.WriteInt64LittleEndian(buffer.AsSpan(start), (Offset + at) / Sector);
        BinaryPrimitives.WriteInt32LittleEndian(buffer.AsSpan(start + 8), end + 4 - start - MarkerSize);
    }
}
