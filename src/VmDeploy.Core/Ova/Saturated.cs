namespace VmDeploy.Ova;

/// <summary>Sums of sizes that a hostile package states: they end at the largest number instead of overflowing.</summary>
internal static class Saturated
{
    public static long Sum(IEnumerable<long> sizes) => sizes.Aggregate(0L, (sum, size) => size > long.MaxValue - sum ? long.MaxValue : sum + size);
}
