using System;
using System.Text;
using System.Text.RegularExpressions;

namespace VmDeploy.Ova;

/// <summary>The bytes of a package's text files as text.</summary>
internal static class OvfText
{
    private static readonly Regex s_declaration = new(@"^(<\?xml[^>]*?\sencoding\s*=\s*[""'])([A-Za-z0-9._-]+)", RegexOptions.CultureInvariant);

    private static readonly Encoding[] s_marked = [new UTF8Encoding(true, true), new UnicodeEncoding(false, true, true), new UnicodeEncoding(true, true, true)];

    /// <summary>
    /// Decodes by byte order mark, else by the XML declaration, else as UTF-8. The declaration then says UTF-8: as a string the
    /// text is sent on in that encoding, and a parser at the other end would believe the old one.
    /// </summary>
    /// <param name="content">The file.</param>
    /// <param name="name">Its name, for messages.</param>
    /// <exception cref="VmDeployException"><c>OvfMalformed</c> when it is not in the encoding that it claims.</exception>
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
            // DecoderFallbackException is one, too.
            throw new VmDeployException(ErrorCodes.OvfMalformed, $"'{name}' is not in the encoding {declared ?? "of its byte order mark"}: {e.Message}", name, e);
        }
    }

    private static string Redeclare(string text) => s_declaration.Replace(text, "${1}UTF-8", 1);

    private static bool StartsWith(byte[] content, byte[] mark) => content.AsSpan().StartsWith(mark);
}
