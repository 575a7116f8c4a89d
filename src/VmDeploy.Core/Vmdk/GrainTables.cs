using System.Buffers.Binary;

namespace VmDeploy.Vmdk;

/// <summary>
/// Compares where grains were found in the stream with where the file's grain tables say they are. A stream reader
/// needs no tables to place a grain, but every other reader uses them, so this finds a grain that is missing or that a
/// damaged marker has moved. Keeps one number per table (32 MiB of disk), not the tables.
/// </summary>
internal sealed class GrainTables(VmdkHeader header)
{
    private readonly Dictionary<int, ulong> _seen = [];          // table index -> fingerprint of its grains
    private readonly Dictionary<uint, ulong> _tables = [];       // sector of a table -> fingerprint of its entries
    private readonly Dictionary<int, uint> _directory = [];      // table index -> sector of the table

    public int TableSectors => header.GrainTableEntries * 4 / VmdkHeader.SectorSize;
    public int DirectorySectors => ((header.GrainTableCount * 4) + VmdkHeader.SectorSize - 1) / VmdkHeader.SectorSize;

    public void AddGrain(long grainIndex, long sector)
    {
        var table = (int)(grainIndex / header.GrainTableEntries);
        _seen.TryGetValue(table, out var sum);
        _seen[table] = sum + Fingerprint((int)(grainIndex % header.GrainTableEntries), (uint)sector);
    }

    public void AddTable(long sector, ReadOnlySpan<byte> entries)
    {
        ulong sum = 0;
        for (var i = 0; i < header.GrainTableEntries; i++)
        {
            // 0: no grain; 1: a grain of zeros that takes no space.
            var entry = BinaryPrimitives.ReadUInt32LittleEndian(entries.Slice(i * 4));
            if (entry > 1)
                sum += Fingerprint(i, entry);
        }
        _tables[(uint)sector] = sum;
    }

    public void AddDirectory(ReadOnlySpan<byte> entries)
    {
        _directory.Clear();
        for (var i = 0; i < header.GrainTableCount; i++)
        {
            var sector = BinaryPrimitives.ReadUInt32LittleEndian(entries.Slice(i * 4));
            if (sector != 0)
                _directory[i] = sector;
        }
    }

    /// <summary>The sectors of all tables that the directory names, ascending.</summary>
    public IEnumerable<uint> ListedTables => _directory.Values.OrderBy(sector => sector);

    public bool Match()
    {
        var listed = 0;
        foreach (var entry in _directory)
        {
            if (!_tables.TryGetValue(entry.Value, out var sum))
                return false;
            _seen.TryGetValue(entry.Key, out var seen);
            if (sum != seen)
                return false;
            if (seen != 0)
                listed++;
        }
        return listed == _seen.Count;
    }

    // SplitMix64's mixing step: sums of it don't collide by accident, and don't depend on the order.
    private static ulong Fingerprint(int index, uint sector)
    {
        var x = ((ulong)sector << 12) + (ulong)index + 0x9e3779b97f4a7c15;
        x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
        x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
        return x ^ (x >> 31);
    }
}
