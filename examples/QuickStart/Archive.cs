using System.Buffers.Binary;
using System.Formats.Tar;
using System.IO.Compression;

namespace VmDeploy.QuickStart;

/// <summary>The disk of an OVA, read without any code of the product.</summary>
internal static class Archive
{
    private const int Sector = 512;

    /// <summary>The VMDK as it is in the archive.</summary>
    public static byte[] ReadDisk(string ova)
    {
        using var archive = new TarReader(File.OpenRead(ova));
        while (archive.GetNextEntry() is { } entry)
        {
            if (!entry.Name.EndsWith(".vmdk", StringComparison.Ordinal))
                continue;
            var bytes = new MemoryStream();
            entry.DataStream!.CopyTo(bytes);
            return bytes.ToArray();
        }
        throw new InvalidDataException($"No disk found in {ova}.");
    }

    /// <summary>The content of a stream-optimized VMDK for a guest: compressed grains, each after its position and length, and tables between them.</summary>
    public static byte[] Decode(byte[] vmdk)
    {
        long Number(long at) => BinaryPrimitives.ReadInt64LittleEndian(vmdk.AsSpan((int)at));
        int Length(long at) => BinaryPrimitives.ReadInt32LittleEndian(vmdk.AsSpan((int)at));
        var raw = new byte[Number(12) * Sector];
        var position = Number(64) * Sector;
        while (Length(position + 8) is var length && (length > 0 || Length(position + 12) != 0))
        {
            if (length > 0)
            {
                using var grain = new ZLibStream(new MemoryStream(vmdk, (int)position + 12, length), CompressionMode.Decompress);
                grain.ReadAtLeast(raw.AsSpan((int)Number(position) * Sector), 1 << 16, throwOnEndOfStream: false);
                position += (12 + length + Sector - 1) / Sector * Sector;
            }
            else
            {
                position += (1 + Number(position)) * Sector;
            }
        }
        return raw;
    }
}
