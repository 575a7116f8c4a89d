using System;
using System.Text;

namespace VmDeploy.Ova;

/// <summary>One header block of a tar archive (POSIX.1-2017 ustar, and GNU's variations of it).</summary>
internal sealed class TarHeader
{
    public const int Size = 512;

    private const int NameAt = 0, NameLength = 100;
    private const int SizeAt = 124, SizeLength = 12;
    private const int ChecksumAt = 148, ChecksumLength = 8;
    private const int TypeAt = 156;
    private const int MagicAt = 257;
    private const int PrefixAt = 345, PrefixLength = 155;

    private TarHeader(string name, long length, char type)
    {
        Name = name;
        Length = length;
        Type = type;
    }

    public string Name { get; }

    public long Length { get; }

    /// <summary>The type flag; a plain file is always '0'.</summary>
    public char Type { get; }

    /// <summary>Parses a block, or returns null when the checksum or the size is not one.</summary>
    public static TarHeader? TryParse(byte[] block)
    {
        if (!HasValidChecksum(block) || ReadNumber(block, SizeAt, SizeLength) is not { } length)
            return null;

        var type = (char)block[TypeAt];
        var name = ReadText(block, NameAt, NameLength);
        // POSIX: "ustar" NUL. GNU writes "ustar" space and keeps other things where POSIX has the prefix.
        var isPosix = Encoding.ASCII.GetString(block, MagicAt, 6) == "ustar\0";
        if (isPosix && ReadText(block, PrefixAt, PrefixLength) is { Length: > 0 } prefix)
            name = prefix + "/" + name;
        if (type is '\0' or '7')
            type = name.EndsWith("/", StringComparison.Ordinal) ? '5' : '0';
        return new TarHeader(name, length, type);
    }

    public static bool IsZero(byte[] block) => Array.TrueForAll(block, b => b == 0);

    // Old tars summed signed bytes.
    private static bool HasValidChecksum(byte[] block)
    {
        long unsigned = 0, signed = 0;
        for (var i = 0; i < Size; i++)
        {
            var value = i is >= ChecksumAt and < ChecksumAt + ChecksumLength ? (byte)' ' : block[i];
            unsigned += value;
            signed += (sbyte)value;
        }
        return ReadNumber(block, ChecksumAt, ChecksumLength) is { } stored && (stored == unsigned || stored == signed);
    }

    // Octal digits between spaces and NULs, or, with the top bit set, a big-endian binary number.
    private static long? ReadNumber(byte[] block, int offset, int length)
    {
        if ((block[offset] & 0x80) != 0)
        {
            // The top bits of a negative number, or of one beyond 2^63, are no size.
            if (block[offset] != 0x80)
                return null;
            ulong binary = 0;
            for (var i = offset + 1; i < offset + length; i++)
            {
                if (binary >> 55 != 0)
                    return null;
                binary = (binary << 8) | block[i];
            }
            return (long)binary;
        }

        int at = offset, end = offset + length;
        while (at < end && block[at] is (byte)' ' or 0)
            at++;
        long value = 0;
        for (; at < end && block[at] is not ((byte)' ' or 0); at++)
        {
            if (block[at] is < (byte)'0' or > (byte)'7')
                return null;
            value = (value << 3) | (uint)(block[at] - '0');
        }
        return value;
    }

    private static string ReadText(byte[] block, int offset, int length)
    {
        var end = Array.IndexOf(block, (byte)0, offset, length);
        return Encoding.UTF8.GetString(block, offset, (end < 0 ? offset + length : end) - offset);
    }
}
