using System.Buffers.Binary;

namespace VmDeploy.Vmdk;

/// <summary>The first sector of a sparse VMDK extent (VMware Virtual Disk Format 5.0, <c>SparseExtentHeader</c>; little endian).</summary>
public sealed record VmdkHeader
{
    /// <summary>Bytes of the header.</summary>
    public const int Size = 512;

    /// <summary>Bytes at the end of a stream-optimized file: the footer, and the marker of its end.</summary>
    internal const int TailSize = 2 * SectorSize;

    /// <summary>Bytes of the unit that the format counts in.</summary>
    public const int SectorSize = 512;

    /// <summary>The value of <see cref="GrainDirectorySector"/> if the directory is at the end of the file.</summary>
    internal const ulong DirectoryAtEnd = ulong.MaxValue;

    /// <summary>Sectors before the first grain in what is written here, as in the files of VMware's products.</summary>
    internal const int Overhead = 128;

    /// <summary>Sectors of the descriptor in what is written here; it follows the header.</summary>
    internal const int DescriptorSectors = 20;

    private const uint Magic = 0x564d444b; // "KDMV"
    private const uint LineEndsFlag = 1;
    private const uint CompressedFlag = 1 << 16;
    private const uint MarkersFlag = 1 << 17;

    // The first version of compressed grains; hosts refuse older ones.
    private const int WrittenVersion = 3;

    private static readonly byte[] s_endOfStream = new byte[SectorSize];

    // The line ends exist only to reveal a transfer in text mode.
    private static readonly byte[] s_lineEnds = [(byte)'\n', (byte)' ', (byte)'\r', (byte)'\n'];

    // VMware's own limit is 62 TB; more is damage, and would use up memory.
    private const long MaxCapacitySectors = 64L << (40 - 9);

    // The specification allows any power of two from 8; writers use 128 (64 KiB). 4 MiB bounds the memory.
    private const long MaxGrainSectors = 8192;
    private const long MaxGrainTables = 1 << 22;

    /// <summary>Format version, 1 to 3.</summary>
    public int Version { get; private init; }

    /// <summary>Virtual size of the disk in bytes; this, not the OVF's number, is what the data fills.</summary>
    public long CapacityBytes { get; private init; }

    /// <summary>Bytes of a grain, the allocation unit; 64 KiB in practice.</summary>
    public int GrainBytes { get; private init; }

    /// <summary>Byte offset of the embedded descriptor text, 0 for none.</summary>
    public long DescriptorOffset { get; private init; }

    /// <summary>Bytes of the embedded descriptor text.</summary>
    public long DescriptorBytes { get; private init; }

    /// <summary>Number of entries of one grain table, 512 in practice.</summary>
    public int GrainTableEntries { get; private init; }

    /// <summary>Byte offset of the first grain or marker.</summary>
    public long OverheadBytes { get; private init; }

    /// <summary>Each grain is deflated.</summary>
    public bool IsCompressed { get; private init; }

    /// <summary>Grains and tables carry markers, so that the file can be read as a stream.</summary>
    public bool HasMarkers { get; private init; }

    /// <summary>True if a host's import accepts it.</summary>
    public bool IsStreamOptimized => IsCompressed && HasMarkers;

    /// <summary>Sector of the grain directory, or <see cref="DirectoryAtEnd"/>.</summary>
    internal ulong GrainDirectorySector { get; private init; }

    internal int GrainTableCount { get; private init; }

