namespace VmDeploy.Vmdk;

/// <summary>
/// The first sector of a sparse VMDK extent (VMware Virtual Disk Format 5.0, <c>SparseExtentHeader</c>; little endian).
/// </summary>
public sealed record VmdkHeader
{
    /// <summary>Bytes of the header.</summary>
    public const int Size = 512;

    private const uint CompressedFlag = 1 << 16;
    private const uint MarkersFlag = 1 << 17;
    private const int SectorBits = 9;

    /// <summary>Format version, 1 to 3.</summary>
    public int Version { get; init; }

    /// <summary>Virtual size of the disk in bytes.</summary>
    public long CapacityBytes { get; init; }

    /// <summary>Bytes of the unit in which space is taken, 64 KiB in practice.</summary>
    public long GrainBytes { get; init; }

    /// <summary>Byte offset of the embedded descriptor text, 0 for none.</summary>
    public long DescriptorOffset { get; init; }

    /// <summary>Bytes of the embedded descriptor text.</summary>
    public long DescriptorBytes { get; init; }

    /// <summary>Entries of one grain table, 512 in practice.</summary>
    public int GrainTableEntries { get; init; }

    /// <summary>Byte offset of the first grain or marker.</summary>
    public long OverheadBytes { get; init; }

    /// <summary>Each grain is deflated.</summary>
    public bool IsCompressed { get; init; }

    /// <summary>Grains and tables carry markers, so that the file can be read as a stream.</summary>
    public bool HasMarkers { get; init; }

    /// <summary>True for what a host's import accepts.</summary>
    public bool IsStreamOptimized => IsCompressed && HasMarkers;

    /// <summary>Reads the header.</summary>
    /// <param name="block">At least 512 bytes, the start of the file.</param>
    /// <param name="problem">Why it is none, in words that follow the file's name; null on success.</param>
    /// <returns>The header, or null.</returns>
    public static VmdkHeader? TryParse(byte[] block, out string? problem) => throw new System.NotImplementedException();
}
