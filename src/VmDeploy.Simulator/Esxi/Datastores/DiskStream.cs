using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace VmDeploy.Simulator.Esxi.Datastores;

/// <summary>Sends a disk as a lease does: stream-optimized, tables and footer at the end, whatever form it is stored in.</summary>
internal static class DiskStream
{
    private const int Sector = 512;
    private const int Grain = 128 * Sector;
    private const int Entries = 512;
    private const int DescriptorSectors = 20;
    private const int Overhead = 128;

    public static async Task WriteAsync(string path, Func<ReadOnlyMemory<byte>, Task> write)
    {
        using var disk = DiskReader.Open(path);
        if (disk.IsStream && SparseVmdk.ParentOf(path) is null)
        {
            await CopyAsync(path, write);
            return;
        }

        long at = 0;
        var sectors = disk.Capacity / Sector;
        await Put(Header(sectors, ulong.MaxValue));
        await Put(Descriptor(sectors));
        await Put(new byte[(Overhead - 1 - DescriptorSectors) * Sector]);
        var directory = new uint[(sectors + (Entries * 128) - 1) / (Entries * 128)];
        var content = new byte[Grain];
        for (var table = 0; table < directory.Length; table++)
        {
            var entries = new uint[Entries];
            for (var i = 0; i < Entries; i++)
            {
                var offset = (((long)table * Entries) + i) * Grain;
                if (offset >= disk.Capacity)
                    break;
                Array.Clear(content);
                disk.Read(offset, content.AsSpan(0, (int)Math.Min(Grain, disk.Capacity - offset)));
                if (!content.AsSpan().ContainsAnyExcept((byte)0))
                    continue;
                entries[i] = (uint)(at / Sector);
                await Put(Packed(offset, content));
            }
            if (entries.All(entry => entry == 0))
                continue;
            await Put(Marker(Entries * 4 / Sector, 1));
            directory[table] = (uint)(at / Sector);
            await Put(Numbers(entries));
        }
        var numbers = Numbers(directory);
        await Put(Marker(numbers.Length / Sector, 2));
        var directoryAt = (ulong)(at / Sector);
        await Put(numbers);
        await Put(Marker(1, 3));
        await Put(Header(sectors, directoryAt));
        await Put(Marker(0, 0));

        Task Put(byte[] bytes)
        {
            at += bytes.Length;
            return write(bytes);
        }
    }

    public static async Task CopyAsync(string path, Func<ReadOnlyMemory<byte>, Task> write)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1, FileOptions.Asynchronous | FileOptions.SequentialScan);
        var buffer = new byte[1 << 20];
        while (await file.ReadAsync(buffer) is var read and > 0)
            await write(buffer.AsMemory(0, read));
    }

    private static byte[] Packed(long offset, byte[] content)
    {
        using var packed = new MemoryStream();
        packed.Write(new byte[12]);
        using (var zlib = new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            zlib.Write(content);
        var length = (int)packed.Length - 12;
        packed.SetLength((packed.Length + Sector - 1) / Sector * Sector);
        var bytes = packed.ToArray();
        BinaryPrimitives.WriteInt64LittleEndian(bytes, offset / Sector);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), length);
        return bytes;
    }

    private static byte[] Header(long sectors, ulong directory)
    {
        var header = new byte[Sector];
        SparseVmdk.Magic.CopyTo(header);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(4), 3);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(8), 0x30001);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(12), sectors);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(20), Grain / Sector);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(28), 1);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(36), DescriptorSectors);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(44), Entries);
        BinaryPrimitives.WriteUInt64LittleEndian(header.AsSpan(56), directory);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(64), Overhead);
        "\n \r\n"u8.CopyTo(header.AsSpan(73));
        header[77] = 1;
        return header;
    }

    private static byte[] Descriptor(long sectors)
    {
        var bytes = new byte[DescriptorSectors * Sector];
        Encoding.ASCII.GetBytes($"# Disk DescriptorFile\nversion=1\nCID=fffffffe\nparentCID=ffffffff\ncreateType=\"streamOptimized\"\n\n# Extent description\nRW {sectors} SPARSE \"generated-stream.vmdk\"\n\n#DDB\nddb.adapterType = \"lsilogic\"\n").CopyTo(bytes, 0);
        return bytes;
    }

    private static byte[] Marker(long sectors, int type)
    {
        var marker = new byte[Sector];
        BinaryPrimitives.WriteInt64LittleEndian(marker, sectors);
        BinaryPrimitives.WriteInt32LittleEndian(marker.AsSpan(12), type);
        return marker;
    }

    private static byte[] Numbers(uint[] numbers)
    {
        var bytes = new byte[((numbers.Length * 4) + Sector - 1) / Sector * Sector];
        for (var i = 0; i < numbers.Length; i++)
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(i * 4), numbers[i]);
        return bytes;
    }
}
