using System.Globalization;
using VmDeploy.Simulator.Esxi.Core;

namespace VmDeploy.Simulator.Esxi.Vms;

/// <summary>Virtual hardware versions, vmx-4 and up.</summary>
internal static class HardwareVersion
{
    // The newest that a release supports.
    private static readonly (Version Release, int Hardware)[] s_releases =
    [
        (new(9, 0), 22), (new(8, 0, 2), 21), (new(8, 0), 20), (new(7, 0, 2), 19), (new(7, 0, 1), 18), (new(7, 0), 17),
        (new(6, 7, 2), 15), (new(6, 7), 14), (new(6, 5), 13), (new(6, 0), 11), (new(5, 5), 10), (new(0, 0), 9),
    ];

    public static string Newest(EsxiHost host) => $"vmx-{Number(host).ToString("00", CultureInfo.InvariantCulture)}";

    public static bool IsSupported(EsxiHost host, string version) =>
        version.StartsWith("vmx-", StringComparison.Ordinal)
        && int.TryParse(version.AsSpan(4), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        && number >= 4 && number <= Number(host);

    /// <summary>What the host supports, oldest first.</summary>
    public static IEnumerable<string> All(EsxiHost host)
    {
        for (var number = 4; number <= Number(host); number++)
        {
            if (number is not (5 or 6 or 12 or 16))
                yield return $"vmx-{number.ToString("00", CultureInfo.InvariantCulture)}";
        }
    }

    private static int Number(EsxiHost host)
    {
        var own = Version.Parse(host.Versions.Newest);
        return Array.Find(s_releases, r => r.Release <= own).Hardware;
    }
}
