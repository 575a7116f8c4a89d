using System.Buffers.Binary;
using System.Text;

namespace VmDeploy.Tests.Ova;

/// <summary>Tar headers written by the test, which no tool writes quickly or at all.</summary>
internal static class TarBlocks
{
    public static byte[] Header(string name, char type, long size, bool binarySize = false)
    {
        var block = new byte[512];
        Encoding.UTF8.GetBytes(name).CopyTo(block, 0);
        Encoding.ASCII.GetBytes("0000644\0" + "0000000\0" + "0000000\0").CopyTo(block, 100);
        if (binarySize)
        {
            block[124] = 0x80;
            BinaryPrimitives.WriteInt64BigEndian(block.AsSpan(128), size);
        }
        else
        {
            Encoding.ASCII.GetBytes(Convert.ToString(size, 8).PadLeft(11, '0') + "\0").CopyTo(block, 124);
        }
        Encoding.ASCII.GetBytes("00000000000\0").CopyTo(block, 136);
        block[156] = (byte)type;
        "ustar\0"u8.CopyTo(block.AsSpan(257));
        "00"u8.CopyTo(block.AsSpan(263));
        Sign(block);
        return block;
    }

    /// <summary>Puts the right checksum into a header.</summary>
    public static void Sign(Span<byte> block)
    {
        block.Slice(148, 8).Fill((byte)' ');
        var sum = 0;
        foreach (var value in block)
            sum += value;
        Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ").CopyTo(block.Slice(148));
    }

    /// <summary>True for a block with a name and the right checksum.</summary>
    public static bool IsHeader(ReadOnlySpan<byte> block)
    {
        var copy = block.ToArray();
        Sign(copy);
        return block[0] != 0 && copy.AsSpan().SequenceEqual(block);
    }

    public static byte[] Pad(byte[] content)
    {
        var padded = new byte[(content.Length + 511) / 512 * 512];
        content.CopyTo(padded, 0);
        return padded;
    }

    /// <summary>A PAX record, whose length counts itself.</summary>
    public static byte[] PaxRecord(string key, string value)
    {
        var body = Encoding.UTF8.GetByteCount($" {key}={value}\n");
        var length = body + 1;
        while (length != body + length.ToString(System.Globalization.CultureInfo.InvariantCulture).Length)
            length++;
        return Encoding.UTF8.GetBytes(FormattableString.Invariant($"{length} {key}={value}\n"));
    }
}
