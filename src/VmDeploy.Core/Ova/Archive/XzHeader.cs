namespace VmDeploy.Ova;

/// <summary>The start of an .xz stream (The .xz File Format 1.1, sections 2.1.1 and 3.1).</summary>
internal static class XzHeader
{
    /// <summary>Bytes of a stream header and the longest block header.</summary>
    public const int Longest = StreamHeader + 1024;

    private const int StreamHeader = 12;
    private const int MostVarintBytes = 9;
    private const int HasCompressedSize = 0x40;
    private const int HasUncompressedSize = 0x80;
    private const int FilterCount = 3;
    private const long Lzma2 = 0x21;
    private const int LargestWindowCode = 40;

    /// <summary>The window in bytes that the first block asks for; null if that can't be read, or the stream has no block.</summary>
    public static long? WindowOf(byte[] start)
    {
        // A block header begins with its size, and an index with zero.
        if (start.Length <= StreamHeader + 2 || start[StreamHeader] == 0)
            return null;
        var flags = start[StreamHeader + 1];
        var at = StreamHeader + 2;
        if ((flags & HasCompressedSize) != 0)
            Varint();
        if ((flags & HasUncompressedSize) != 0)
            Varint();
        for (var filter = 0; filter <= (flags & FilterCount); filter++)
        {
            if (Varint() is not { } id || Varint() is not { } size || size > start.Length - at)
                return null;
            if (id == Lzma2 && size == 1)
                return start[at] is var code && code >= LargestWindowCode ? uint.MaxValue : (2L | (code & 1L)) << ((code / 2) + 11);
            at += (int)size;
        }
        return null;

        long? Varint()
        {
            long value = 0;
            for (var i = 0; i < MostVarintBytes && at < start.Length; i++)
            {
                var digit = start[at++];
                value |= (long)(digit & 0x7F) << (7 * i);
                if (digit < 0x80)
                    return value;
            }
            return null;
        }
    }
}
