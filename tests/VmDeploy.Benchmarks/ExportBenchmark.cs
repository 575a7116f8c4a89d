using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using VmDeploy.Simulator.Esxi;
using VmDeploy.Vsphere;

namespace VmDeploy.Benchmarks;

/// <summary>The rate of an export from the simulator over TLS, without a manifest, beside curl that fetches the same disk from the same lease into a file. The two take turns in going first.</summary>
internal static class ExportBenchmark
{
    private const double Target = 0.9;

    public static async Task<bool> RunAsync(long diskBytes, int rounds)
    {
        Console.WriteLine($"Export of {diskBytes >> 20} MiB over TLS from the simulator, no manifest, MB/s:");
        using var disk = await UsedDisk.MakeAsync(diskBytes);
        using var ova = await BigOva.MakeAsync(disk);
        var bytes = new FileInfo(ova.DiskPath).Length;
        await using var simulator = await EsxiSimulator.StartAsync();
        Race? race = null;
        var options = new ConnectOptions(simulator.Server, new(simulator.UserName, simulator.Password))
        {
            Port = simulator.HttpsPort,
            SkipCertificateCheck = true,
            WrapHandler = inner => race = new Race(inner, simulator.Url, disk["curl.vmdk"]),
        };
        using var session = await VsphereSession.ConnectAsync(options, NullLogger.Instance, CancellationToken.None);
        await Client.ImportAsync(session, new OvaImportRequest(ova.Path) { Names = ["web1"], Datastore = "datastore1" });
        var vm = (await session.GetVmsAsync(new VmQuery { NameFilter = name => name == "web1" }, CancellationToken.None))[0];
        List<double> client = [], curl = [];
        for (var round = 0; round <= rounds; round++)
        {
            race!.CurlFirst = round % 2 == 0;
            race.CurlTime = TimeSpan.Zero;
            var plan = await session.Exports.PlanAsync(new ExportRequest(vm, disk["out.ova"]) { Manifest = ManifestAlgorithm.None, Force = true }, CancellationToken.None);
            var clock = Stopwatch.StartNew();
            await plan.RunAsync(new Progress<OperationProgress>(), CancellationToken.None);
            var whole = clock.Elapsed - race.CurlTime;
            if (round == 0)
                continue; // warms up both
            client.Add(bytes / 1e6 / whole.TotalSeconds);
            curl.Add(bytes / 1e6 / race.CurlTime.TotalSeconds);
            Console.WriteLine($"  round {round}: VmDeploy {client[^1],7:F0}   curl {curl[^1],7:F0}");
        }
        var ratio = Statistics.Median(client) / Statistics.Median(curl);
        var good = ratio >= Target;
        Console.WriteLine($"  median:  VmDeploy {Statistics.Median(client),7:F0}   curl {Statistics.Median(curl),7:F0}   ratio {ratio:F2}");
        Console.WriteLine($"  target for this ratio: at least {Target:F1}, {(good ? "met" : "MISSED")}");
        return good;
    }

    /// <summary>Sends curl to the URL of the client's download, before it or when the next call shows that it has ended.</summary>
    private sealed class Race(HttpMessageHandler inner, Uri host, string file) : DelegatingHandler(inner)
    {
        private Uri? _url;

        public bool CurlFirst { get; set; }

        public TimeSpan CurlTime { get; set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.RequestUri!.AbsolutePath.StartsWith("/ha-nfc/", StringComparison.Ordinal))
            {
                _url = request.RequestUri;
                if (CurlFirst)
                    await CurlAsync();
            }
            else if (_url is not null && request.Content is not null && (await request.Content.ReadAsStringAsync(cancellationToken)).Contains("HttpNfcLeaseGetManifest", StringComparison.Ordinal))
            {
                if (!CurlFirst)
                    await CurlAsync();
                _url = null;
            }
            return await base.SendAsync(request, cancellationToken);
        }

        private async Task CurlAsync()
        {
            var url = new Uri(host, _url!.AbsolutePath);
            var clock = Stopwatch.StartNew();
            await Foreign.RunAsync("curl", "--silent", "--show-error", "--fail", "--insecure", "--output", file, string.Format(CultureInfo.InvariantCulture, "{0}", url));
            CurlTime = clock.Elapsed;
        }
    }
}
