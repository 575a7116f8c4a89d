using System.Buffers.Binary;
using System.IO.Compression;
using Xunit;

namespace VmDeploy.Tests.Support;

/// <summary>Opens the pictures of the simulators, as a viewer does.</summary>
internal static class PictureFile
{
    /// <summary>The gray values of a PNG with 8 bits a point and no filters, row by row; every checksum is checked.</summary>
    public static (int Width, int Height, byte[] Points) OpenPng(byte[] file)
    {
        Assert.Equal([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], file[..8]);
        var chunks = new Dictionary<string, byte[]>();
        for (var at = 8; at < file.Length;)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(at));
            var body = file.AsSpan(at + 4, length + 4);
            Assert.Equal(Crc(body), BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan(at + 8 + length)));
            chunks.Add(System.Text.Encoding.ASCII.GetString(body[..4]), body[4..].ToArray());
            at += 12 + length;
        }
        Assert.Equal(["IHDR", "IDAT", "IEND"], chunks.Keys);
        var width = BinaryPrimitives.ReadInt32BigEndian(chunks["IHDR"]);
        var height = BinaryPrimitives.ReadInt32BigEndian(chunks["IHDR"].AsSpan(4));
        Assert.Equal([8, 0, 0, 0, 0], chunks["IHDR"][8..]);
        using var rows = new MemoryStream();
        using (var packed = new ZLibStream(new MemoryStream(chunks["IDAT"]), CompressionMode.Decompress))
            packed.CopyTo(rows);
        var lines = rows.ToArray().Chunk(width + 1).ToList();
        Assert.Equal(height, lines.Count);
        Assert.All(lines, line => Assert.Equal(0, line[0]));
        return (width, height, [.. lines.SelectMany(line => line[1..])]);
    }

    /// <summary>Width and height of a baseline JPEG; its segments and its data must be complete.</summary>
    public static (int Width, int Height) OpenJpeg(byte[] file)
    {
        Assert.Equal([0xFF, 0xD8], file[..2]);
        Assert.Equal([0xFF, 0xD9], file[^2..]);
        var segments = new Dictionary<byte, byte[]>();
        var at = 2;
        for (var kind = (byte)0; kind != 0xDA; at += 2 + BinaryPrimitives.ReadUInt16BigEndian(file.AsSpan(at + 2)))
        {
            Assert.Equal(0xFF, file[at]);
            kind = file[at + 1];
            segments[kind] = file[(at + 4)..(at + 2 + BinaryPrimitives.ReadUInt16BigEndian(file.AsSpan(at + 2)))];
        }
        Assert.Equal(new byte[] { 0xC0, 0xC4, 0xDA, 0xDB }, segments.Keys.Order());
        var frame = segments[0xC0];
        var (height, width) = (BinaryPrimitives.ReadUInt16BigEndian(frame.AsSpan(1)), BinaryPrimitives.ReadUInt16BigEndian(frame.AsSpan(3)));
        // Each block of 8 by 8 points needs two bits at least.
        Assert.True((file.Length - 2 - at) * 8 >= width / 8 * (height / 8) * 2);
        return (width, height);
    }

    private static uint Crc(ReadOnlySpan<byte> data)
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
