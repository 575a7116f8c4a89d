using System.Text;
using System.Text.RegularExpressions;

namespace VmDeploy.Ova;

/// <summary>Decodes the text files of a package.</summary>
internal static class OvfText
{
    private static readonly Regex s_declaration = new(@"^(<\?xml[^>]*?\sencoding\s*=\s*[""'])([A-Za-z0-9._-]+)", RegexOptions.CultureInvariant);

    private static readonly Encoding[] s_marked = [new UTF8Encoding(true, true), new UnicodeEncoding(false, true, true), new UnicodeEncoding(true, true, true)];

    /// <summary>
    /// Decodes by byte order mark, XML declaration or, without either, as UTF-8. The declaration is changed to UTF-8: the
    /// text is sent in that encoding, and the receiver's parser would use the old one.
    /// </summary>
    /// <exception cref="VmDeployException"><c>OvfMalformed</c> if it is not in the encoding that it declares.</exception>
    public static string Decode(byte[] content, string name)
    {
        string? declared = null;
        try
        {
            var marked = Array.Find(s_marked, encoding => StartsWith(content, encoding.GetPreamble()));
            if (marked is not null)
                return Redeclare(marked.GetString(content, marked.GetPreamble().Length, content.Length - marked.GetPreamble().Length));

            var match = s_declaration.Match(Encoding.ASCII.GetString(content, 0, Math.Min(content.Length, 256)));
            declared = match.Success ? match.Groups[2].Value : "utf-8";
            var encoding = Encoding.GetEncoding(declared, EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback);
            return Redeclare(encoding.GetString(content));
        }
        catch (ArgumentException e)
        {
            // Includes DecoderFallbackException.
            throw new VmDeployException(ErrorCodes.OvfMalformed, $"'{name}' is not in the encoding {declared ?? "of its byte order mark"}: {e.Message}", name, e);
        }
    }

    private static string Redeclare(string text) => s_declaration.Replace(text, "${1}UTF-8", 1);

    private static bool StartsWith(byte[] content, byte[] mark) => content.AsSpan().StartsWith(mark);
}
