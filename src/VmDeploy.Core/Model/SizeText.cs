namespace VmDeploy;

/// <summary>Sizes as text, in units of 1024 as PowerShell counts them.</summary>
public static class SizeText
{
    private static readonly string[] s_units = ["B", "KB", "MB", "GB", "TB", "PB"];

    /// <summary>For example <c>512 B</c>, <c>1.5 GB</c>, <c>20 GB</c>; the same in every culture.</summary>
    public static string Format(long bytes) => Format(bytes, CultureInfo.InvariantCulture);

    /// <summary>As above, with the decimal separator of a culture.</summary>
    public static string Format(long bytes, IFormatProvider culture)
    {
        double value = bytes;
        var unit = 0;
        while (value >= 1024 && unit < s_units.Length - 1)
        {
            value /= 1024;
            unit++;
        }
        return string.Format(culture, value < 100 ? "{0:0.#} {1}" : "{0:0} {1}", value, s_units[unit]);
    }
}
