namespace VmDeploy;

/// <summary>Recognises picture files by their headers.</summary>
internal static class Picture
{
    private static readonly byte[] s_png = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>Format and size of a PNG or JPEG file; null for anything else.</summary>
    public static (string Format, int Width, int Height)? Inspect(byte[] content)
    {
        if (content.Length >= 33 && content.Take(s_png.Length).SequenceEqual(s_png))
            return ("PNG", Number(content, 16, 4), Number(content, 20, 4));
        // Segments: FF, kind, length with itself, data.
        for (var at = 2; content.Length > 4 && content[0] == 0xFF && content[1] == 0xD8 && at + 9 < content.Length && content[at] == 0xFF; at += 2 + Number(content, at + 2, 2))
        {
            if (content[at + 1] is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC))
                return ("JPEG", Number(content, at + 7, 2), Number(content, at + 5, 2));
        }
        return null;
    }

    private static int Number(byte[] content, int at, int length)
    {
        var number = 0;
        for (var i = 0; i < length; i++)
            number = number << 8 | content[at + i];
        return number;
    }
}
