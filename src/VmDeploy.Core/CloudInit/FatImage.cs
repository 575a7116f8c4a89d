using System.Buffers.Binary;
using System.Text;

namespace VmDeploy.CloudInit;

/// <summary>
/// Writes a small FAT12 volume with a label and a few files in its root folder, without a partition table
/// (Microsoft's FAT specification 1.03). One geometry is enough: 10 MiB in clusters of 4 KiB.
/// </summary>
internal static class FatImage
{
    public const int Size = 10 << 20;

    private const int Sector = 512;
    private const int SectorsPerCluster = 8;
    private const int ClusterSize = Sector * SectorsPerCluster;
    private const int FatSectors = 8;
    private const int FatStart = Sector;
    private const int RootEntries = 512;
    private const int EntrySize = 32;
    private const int RootStart = FatStart + (2 * FatSectors * Sector);
    private const int DataStart = RootStart + (RootEntries * EntrySize);
    private const int Clusters = (Size - DataStart) / ClusterSize;
    private const int FirstCluster = 2;
    private const int EndOfChain = 0xfff;
    private const int January1980 = (1 << 5) | 1;

    /// <summary>The largest sum of file sizes that always fits.</summary>
    public static int Capacity(int files) => (Clusters - files) * ClusterSize;

    /// <summary>Builds the volume.</summary>
    /// <param name="label">Up to 11 characters; the guest's search for it may be case-sensitive.</param>
    /// <param name="files">Names (ASCII) and contents; together within <see cref="Capacity"/>.</param>
    public static byte[] Build(string label, IReadOnlyList<(string Name, byte[] Content)> files)
    {
        var image = new byte[Size];
        var name = Encoding.ASCII.GetBytes(label.PadRight(11));
        WriteBootSector(image, name, Serial(files));

        var entry = RootStart;
        WriteEntry(image, ref entry, name, attributes: 0x08, cluster: 0, length: 0);
        SetFat(image, 0, 0xff8);
        SetFat(image, 1, EndOfChain);
        var cluster = FirstCluster;
        for (var i = 0; i < files.Count; i++)
        {
            var (fileName, content) = files[i];
            var count = (content.Length + ClusterSize - 1) / ClusterSize;
            WriteFileEntries(image, ref entry, fileName, i + 1, count == 0 ? 0 : cluster, content.Length);
            content.CopyTo(image, DataStart + ((cluster - FirstCluster) * ClusterSize));
            for (; count > 0; count--, cluster++)
                SetFat(image, cluster, count == 1 ? EndOfChain : cluster + 1);
        }
        Buffer.BlockCopy(image, FatStart, image, FatStart + (FatSectors * Sector), FatSectors * Sector);
        return image;
    }

    private static void WriteBootSector(byte[] image, byte[] label, uint serial)
    {
        var boot = image.AsSpan(0, Sector);
        ReadOnlySpan<byte> jump = [0xeb, 0x3c, 0x90];
        jump.CopyTo(boot);
        "MSWIN4.1"u8.CopyTo(boot.Slice(3));             // recommended by the specification for compatibility
        U16(boot, 11, Sector);
        boot[13] = SectorsPerCluster;
        U16(boot, 14, FatStart / Sector);
        boot[16] = 2;                                   // copies of the FAT
        U16(boot, 17, RootEntries);
        U16(boot, 19, Size / Sector);
        boot[21] = 0xf8;                                // a fixed disk
        U16(boot, 22, FatSectors);
        U16(boot, 24, 32);                              // sectors per track and heads: unused, but must not be 0
        U16(boot, 26, 64);
        boot[36] = 0x80;
        boot[38] = 0x29;                                // serial, label and type follow
        BinaryPrimitives.WriteUInt32LittleEndian(boot.Slice(39), serial);
        label.CopyTo(boot.Slice(43));
        "FAT12   "u8.CopyTo(boot.Slice(54));
        boot[510] = 0x55;
        boot[511] = 0xaa;
    }

    // The long name is before the short one, last part first (specification, "Long File Name Implementation").
    private static void WriteFileEntries(byte[] image, ref int entry, string name, int number, int cluster, int length)
    {
        const int charactersPerPart = 13;
        var shortName = ShortName(name, number);
        byte checksum = 0;
        foreach (var b in shortName)
            checksum = (byte)((checksum << 7) + (checksum >> 1) + b);

        var parts = (name.Length + charactersPerPart - 1) / charactersPerPart;
        for (var part = parts; part > 0; part--, entry += EntrySize)
        {
            var slot = image.AsSpan(entry, EntrySize);
            slot[0] = (byte)(part == parts ? part | 0x40 : part);
            slot[11] = 0x0f;
            slot[13] = checksum;
            for (var i = 0; i < charactersPerPart; i++)
            {
                var at = ((part - 1) * charactersPerPart) + i;
                var character = at < name.Length ? name[at] : at == name.Length ? '\0' : '\uffff';
                U16(slot, i < 5 ? 1 + (i * 2) : i < 11 ? 14 + ((i - 5) * 2) : 28 + ((i - 11) * 2), character);
            }
        }
        WriteEntry(image, ref entry, shortName, attributes: 0x20, cluster, length);
    }

    private static byte[] ShortName(string name, int number)
    {
        var stem = new string(name.Where(c => c < 128 && char.IsLetterOrDigit(c)).Take(6).ToArray()).ToUpperInvariant();
        return Encoding.ASCII.GetBytes($"{stem}~{number}".PadRight(11));
    }

    private static void WriteEntry(byte[] image, ref int entry, byte[] name, byte attributes, int cluster, int length)
    {
        var slot = image.AsSpan(entry, EntrySize);
        name.CopyTo(slot);
        slot[11] = attributes;
        U16(slot, 16, January1980);
        U16(slot, 18, January1980);
        U16(slot, 24, January1980);
        U16(slot, 26, cluster);
        BinaryPrimitives.WriteInt32LittleEndian(slot.Slice(28), length);
        entry += EntrySize;
    }

    // Two entries of 12 bits share three bytes.
    private static void SetFat(byte[] image, int cluster, int value)
    {
        var at = FatStart + (cluster * 3 / 2);
        if (cluster % 2 == 0)
        {
            image[at] = (byte)value;
            image[at + 1] = (byte)((image[at + 1] & 0xf0) | (value >> 8));
        }
        else
        {
            image[at] = (byte)((image[at] & 0x0f) | ((value & 0x0f) << 4));
            image[at + 1] = (byte)(value >> 4);
        }
    }

    // From the contents (FNV-1a), so that the same files give the same image.
    private static uint Serial(IReadOnlyList<(string Name, byte[] Content)> files) =>
        files.SelectMany(file => file.Content).Aggregate(2166136261, (hash, b) => (hash ^ b) * 16777619);

    private static void U16(Span<byte> target, int offset, int value) =>
        BinaryPrimitives.WriteUInt16LittleEndian(target.Slice(offset), (ushort)value);
}
