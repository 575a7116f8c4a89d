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

    // What can't be compressed is stored, in 22 bytes more; and there is room for the attempt to compress the last one.
    private const int MostPacked = Size + (Size / GrainBytes * Sector) + GrainBytes;

    private readonly byte[] _raw = new byte[Size];
    private readonly byte[] _packed = new byte[MostPacked];
    private readonly List<(int Grain, int At)> _grains = [];
    private int _length;

    /// <summary>Where on the disk it begins.</summary>
    public long Offset { get; private set; }

    /// <summary>Bytes of the disk that it covers.</summary>
    public int Length { get; private set; }

    /// <summary>The grains that hold data: which of the block, and where its marker is in the packed bytes.</summary>
    public IReadOnlyList<(int Grain, int At)> Grains => _grains;

    /// <summary>Whole sectors, ready to be written.</summary>
    public ArraySegment<byte> Packed => new(_packed, 0, _length);

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
        _length = 0;
        // Every grain is a whole one when it is decompressed, also the last of a disk that ends within it.
        Array.Clear(_raw, Length, ((Length + GrainBytes - 1) / GrainBytes * GrainBytes) - Length);
        for (var at = 0; at < Length; at += GrainBytes)
        {
            if (new ReadOnlySpan<byte>(_raw, at, GrainBytes).SequenceEqual(s_zeros))
                continue;
            _grains.Add((at / GrainBytes, _length));
            Compress(at, level);
        }
    }

    // The marker (sector on the disk, length of the data), then the grain as a zlib stream (RFC 1950), then zeros up to a sector.
    private void Compress(int at, CompressionLevel level)
    {
        const int zlibHeader = 2, zlibTrailer = 4;
        var data = _length + MarkerSize;
        _packed[data] = 0x78;
        _packed[data + 1] = level == CompressionLevel.Fastest ? (byte)0x01 : (byte)0x9c;
        var end = Deflate(at, data + zlibHeader, level);
        // Readers have buffers for little more than a grain.
        if (end - data > GrainBytes)
            end = Deflate(at, data + zlibHeader, CompressionLevel.NoCompression);
        BinaryPrimitives.WriteUInt32BigEndian(_packed.AsSpan(end), Adler32.Compute(_raw, at, GrainBytes));
        end += zlibTrailer;
        BinaryPrimitives.WriteInt64LittleEndian(_packed.AsSpan(_length), (Offset + at) / Sector);
        BinaryPrimitives.WriteInt32LittleEndian(_packed.AsSpan(_length + 8), end - data);
        _length = (end + Sector - 1) / Sector * Sector;
        Array.Clear(_packed, end, _length - end);
    }

    private int Deflate(int from, int to, CompressionLevel level)
    {
        using var packed = new MemoryStream(_packed, to, _packed.Length - to);
        using (var deflater = new DeflateStream(packed, level, leaveOpen: true))
            deflater.Write(_raw, from, GrainBytes);
        return to + (int)packed.Position;
    }
}
