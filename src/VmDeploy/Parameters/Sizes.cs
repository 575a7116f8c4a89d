namespace VmDeploy.PowerShell;

internal static class Sizes
{
    public static IReadOnlyList<long> FromGB(IEnumerable<double> sizes) => sizes.Select(FromGB).ToList();

    /// <summary>Converts GiB, including fractions, to bytes.</summary>
    public static long FromGB(double size) => size > 0 && size <= 62 * 1024
        ? (long)(size * (1L << 30))
        : throw new VmDeployException(ErrorCodes.DiskSizeInvalid, $"A disk of {size} GB is not valid.", size);
}
