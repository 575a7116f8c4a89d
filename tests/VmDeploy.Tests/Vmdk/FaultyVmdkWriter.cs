using System.IO.Compression;
using System.Text;

namespace VmDeploy.Tests.Vmdk;

/// <summary>
/// Writes stream-optimized VMDKs in the layout that VMware's products use (tables and footer at the end), with any
/// fault that a test needs: grains are written in the given order and at the given positions.
/// </summary>
internal sealed class FaultyVmdkWriter
{
    private const int Sector = 512;
    private const int Entries = 512;
    private readonly List<byte> _out = [];
    private readonly long _capacity;
    private readonly int _grainSectors;
    private readonly SortedDictionary<long, uint[]> _tables = [];

    public FaultyVmdkWriter(long capacityBytes, int grainSectors = 128, string parentCid = "ffffffff")
    {
        _capacity = capacityBytes / Sector;
        _grainSectors = grainSectors;
        WriteHeader(ulong.MaxValue);
        var descriptor = $"# Disk DescriptorFile\nversion=1\nCID=12345678\nparentCID={parentCid}\ncreateType=\"streamOptimized\"\n\n" +
            $"# Extent description\nRW {_capacity} SPARSE \"disk.vmdk\"\n\n#DDB\nddb.adapterType = \"lsilogic\"\n";
        _out.AddRange(Encoding.ASCII.GetBytes(descriptor.PadRight(2 * Sector, '\0')));
    }

    public static byte[] Write(byte[] raw, int grainSectors = 128)
    {
        var writer = new FaultyVmdkWriter(raw.Length, grainSectors);
        for (var at = 0; at < raw.Length; at += grainSectors * Sector)
        {
            var grain = new byte[grainSectors * Sector];
            raw.AsSpan(at, Math.Min(grain.Length, raw.Length - at)).CopyTo(grain);
            if (grain.Any(b => b != 0))
                writer.AddGrain(at / Sector, grain);
        }
        return writer.Finish();
    }

    public FaultyVmdkWriter AddGrain(long lba, byte[] data, bool listed = true)
    {
        var index = lba / _grainSectors;
        if (listed)
        {
            if (!_tables.TryGetValue(index / Entries, out var table))
                _tables[index / Entries] = table = new uint[Entries];
            table[index % Entries] = (uint)(_out.Count / Sector);
        }
        using var compressed = new MemoryStream();
        using (var zlib = new ZLibStream(compressed, CompressionLevel.Fastest, leaveOpen: true))
            zlib.Write(data);
        Write64((ulong)lba);
        Write32((uint)compressed.Length);
        _out.AddRange(compressed.ToArray());
        Pad();
        return this;
    }

    public byte[] Finish(bool footer = true, bool endOfStream = true)
    {
        var directory = new uint[(_capacity + (_grainSectors * Entries) - 1) / (_grainSectors * Entries)];
        foreach (var (index, table) in _tables)
        {
            if (index < directory.Length)
                directory[index] = (uint)(_out.Count / Sector) + 1;
            WriteMetadata(1, table);
        }
        var directoryAt = (ulong)(_out.Count / Sector) + 1;
        WriteMetadata(2, directory);
        if (footer)
        {
            WriteMarker(1, 3);
            WriteHeader(directoryAt);
        }
        if (endOfStream)
            WriteMarker(0, 0);
        return [.. _out];
    }

    private void WriteMetadata(uint type, uint[] entries)
    {
        WriteMarker((entries.Length + 127) / 128, type);
        foreach (var entry in entries)
            Write32(entry);
        Pad();
    }

    private void WriteMarker(int sectors, uint type)
    {
        Write64((ulong)sectors);
        Write32(0);
        Write32(type);
        Pad();
    }

    private void WriteHeader(ulong directory)
    {
        _out.AddRange("KDMV"u8);
        Write32(3);
        Write32(0x30001);
        Write64((ulong)_capacity);
        Write64((ulong)_grainSectors);
        Write64(1);
        Write64(2);
        Write32(Entries);
        Write64(0);
        Write64(directory);
        Write64(3);
        _out.AddRange("\0\n \r\n"u8);
        _out.AddRange((byte[])[1, 0]);
        Pad();
    }

    private void Pad() => _out.AddRange(new byte[(Sector - (_out.Count % Sector)) % Sector]);

    private void Write32(uint value) => _out.AddRange(BitConverter.GetBytes(value));

    private void Write64(ulong value) => _out.AddRange(BitConverter.GetBytes(value));
}
