namespace VmDeploy;

/// <summary>Sizes as text, in units of 1024 and the same in every culture.</summary>
public static class SizeText
{
    private static readonly string[] s_units = ["B", "KB", "MB", "GB", "TB", "PB"];

    /// <summary>For example <c>512 B</c>, <c>1.5 GB</c>, <c>20 GB</c>.</summary>
    public static string Format(long bytes)
    {
        double value = bytes;
        var unit = 0;
        while (value >= 1024 && unit < s_units.Length - 1)
        {
            value /= 1024;
            unit++;
        }
        return string.Format(CultureInfo.InvariantCulture, value < 100 ? "{0:0.#} {1}" : "{0:0} {1}", value, s_units[unit]);
    }
}
