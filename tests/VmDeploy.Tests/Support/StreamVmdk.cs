using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using System.IO.Compression;
using System.Text;

namespace VmDeploy.Tests.Support;

/// <summary>Writes a stream-optimized VMDK (VMware Virtual Disk Format 5.0) that other readers accept.</summary>
internal static class StreamVmdk
{
    private const int Sector = 512;
    private const int Grain = 64 * 1024;
    private const int TableEntries = 512;

    /// <summary>A disk of a few grains with random content, different for each seed.</summary>
    public static byte[] Sample(int seed = 1, int grains = 3)
    {
        byte[] raw = new byte[grains * Grain];
        new Random(seed).NextBytes(raw);
        return FromRaw(raw);
    }

    /// <summary>The disk of a raw image; all-zero grains are left out. The capacity is rounded up to whole grains.</summary>
    public static byte[] FromRaw(byte[] raw)
    {
        int grains = (raw.Length + Grain - 1) / Grain;
        int tables = (grains + TableEntries - 1) / TableEntries;
        var file = new MemoryStream();
        file.Write(Header(grains, ulong.MaxValue));
        byte[] descriptor = new byte[20 * Sector];
        Encoding.ASCII.GetBytes(Descriptor(grains)).CopyTo(descriptor, 0);
        file.Write(descriptor);
        file.SetLength(Grain);
        file.Position = Grain;

        var directory = new List<uint>();
        for (int table = 0; table < tables; table++)
        {
            uint[] entries = new uint[TableEntries];
            bool used = false;
            for (int i = 0; i < TableEntries && table * TableEntries + i < grains; i++)
            {
                int grain = table * TableEntries + i;
                ReadOnlySpan<byte> data = raw.AsSpan(grain * Grain, Math.Min(Grain, raw.Length - grain * Grain));
                if (!data.ContainsAnyExcept((byte)0))
                    continue;
                used = true;
                entries[i] = (uint)(file.Position / Sector);
                WriteGrain(file, (ulong)grain * (Grain / Sector), data);
            }
            directory.Add(used ? WriteTable(file, entries, type: 1) : 0);
        }
        uint directoryAt = WriteTable(file, directory, type: 2);
        WriteMarker(file, sectors: 1, type: 3);
        file.Write(Header(grains, directoryAt));
        WriteMarker(file, sectors: 0, type: 0);
        return file.ToArray();
    }

    private static void WriteGrain(MemoryStream file, ulong lba, ReadOnlySpan<byte> data)
    {
        byte[] whole = new byte[Grain];
        data.CopyTo(whole);
        var packed = new MemoryStream();
        using (var deflate = new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            deflate.Write(whole);
        byte[] marker = new byte[12];
        BinaryPrimitives.WriteUInt64LittleEndian(marker, lba);
        BinaryPrimitives.WriteUInt32LittleEndian(marker.AsSpan(8), (uint)packed.Length);
        file.Write(marker);
        packed.WriteTo(file);
        Pad(file);
    }

    private static uint WriteTable(MemoryStream file, IReadOnlyList<uint> entries, uint type)
    {
        WriteMarker(file, (ulong)(entries.Count * 4 + Sector - 1) / Sector, type);
        uint at = (uint)(file.Position / Sector);
        byte[] entry = new byte[4];
        foreach (uint value in entries)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(entry, value);
            file.Write(entry);
        }
        Pad(file);
        return at;
    }

    private static void WriteMarker(MemoryStream file, ulong sectors, uint type)
    {
        byte[] marker = new byte[Sector];
        BinaryPrimitives.WriteUInt64LittleEndian(marker, sectors);
        BinaryPrimitives.WriteUInt32LittleEndian(marker.AsSpan(12), type);
        file.Write(marker);
    }

    private static byte[] Header(int grains, ulong directoryAt)
    {
        byte[] header = new byte[Sector];
        "KDMV"u8.CopyTo(header);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(4), 3);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(8), 0x30001);
        BinaryPrimitives.WriteUInt64LittleEndian(header.AsSpan(12), (ulong)grains * (Grain / Sector));
        BinaryPrimitives.WriteUInt64LittleEndian(header.AsSpan(20), Grain / Sector);
        BinaryPrimitives.WriteUInt64LittleEndian(header.AsSpan(28), 1);
        BinaryPrimitives.WriteUInt64LittleEndian(header.AsSpan(36), 20);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(44), TableEntries);
        BinaryPrimitives.WriteUInt64LittleEndian(header.AsSpan(56), directoryAt);
        BinaryPrimitives.WriteUInt64LittleEndian(header.AsSpan(64), Grain / Sector);
        "\n \r\n"u8.CopyTo(header.AsSpan(73));
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(77), 1);
        return header;
    }

    private static string Descriptor(int grains) =>
        $"""
        # Disk DescriptorFile
        version=1
        CID=12345678
        parentCID=ffffffff
        createType="streamOptimized"

        RDONLY {grains * (Grain / Sector)} SPARSE "disk.vmdk"

        ddb.virtualHWVersion = "10"
        ddb.adapterType = "lsilogic"
        ddb.geometry.cylinders = "1"
        ddb.geometry.heads = "255"
        ddb.geometry.sectors = "63"

        """;

    private static void Pad(MemoryStream file)
    {
        int tail = (int)(file.Position % Sector);
        if (tail != 0)
            file.Write(new byte[Sector - tail]);
    }
}
