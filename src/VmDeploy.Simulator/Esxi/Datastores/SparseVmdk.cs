using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace VmDeploy.Simulator.Esxi.Datastores;

/// <summary>
/// Virtual disks in one file each, in the form "monolithicSparse" of the Virtual Disk Format 5.0: an empty one, or a child
/// without data that names its parent. A real host keeps a descriptor and extents; one file has the same
/// content, and every tool for VMDK reads and writes it.
/// </summary>
internal static partial class SparseVmdk
{
    private const int Sector = 512;
    private const long GrainSectors = 128;
    private const int EntriesPerTable = 512;
    private const int TableSectors = EntriesPerTable * 4 / Sector;
    private const int DescriptorSectors = 20;
    private const string NoParent = "ffffffff";

    /// <summary>The first bytes of every sparse VMDK, stream-optimized ones too.</summary>
    public static ReadOnlySpan<byte> Magic => "KDMV"u8;

    /// <summary>Writes a disk that reads as zeros, or as its parent.</summary>
    /// <param name="path">The new file.</param>
    /// <param name="capacityKB">Virtual size in KiB.</param>
    /// <param name="parent">File of the parent, or null.</param>
    public static void Create(string path, long capacityKB, string? parent)
    {
        var capacity = capacityKB * 1024 / Sector;
        var tables = TablesFor(capacity);
        var directorySectors = DirectorySectors(tables);
        var first = 1 + DescriptorSectors;
        var second = first + directorySectors + tables * TableSectors;
        var overhead = Overhead(capacity);

        using var file = new FileStream(path, FileMode.CreateNew);
        file.SetLength(overhead * Sector);

        var header = new byte[Sector];
        Magic.CopyTo(header);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(4), 1); // version
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(8), 3); // newline test valid, redundant tables
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(12), capacity);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(20), GrainSectors);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(28), 1); // descriptor
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(36), DescriptorSectors);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(44), EntriesPerTable);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(48), first);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(56), second);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(64), overhead);
        "\n \r\n"u8.CopyTo(header.AsSpan(73));
        file.Write(header);
        file.Write(Encoding.ASCII.GetBytes(Descriptor(path, capacity, parent)));

        WriteDirectory(file, first, tables, directorySectors);
        WriteDirectory(file, second, tables, directorySectors);
    }

    /// <summary>The descriptor inside a sparse VMDK, or null if the file is not one.</summary>
    public static string? ReadDescriptor(string path)
    {
        using var file = File.OpenRead(path);
        var header = new byte[Sector];
        if (file.ReadAtLeast(header, Sector, throwOnEndOfStream: false) < Sector || !header.AsSpan(0, 4).SequenceEqual(Magic))
            return null;
        var text = new byte[DescriptorSectors * Sector];
        file.Position = BinaryPrimitives.ReadInt64LittleEndian(header.AsSpan(28)) * Sector;
        var read = file.ReadAtLeast(text, text.Length, throwOnEndOfStream: false);
        return Encoding.UTF8.GetString(text, 0, read).TrimEnd('\0');
    }

    /// <summary>Virtual size in KiB, or null if the file is not a sparse VMDK.</summary>
    public static long? ReadCapacityKB(string path)
    {
        using var file = File.OpenRead(path);
        var header = new byte[Sector];
        return file.ReadAtLeast(header, Sector, throwOnEndOfStream: false) == Sector && header.AsSpan(0, 4).SequenceEqual(Magic)
            ? BinaryPrimitives.ReadInt64LittleEndian(header.AsSpan(12)) * Sector / 1024
            : null;
    }

    /// <summary>File of the parent that a disk names, or null.</summary>
    public static string? ParentOf(string path) =>
        ReadDescriptor(path) is { } text && ParentLine().Match(text) is { Success: true } match
            ? Path.GetFullPath(match.Groups[1].Value, Path.GetDirectoryName(path)!)
            : null;

    /// <summary>A disk from <see cref="Create"/> without any data.</summary>
    public static bool IsPristine(string path) =>
        ReadCapacityKB(path) is { } capacity && new FileInfo(path).Length == Overhead(capacity * 1024 / Sector) * Sector;

    /// <summary>
    /// Enlarges a disk: a directory for the new size is added at the end of the file, in the format of the disk,
    /// and the grains are not moved. A stream gets a new end instead of its old one.
    /// </summary>
    public static void Extend(string path, long capacityKB)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite);
        var header = new byte[Sector];
        file.ReadExactly(header);
        var isStream = BinaryPrimitives.ReadInt64LittleEndian(header.AsSpan(56)) == -1;
        if (isStream)
        {
            // The header at the end of a stream-optimized disk is the one that counts.
            file.Position = file.Length - 2 * Sector;
            file.ReadExactly(header);
        }
        var capacity = capacityKB * 1024 / Sector;
        var coverage = BinaryPrimitives.ReadInt64LittleEndian(header.AsSpan(20)) * BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(44));
        var oldTables = TablesFor(BinaryPrimitives.ReadInt64LittleEndian(header.AsSpan(12)), coverage);
        var tables = TablesFor(capacity, coverage);
        var entries = new byte[DirectorySectors(tables) * Sector];
        var oldDirectory = BinaryPrimitives.ReadInt64LittleEndian(header.AsSpan(56));
        file.Position = oldDirectory * Sector;
        file.ReadExactly(entries, 0, oldTables * 4);

        // A stream ends once: with its directory, the marker and the footer, and the marker of the end, which are written anew.
        var endsWithDirectory = isStream && (oldDirectory + DirectorySectors(oldTables) + 3) * Sector == file.Length;
        var at = endsWithDirectory ? oldDirectory : (file.Length + Sector - 1) / Sector + 1; // In a stream a marker comes before a directory.
        var next = at + DirectorySectors(tables);
        for (var i = oldTables; i < tables && !isStream; i++, next += TableSectors)
            BinaryPrimitives.WriteInt32LittleEndian(entries.AsSpan(i * 4), (int)next);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(12), capacity);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(48), isStream ? 0 : at);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(56), at);

        file.SetLength(next * Sector);
        file.Position = at * Sector;
        file.Write(entries);
        if (isStream)
        {
            WriteMarker(file, (at - 1) * Sector, DirectorySectors(tables), type: 2);
            WriteMarker(file, next * Sector, 1, type: 3);
            file.Write(header);
            WriteMarker(file, (next + 2) * Sector, 0, type: 0);
            BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(56), -1);
        }
        file.Position = 0;
        file.Write(header);
    }

    // Sectors of one table.
    private static int TablesFor(long capacity, long coverage = GrainSectors * EntriesPerTable) => (int)((capacity + coverage - 1) / coverage);

    private static int DirectorySectors(int tables) => (tables * 4 + Sector - 1) / Sector;

    // Sectors before the first grain, a whole number of grains.
    private static long Overhead(long capacity)
    {
        var tables = TablesFor(capacity);
        var end = 1 + DescriptorSectors + 2 * (DirectorySectors(tables) + tables * TableSectors);
        return (end + GrainSectors - 1) / GrainSectors * GrainSectors;
    }

    private static void WriteMarker(FileStream file, long at, long sectors, int type)
    {
        var marker = new byte[Sector];
        BinaryPrimitives.WriteInt64LittleEndian(marker, sectors);
        BinaryPrimitives.WriteInt32LittleEndian(marker.AsSpan(12), type);
        file.Position = at;
        file.Write(marker);
    }

    private static void WriteDirectory(FileStream file, long at, int tables, int directorySectors)
    {
        var entries = new byte[tables * 4];
        for (var i = 0; i < tables; i++)
            BinaryPrimitives.WriteInt32LittleEndian(entries.AsSpan(i * 4), (int)(at + directorySectors + i * TableSectors));
        file.Position = at * Sector;
        file.Write(entries);
    }

    private static string Descriptor(string path, long capacity, string? parent)
    {
        var text = new StringBuilder("# Disk DescriptorFile\nversion=1\n");
        text.Append(CultureInfo.InvariantCulture, $"CID={Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4))}\n");
        text.Append(CultureInfo.InvariantCulture, $"parentCID={(parent is null ? NoParent : ContentId(parent))}\n");
        text.Append("createType=\"monolithicSparse\"\n");
        if (parent is not null)
            text.Append(CultureInfo.InvariantCulture, $"parentFileNameHint=\"{Path.GetRelativePath(Path.GetDirectoryName(path)!, parent)}\"\n");
        text.Append("\n# Extent description\n");
        text.Append(CultureInfo.InvariantCulture, $"RW {capacity} SPARSE \"{Path.GetFileName(path)}\"\n");
        text.Append("\n# The Disk Data Base\n#DDB\n\nddb.virtualHWVersion = \"4\"\n");
        text.Append(CultureInfo.InvariantCulture, $"ddb.geometry.cylinders = \"{Math.Min(65535, capacity / (255 * 63))}\"\n");
        text.Append("ddb.geometry.heads = \"255\"\nddb.geometry.sectors = \"63\"\nddb.adapterType = \"lsilogic\"\n");
        return text.ToString();
    }

    private static string ContentId(string path) =>
        ReadDescriptor(path) is { } text && ContentIdLine().Match(text) is { Success: true } match ? match.Groups[1].Value : NoParent;

    [GeneratedRegex("^parentFileNameHint=\"(.+)\"", RegexOptions.Multiline)]
    private static partial Regex ParentLine();

    [GeneratedRegex("^CID=([0-9a-fA-F]+)", RegexOptions.Multiline)]
    private static partial Regex ContentIdLine();
}
