using System.Buffers.Binary;
using System.IO.Compression;

namespace VmDeploy.Vmdk;

/// <summary>One grain of a disk that is read, compressed and then inflated.</summary>
internal sealed class PackedGrain(int grainBytes)
{
    private static readonly byte[] s_zeros = new byte[1 << 16];

    private readonly byte[] _packed = new byte[2 * grainBytes];
    private readonly byte[] _data = new byte[grainBytes];
    private int _size;
    private int _needed;
    private ulong _sector;

    /// <summary>The memory of one.</summary>
    public static int BytesFor(int grainBytes) => 3 * grainBytes;

    /// <summary>Where in the file it begins.</summary>
    public long Position { get; private set; }

    /// <summary>Where on the disk it belongs.</summary>
    public long Offset { get; private set; }

    /// <summary>What is wrong with it.</summary>
    public (string What, Exception? Cause)? Problem { get; private set; }

    /// <summary>It is not all zeros.</summary>
    public bool HasData { get; private set; }

    public ArraySegment<byte> Data => new(_data, 0, _needed);

    public void Fill(long position, long offset, ulong sector, int needed, ReadOnlySpan<byte> packed)
    {
        (Position, Offset, _sector, _needed, _size) = (position, offset, sector, needed, packed.Length);
        packed.CopyTo(_packed);
    }

    // RFC 1950: two bytes of header, the deflate stream, and an Adler-32 in network order.
    public void Inflate()
    {
        const int zlibHeader = 2, zlibTrailer = 4;
        Problem = null;
        int cmf = _packed[0], flags = _packed[1];
        if ((cmf & 0x0f) != 8 || ((cmf << 8) + flags) % 31 != 0 || (flags & 0x20) != 0)
        {
            Problem = ($"the grain for sector {_sector} does not start with a zlib header", null);
            return;
        }
        var count = 0;
        try
        {
            using var compressed = new MemoryStream(_packed, zlibHeader, _size - zlibHeader - zlibTrailer, writable: false);
            using var inflater = new DeflateStream(compressed, CompressionMode.Decompress);
            int read;
            while (count < _data.Length && (read = inflater.Read(_data, count, _data.Length - count)) > 0)
                count += read;
        }
        catch (InvalidDataException e)
        {
            Problem = ($"the grain for sector {_sector} can't be decompressed", e);
            return;
        }
        if (count < _needed)
            Problem = ($"the grain for sector {_sector} has {count} bytes instead of {_needed}", null);
        else if (Adler32.Compute(_data, 0, count) != BinaryPrimitives.ReadUInt32BigEndian(new ReadOnlySpan<byte>(_packed, _size - zlibTrailer, zlibTrailer)))
            Problem = ($"the grain for sector {_sector} has the wrong checksum", null);
        HasData = !IsZero(new ReadOnlySpan<byte>(_data, 0, _needed));
    }

    private static bool IsZero(ReadOnlySpan<byte> data)
    {
        for (; data.Length > s_zeros.Length; data = data.Slice(s_zeros.Length))
        {
            if (!data.Slice(0, s_zeros.Length).SequenceEqual(s_zeros))
                return false;
        }
        return data.SequenceEqual(new ReadOnlySpan<byte>(s_zeros, 0, data.Length));
    }
}