    /// <summary>Reads the header.</summary>
    /// <param name="block">At least 512 bytes, the start of the file.</param>
    /// <param name="problem">Why it can't be used, as a phrase that follows the file's name; null on success.</param>
    /// <returns>The header, or null.</returns>
    public static VmdkHeader? TryParse(ReadOnlySpan<byte> block, out string? problem)
    {
        if (block.Length < Size)
        {
            problem = "is shorter than the header of a VMDK";
            return null;
        }
        if (U32(block, 0) != Magic)
        {
            problem = "is not a sparse VMDK: it does not start with KDMV";
            return null;
        }
        uint version = U32(block, 4), flags = U32(block, 8), entries = U32(block, 44);
        ulong capacity = U64(block, 12), grain = U64(block, 20), descriptor = U64(block, 28), descriptorSize = U64(block, 36), overhead = U64(block, 64);
        var compressed = (flags & CompressedFlag) != 0;
        problem = version is < 1 or > 3 ? $"has the unknown VMDK version {version}"
            : capacity is 0 or > MaxCapacitySectors ? $"has a capacity of {capacity} sectors, which is not valid"
            : grain is < 8 or > MaxGrainSectors || (grain & (grain - 1)) != 0 ? $"has a grain size of {grain} sectors, which is not valid"
            : entries is < 128 or > 4096 || entries % 128 != 0 ? $"has grain tables of {entries} entries, which is not valid"
            : Tables() > MaxGrainTables ? $"has {Tables()} grain tables, which is not valid"
            : compressed && BinaryPrimitives.ReadUInt16LittleEndian(block.Slice(77)) != 1 ? "has an unknown compression"
            : !block.Slice(73, 4).SequenceEqual(s_lineEnds) ? "was transferred in text mode or is damaged"
            : overhead is 0 or > MaxCapacitySectors || descriptor > overhead || descriptorSize > overhead - descriptor ? "has a descriptor that overlaps its data"
            : null;
        return problem is not null ? null : new VmdkHeader
        {
            Version = (int)version,
            CapacityBytes = (long)capacity * SectorSize,
            GrainBytes = (int)grain * SectorSize,
            DescriptorOffset = (long)descriptor * SectorSize,
            DescriptorBytes = (long)descriptorSize * SectorSize,
            GrainTableEntries = (int)entries,
            OverheadBytes = (long)overhead * SectorSize,
            IsCompressed = compressed,
            HasMarkers = (flags & MarkersFlag) != 0,
            GrainDirectorySector = U64(block, 56),
            GrainTableCount = (int)Tables(),
        };

        long Tables() => ((long)capacity + ((long)grain * entries) - 1) / ((long)grain * entries);
    }

    /// <summary>Whether a stream-optimized file is whole, as far as its last <see cref="TailSize"/> bytes show: the marker of its end, behind the footer that the header announces.</summary>
    internal bool IsEndedBy(ReadOnlySpan<byte> tail) => tail.Length == TailSize && tail.Slice(SectorSize).SequenceEqual(s_endOfStream)
        && (GrainDirectorySector != DirectoryAtEnd || (TryParse(tail, out _) is { } footer && footer.CapacityBytes == CapacityBytes));

    /// <summary>The header, or the footer, of a stream-optimized VMDK that is written.</summary>
    internal static byte[] Create(long sectors, int grainSectors, int tableEntries, ulong directorySector)
    {
        var block = new byte[Size];
        Put32(0, Magic);
        Put32(4, WrittenVersion);
        Put32(8, LineEndsFlag | CompressedFlag | MarkersFlag);
        Put64(12, (ulong)sectors);
        Put64(20, (ulong)grainSectors);
        Put64(28, 1);
        Put64(36, DescriptorSectors);
        Put32(44, (uint)tableEntries);
        Put64(56, directorySector);
        Put64(64, Overhead);
        s_lineEnds.CopyTo(block, 73);
        block[77] = 1; // deflate
        return block;

        void Put32(int at, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(block.AsSpan(at), value);
        void Put64(int at, ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(block.AsSpan(at), value);
    }

    private static uint U32(ReadOnlySpan<byte> block, int offset) => BinaryPrimitives.ReadUInt32LittleEndian(block.Slice(offset));

    private static ulong U64(ReadOnlySpan<byte> block, int offset) => BinaryPrimitives.ReadUInt64LittleEndian(block.Slice(offset));
}
