using System.Text.RegularExpressions;

namespace VmDeploy;

/// <summary>MAC addresses that a user gives an adapter.</summary>
public static class MacAddress
{
    private static readonly Regex s_form = new(@"^([0-9A-F]{2})([:-]?)([0-9A-F]{2})(\2[0-9A-F]{2}){4}$", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase);

    /// <summary>The address as hosts write it: lower case, with colons. Hyphens and no separators are accepted.</summary>
    /// <exception cref="VmDeployException"><c>MacAddressInvalid</c>, also for a group address and for zeros.</exception>
    public static string Parse(string text)
    {
        var digits = text.Trim().Replace(":", "").Replace("-", "");
        if (!s_form.IsMatch(text.Trim()) || digits.All(c => c == '0'))
            throw new VmDeployException(ErrorCodes.MacAddressInvalid, $"'{text}' is not a valid MAC address.", text);
        if ((Convert.ToInt32(digits.Substring(0, 2), 16) & 1) != 0)
            throw new VmDeployException(ErrorCodes.MacAddressInvalid, $"'{text}' is the MAC address of a group, not of one adapter.", text);
        return string.Join(":", Enumerable.Range(0, 6).Select(i => digits.Substring(i * 2, 2))).ToLowerInvariant();
    }
}
