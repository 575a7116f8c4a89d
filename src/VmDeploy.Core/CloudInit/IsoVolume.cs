using System.Buffers.Binary;
using System.Text;

namespace VmDeploy.CloudInit;

/// <summary>
/// Writes a small ISO 9660 volume with a few files in its root folder (ECMA-119), and Joliet's copy of the folder, in which the
/// names have lower-case letters.
/// </summary>
internal static class IsoVolume
{
    private const int Sector = 2048;
    private const int FirstDescriptor = 16;
    private const int PathTables = 19;
    private const int Roots = 23;
    private const int FirstFile = 25;
    private const int PathTableSize = 10;
    private const int LargestRecord = 256;

    private static readonly byte[] s_january1980 = [80, 1, 1, 0, 0, 0, 0];

    /// <summary>Builds the volume.</summary>
    /// <param name="label">Up to 16 ASCII characters.</param>
    /// <param name="files">Names (lower-case ASCII) in order, and contents; at most six.</param>
    public static byte[] Build(string label, IReadOnlyList<(string Name, byte[] Content)> files)
    {
        var starts = new int[files.Count];
        var end = FirstFile;
        for (var i = 0; i < files.Count; i++)
        {
            starts[i] = end;
            end += Sectors(files[i].Content.Length);
        }
        var image = new byte[end * Sector];
        for (var kind = 0; kind < 2; kind++)
        {
            var isJoliet = kind == 1;
            var root = Record([0], Roots + kind, Sector, isFolder: true);
            WriteDescriptor(image.AsSpan((FirstDescriptor + kind) * Sector, Sector), label, isJoliet, end, root);
            WritePathTable(image.AsSpan((PathTables + (2 * kind)) * Sector), Roots + kind, isBigEndian: false);
            WritePathTable(image.AsSpan((PathTables + (2 * kind) + 1) * Sector), Roots + kind, isBigEndian: true);
            var at = (Roots + kind) * Sector;
            // The folder itself and its parent, which is the same.
            foreach (var record in new[] { root, Record([1], Roots + kind, Sector, isFolder: true) }.Concat(files.Select((file, i) =>
                Record(NameOf(file.Name, isJoliet), starts[i], file.Content.Length, isFolder: false))))
            {
                record.CopyTo(image, at);
                at += record.Length;
            }
        }
        WriteStart(image.AsSpan((FirstDescriptor + 2) * Sector), type: 255);
        for (var i = 0; i < files.Count; i++)
            files[i].Content.CopyTo(image, starts[i] * Sector);
        return image;
    }

    private static void WriteDescriptor(Span<byte> descriptor, string label, bool isJoliet, int sectors, byte[] root)
    {
        WriteStart(descriptor, type: (byte)(isJoliet ? 2 : 1));
        // Identifiers are filled with spaces: system and volume, then volume set, publisher, preparer, application and three files.
        Fill(descriptor.Slice(8, 64), isJoliet);
        Fill(descriptor.Slice(190, 623), isJoliet);
        Text(label, isJoliet).CopyTo(descriptor.Slice(40));
        Both32(descriptor.Slice(80), sectors);
        if (isJoliet)
            "%/E"u8.CopyTo(descriptor.Slice(88));           // UCS-2 level 3
        Both16(descriptor.Slice(120), 1);                   // volumes of the set
        Both16(descriptor.Slice(124), 1);                   // number in it
        Both16(descriptor.Slice(128), Sector);
        Both32(descriptor.Slice(132), PathTableSize);
        BinaryPrimitives.WriteInt32LittleEndian(descriptor.Slice(140), PathTables + (isJoliet ? 2 : 0));
        BinaryPrimitives.WriteInt32BigEndian(descriptor.Slice(148), PathTables + (isJoliet ? 3 : 1));
        root.CopyTo(descriptor.Slice(156));
        // Creation, modification, expiration and effective time: not specified.
        for (var time = 813; time < 881; time += 17)
            descriptor.Slice(time, 16).Fill((byte)'0');
        descriptor[881] = 1;                                // version of the structure
    }

    private static void WriteStart(Span<byte> descriptor, byte type)
    {
        descriptor[0] = type;
        "CD001"u8.CopyTo(descriptor.Slice(1));
        descriptor[6] = 1;
    }

    private static void WritePathTable(Span<byte> table, int root, bool isBigEndian)
    {
        table[0] = 1;                                       // length of the name, which is 0
        if (isBigEndian)
        {
            BinaryPrimitives.WriteInt32BigEndian(table.Slice(2), root);
            BinaryPrimitives.WriteInt16BigEndian(table.Slice(6), 1);
        }
        else
        {
            BinaryPrimitives.WriteInt32LittleEndian(table.Slice(2), root);
            BinaryPrimitives.WriteInt16LittleEndian(table.Slice(6), 1);
        }
    }

    private static byte[] Record(byte[] name, int start, int length, bool isFolder)
    {
        Span<byte> record = stackalloc byte[LargestRecord];
        record.Clear();
        var size = 33 + name.Length;
        size += size % 2;
        record[0] = (byte)size;
        Both32(record.Slice(2), start);
        Both32(record.Slice(10), length);
        s_january1980.CopyTo(record.Slice(18));
        record[25] = (byte)(isFolder ? 2 : 0);
        Both16(record.Slice(28), 1);
        record[32] = (byte)name.Length;
        name.CopyTo(record.Slice(33));
        return record.Slice(0, size).ToArray();
    }

    // Without Joliet, Linux shows the name in lower case and without its version.
    private static byte[] NameOf(string name, bool isJoliet) => Text(isJoliet ? name : name.ToUpperInvariant() + ".;1", isJoliet);

    private static byte[] Text(string text, bool isJoliet) => (isJoliet ? Encoding.BigEndianUnicode : Encoding.ASCII).GetBytes(text);

    private static void Fill(Span<byte> field, bool isJoliet)
    {
        field.Fill((byte)' ');
        for (var i = 0; isJoliet && i < field.Length; i += 2)
            field[i] = 0;
    }

    private static int Sectors(int length) => (length + Sector - 1) / Sector;

    // Numbers are written in both byte orders.
    private static void Both32(Span<byte> target, int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(target, value);
        BinaryPrimitives.WriteInt32BigEndian(target.Slice(4), value);
    }

    private static void Both16(Span<byte> target, short value)
    {
        BinaryPrimitives.WriteInt16LittleEndian(target, value);
        BinaryPrimitives.WriteInt16BigEndian(target.Slice(2), value);
    }
}
