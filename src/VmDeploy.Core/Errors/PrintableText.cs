using System.Text;

namespace VmDeploy;

/// <summary>
/// Makes text from a host or a file safe for a terminal or a log: control characters, which a terminal may obey, and
/// characters that reorder a line are escaped.
/// </summary>
public static class PrintableText
{
    /// <summary>The text, with each such character as <c>\u001B</c>. Line feeds and tabs are kept.</summary>
    public static string Escape(string text)
    {
        StringBuilder? escaped = null;
        for (var i = 0; i < text.Length; i++)
        {
            if (IsPrintable(text, i))
                escaped?.Append(text[i]);
            else
                (escaped ??= new StringBuilder(text, 0, i, text.Length + 16)).Append("\\u").Append(((int)text[i]).ToString("X4", CultureInfo.InvariantCulture));
        }
        return escaped?.ToString() ?? text;
    }

    private static bool IsPrintable(string text, int i) => text[i] switch
    {
        '\n' or '\t' => true,
        < ' ' or >= '\u007F' and <= '\u009F' => false,
        // Line separators, embedding, override and isolation of writing directions, byte order mark.
        >= '\u2028' and <= '\u202E' or >= '\u2066' and <= '\u2069' or '\u200E' or '\u200F' or '\u061C' or '\uFEFF' or >= '\uFFFE' => false,
        var c when char.IsSurrogate(c) => char.IsHighSurrogate(c)
            ? i + 1 < text.Length && char.IsLowSurrogate(text[i + 1])
            : i > 0 && char.IsHighSurrogate(text[i - 1]),
        _ => true,
    };
}
