using System.Buffers.Binary;
using System.IO.Compression;

namespace VmDeploy.Simulator.Http;

/// <summary>Pictures of a console of 640 by 480 pixels: a light bar on black, as PNG, and all gray, as JPEG.</summary>
internal static class ConsolePicture
{
    public const int Width = 640;
    public const int Height = 480;

    private const int BarHeight = 16;

    /// <summary>8 bits of gray a point, no filter.</summary>
    public static byte[] Png()
    {
        var rows = new byte[Height * (Width + 1)];
        for (var y = 0; y < BarHeight; y++)
            rows.AsSpan(y * (Width + 1) + 1, Width).Fill(0xC0);
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true))
            zlib.Write(rows);

        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, Width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), Height);
        header[8] = 8;
        using var file = new MemoryStream();
        file.Write([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]);
        WriteChunk(file, "IHDR"u8, header);
        WriteChunk(file, "IDAT"u8, packed.ToArray());
        WriteChunk(file, "IEND"u8, []);
        return file.ToArray();
    }

    /// <summary>Baseline with one component: each block of 8 by 8 points is a difference of zero and an end of block, one bit each.</summary>
    public static byte[] Jpeg()
    {
        using var file = new MemoryStream();
        file.Write([0xFF, 0xD8]);
        WriteSegment(file, 0xDB, [0, .. Enumerable.Repeat((byte)1, 64)]);
        WriteSegment(file, 0xC0, [8, Height >> 8, Height & 0xFF, Width >> 8, Width & 0xFF, 1, 1, 0x11, 0]);
        foreach (var table in new byte[] { 0x00, 0x10 })
            WriteSegment(file, 0xC4, [table, 1, .. new byte[15], 0]);
        WriteSegment(file, 0xDA, [1, 1, 0, 0, 63, 0]);
        file.Write(new byte[Width / 8 * (Height / 8) * 2 / 8]);
        file.Write([0xFF, 0xD9]);
        return file.ToArray();
    }

    private static void WriteChunk(MemoryStream file, ReadOnlySpan<byte> type, ReadOnlySpan<byte> data)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        file.Write(number);
        file.Write(type);
        file.Write(data);
        BinaryPrimitives.WriteUInt32BigEndian(number, Crc([.. type, .. data]));
        file.Write(number);
    }

    private static void WriteSegment(MemoryStream file, byte kind, byte[] data) =>
        file.Write([0xFF, kind, (byte)((data.Length + 2) >> 8), (byte)((data.Length + 2) & 0xFF), .. data]);

    private static uint Crc(byte[] data)
    {
        var crc = uint.MaxValue;
        foreach (var one in data)
        {
            crc ^= one;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc & 1) == 0 ? crc >> 1 : crc >> 1 ^ 0xEDB88320;
        }
        return ~crc;
    }
}
