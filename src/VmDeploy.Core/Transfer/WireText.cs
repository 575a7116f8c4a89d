using System.Xml;

namespace VmDeploy.Transfer;

/// <summary>Text that XML, and so the protocols of both hypervisors, can carry: no control characters, no halves of surrogate pairs.</summary>
internal static class WireText
{
    /// <summary>Whether XML can carry the text.</summary>
    public static bool IsValid(string text) => FirstInvalid(text) < 0;

    /// <summary>Returns the text as it is.</summary>
    /// <exception cref="VmDeployException"><c>ValueRefused</c>. The message does not show the text, which may be a password.</exception>
    public static string Checked(string text) => FirstInvalid(text) is >= 0 and var i
        ? throw new VmDeployException(ErrorCodes.ValueRefused, $"The character 0x{(int)text[i]:x2} at position {i + 1} of a text can't be sent to the host.")
        : text;

    private static int FirstInvalid(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (i + 1 < text.Length && char.IsSurrogatePair(text[i], text[i + 1]))
                i++;
            else if (!XmlConvert.IsXmlChar(text[i]))
                return i;
        }
        return -1;
    }
}
