using System.Diagnostics;
using System.Globalization;
using VmDeploy.Tests.Support;

namespace VmDeploy.Benchmarks;

/// <summary>
/// The rate of an import's upload compared with curl's POST of the same bytes to the same URL, over TLS to vcsim. Each is
/// first in turn. The target is for a package without manifest, for which both do the same work; with a manifest the
/// import also computes a SHA-256 over every byte, which takes as long as the encryption.
/// </summary>
internal static class UploadBenchmark
{
    private const double Target = 0.9;

    public static async Task<bool> RunAsync(long diskBytes, int rounds)
    {
        var plain = await MeasureAsync(diskBytes, rounds, withManifest: false);
        var good = plain >= Target;
        Console.WriteLine($"  target for this ratio: at least {Target:F1}, {(good ? "met" : "MISSED")}");
        await MeasureAsync(diskBytes, rounds, withManifest: true);
        return good;
    }

    private static async Task<double> MeasureAsync(long diskBytes, int rounds, bool withManifest)
    {
        Console.WriteLine($"Upload of {diskBytes >> 20} MiB over TLS to vcsim, {(withManifest ? "SHA256 manifest checked on the way" : "no manifest")}, MB/s:");
        using var ova = await BigOva.MakeAsync(diskBytes, withManifest);
        await using var vcsim = await VcSim.StartAsync(tls: true);
        List<double> client = [], curl = [];
        for (var round = 0; round <= rounds; round++)
        {
            Race race = null!;
            var curlFirst = round % 2 == 0;
            var options = vcsim.Options with { WrapHandler = inner => race = new Race(inner, ova.DiskPath, curlFirst) };
            await Client.ImportAsync(options, ova.Path, $"upload{round}");
            if (round == 0)
                continue; // warms up both, and the file cache
            client.Add(diskBytes / 1e6 / race.ClientTime.TotalSeconds);
            curl.Add(diskBytes / 1e6 / race.CurlTime.TotalSeconds);
            Console.WriteLine($"  round {round}: VmDeploy {client[^1],7:F0}   curl {curl[^1],7:F0}");
        }
        var ratio = Statistics.Median(client) / Statistics.Median(curl);
        Console.WriteLine($"  median:  VmDeploy {Statistics.Median(client),7:F0}   curl {Statistics.Median(curl),7:F0}   ratio {ratio:F2}");
        return ratio;
    }

    /// <summary>Sends curl to the URL of the client's upload, before or after it.</summary>
    private sealed class Race(HttpMessageHandler inner, string disk, bool curlFirst) : DelegatingHandler(inner)
    {
        public TimeSpan ClientTime { get; private set; }

        public TimeSpan CurlTime { get; private set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (!request.RequestUri!.AbsolutePath.StartsWith("/nfc/", StringComparison.Ordinal))
                return await base.SendAsync(request, cancellationToken);
            if (curlFirst)
                CurlTime = await CurlAsync(request.RequestUri);
            var clock = Stopwatch.StartNew();
            var response = await base.SendAsync(request, cancellationToken);
            ClientTime = clock.Elapsed;
            if (!curlFirst)
                CurlTime = await CurlAsync(request.RequestUri);
            return response;
        }

        private async Task<TimeSpan> CurlAsync(Uri url)
        {
            var seconds = await Foreign.RunAsync("curl",
                "--silent", "--show-error", "--fail", "--insecure", "--request", "POST", "--upload-file", disk,
                "--header", "Content-Type: application/x-vnd.vmware-streamVmdk", "--header", "Expect:",
                "--write-out", "%{time_total}", url.AbsoluteUri);
            return TimeSpan.FromSeconds(double.Parse(seconds, CultureInfo.InvariantCulture));
        }
    }
}
