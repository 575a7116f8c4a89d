using System.Diagnostics;
using System.Globalization;
using VmDeploy.Tests.Support;

namespace VmDeploy.Benchmarks;

/// <summary>The peak resident memory of a process that imports one OVA, for a small and a big disk.</summary>
internal static class MemoryBenchmark
{
    /// <summary>The argument that starts this program as the client.</summary>
    public const string ClientCommand = "client";

    private const long TargetMiB = 16;

    public static async Task<bool> RunAsync(int rounds, long[] diskBytes)
    {
        Console.WriteLine("Peak resident memory of the client, MiB:");
        await using var vcsim = await VcSim.StartAsync(tls: true);
        var medians = new List<double>();
        foreach (var bytes in diskBytes)
        {
            using var ova = await BigOva.MakeAsync(bytes, withManifest: true);
            var peaks = new List<double>();
            for (var round = 0; round < rounds; round++)
                peaks.Add(await PeakAsync(vcsim, ova.Path, $"memory-{bytes >> 20}-{round}") / (double)(1 << 20));
            medians.Add(Statistics.Median(peaks));
            Console.WriteLine($"  {bytes >> 20,5} MiB disk: {medians[^1],6:F1}   (rounds: {string.Join(", ", peaks.ConvertAll(p => $"{p:F1}"))})");
        }
        var difference = Math.Abs(medians[^1] - medians[0]);
        var good = difference < TargetMiB;
        Console.WriteLine($"  difference {difference:F1}, target below {TargetMiB}: {(good ? "met" : "MISSED")}");
        return good;
    }

    /// <summary>The child process: imports, and prints its own peak in bytes.</summary>
    public static async Task ClientAsync(string server, int port, string ova, string name)
    {
        var options = new ConnectOptions(server, new("user", "pass")) { Port = port, SkipCertificateCheck = true };
        await Client.ImportAsync(options, ova, name);
        using var self = Process.GetCurrentProcess();
        Console.WriteLine(self.PeakWorkingSet64);
    }

    private static async Task<long> PeakAsync(VcSim vcsim, string ova, string name)
    {
        var output = await Foreign.RunAsync(Environment.ProcessPath!, ClientCommand, vcsim.Url.Host, $"{vcsim.Url.Port}", ova, name);
        return long.Parse(output, CultureInfo.InvariantCulture);
    }
}
