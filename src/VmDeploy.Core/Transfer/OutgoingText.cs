using System.Xml;

namespace VmDeploy.Transfer;

/// <summary>Checks text that is sent to a host in XML, which can't contain control characters, U+FFFE, U+FFFF and lone surrogates.</summary>
internal static class OutgoingText
{
    /// <summary>Returns the text.</summary>
    /// <exception cref="VmDeployException"><c>ValueRefused</c>, naming the field and the character.</exception>
    public static string Checked(string text, string field)
    {
        if (FindInvalid(text) is not { } i)
            return text;
        var code = ((int)text[i]).ToString("X4", CultureInfo.InvariantCulture);
        throw new VmDeployException(ErrorCodes.ValueRefused,
            $"The value of {field} contains the character U+{code} at position {i + 1}, which can't be sent to a host.", field);
    }

    /// <summary>Checks keys and values of an extra configuration.</summary>
    /// <exception cref="VmDeployException"><c>ValueRefused</c>.</exception>
    public static void CheckExtraConfig(IReadOnlyDictionary<string, string> entries)
    {
        foreach (var entry in entries)
        {
            if (string.IsNullOrWhiteSpace(entry.Key))
                throw new VmDeployException(ErrorCodes.ValueRefused, "A key of the extra configuration is empty.", entry.Key);
            Checked(entry.Key, "a key of the extra configuration");
            Checked(entry.Value, $"the key '{entry.Key}' of the extra configuration");
        }
    }

    public static int? FindInvalid(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
                i++;
            else if (!XmlConvert.IsXmlChar(text[i]))
                return i;
        }
        return null;
    }
}
