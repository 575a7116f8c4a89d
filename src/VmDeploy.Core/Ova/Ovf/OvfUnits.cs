using System.Text.RegularExpressions;

namespace VmDeploy.Ova;

/// <summary>Sizes with programmatic units (DSP0004 annex C.1: <c>byte * 2^20</c>), and with the plain names that older writers use.</summary>
internal static class OvfUnits
{
    private static readonly Regex s_programmatic = new(@"^bytes?(?:\s*\*\s*(?<base>\d{1,18})(?:\s*\^\s*(?<exponent>\d{1,2}))?)*$", RegexOptions.CultureInvariant);

    private const int MaxLength = 200;

    /// <summary>The size in bytes; null when the number or the unit can't be parsed, or the product exceeds 2^63.</summary>
    public static long? ToBytes(string quantity, string? units)
    {
        if (!long.TryParse(quantity.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) || Factor((units ?? "").Trim().ToLowerInvariant()) is not { } factor)
            return null;
        return factor == 0 || number <= long.MaxValue / factor ? (long)(number * factor) : null;
    }

    private static decimal? Factor(string units)
    {
        switch (units)
        {
            case "": return 1;
            case "kb" or "kib" or "kilobyte" or "kilobytes": return 1L << 10;
            case "mb" or "mib" or "megabyte" or "megabytes": return 1L << 20;
            case "gb" or "gib" or "gigabyte" or "gigabytes": return 1L << 30;
            case "tb" or "tib" or "terabyte" or "terabytes": return 1L << 40;
        }

        var match = s_programmatic.Match(units);
        return match.Success && units.Length <= MaxLength ? Product(match.Value.Substring(match.Value.StartsWith("bytes", StringComparison.Ordinal) ? 5 : 4)) : null;
    }

    private static decimal? Product(string factors)
    {
        decimal product = 1;
        foreach (var factor in factors.Split(['*'], StringSplitOptions.RemoveEmptyEntries))
        {
            if (factor.Trim().Length == 0)
                continue;
            var power = factor.Split('^');
            var root = decimal.Parse(power[0], CultureInfo.InvariantCulture);
            var exponent = power.Length > 1 ? int.Parse(power[1], CultureInfo.InvariantCulture) : 1;
            for (var i = 0; i < exponent; i++)
            {
                if (root != 0 && product > long.MaxValue / root)
                    return null;
                product *= root;
            }
        }
        return product;
    }
}
