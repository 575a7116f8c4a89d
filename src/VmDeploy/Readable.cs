namespace VmDeploy.PowerShell;

/// <summary>Formats numbers for display; used by the views.</summary>
public static class Readable
{
    private static readonly string[] s_units = ["B", "KB", "MB", "GB", "TB", "PB"];

    /// <summary>A size in units of 1024, as PowerShell counts them: <c>512 B</c>, <c>1.5 GB</c>, <c>20 GB</c>.</summary>
    public static string Bytes(long bytes)
    {
        double value = bytes;
        var unit = 0;
        while (value >= 1024 && unit < s_units.Length - 1)
        {
            value /= 1024;
            unit++;
        }

        return string.Format(CultureInfo.CurrentCulture, value < 100 ? "{0:0.#} {1}" : "{0:0} {1}", value, s_units[unit]);
    }
}
