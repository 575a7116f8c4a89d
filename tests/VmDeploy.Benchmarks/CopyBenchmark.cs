using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using VmDeploy.Simulator.Esxi;
using VmDeploy.Vsphere;

namespace VmDeploy.Benchmarks;

/// <summary>The rate of a copy from one simulated ESXi host to another over TLS, beside one curl that fetches the same disk from the same lease and pipes it to another that posts it to the same lease. The two take turns in going first.</summary>
internal static class CopyBenchmark
{
    private const double Target = 0.9;

    public static async Task<bool> RunAsync(long diskBytes, int rounds)
    {
        Console.WriteLine($"Copy of {diskBytes >> 20} MiB over TLS from one simulator to another, MB/s:");
        using var disk = await UsedDisk.MakeAsync(diskBytes);
        using var ova = await BigOva.MakeAsync(disk);
        var bytes = new FileInfo(ova.DiskPath).Length;
        await using var from = await EsxiSimulator.StartAsync();
        await using var to = await EsxiSimulator.StartAsync();
        var race = new Race(from.Url, to.Url);
        using var source = await ConnectAsync(from, race);
        using var target = await ConnectAsync(to, race);
        await Client.ImportAsync(source, new OvaImportRequest(ova.Path) { Names = ["web1"], Datastore = "datastore1" });
        var vm = (await source.GetVmsAsync(new VmQuery { NameFilter = name => name == "web1" }, CancellationToken.None))[0];
        List<double> client = [], curl = [];
        for (var round = 0; round <= rounds; round++)
        {
            race.Begin(curlFirst: round % 2 == 0);
            var plan = await target.PlanCopyAsync(new CopyRequest(vm) { Names = [$"copy{round}"], Datastore = "datastore1" }, CancellationToken.None);
            Vm? copy = null;
            VmDeployException? failure = null;
            var clock = Stopwatch.StartNew();
            await plan.RunAsync(plan.Names, made => copy = made, (_, e) => failure = e, new Progress<OperationProgress>(), CancellationToken.None);
            var whole = clock.Elapsed - race.CurlTime;
            if (failure is not null)
                throw failure;
            await (await target.PlanRemovalAsync(copy!, force: false, CancellationToken.None)).RunAsync(new Progress<OperationProgress>(), CancellationToken.None);
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

    private static async Task<VmSession> ConnectAsync(EsxiSimulator simulator, Race race) =>
        await VsphereSession.ConnectAsync(new ConnectOptions(simulator.Server, new(simulator.UserName, simulator.Password))
        {
            Port = simulator.HttpsPort,
            SkipCertificateCheck = true,
            WrapHandler = race.Watch,
        }, NullLogger.Instance, CancellationToken.None);

    /// <summary>Sends curl from the URL of the client's download to that of its upload, before the upload or when the next call shows that it has ended.</summary>
    private sealed class Race(Uri from, Uri to)
    {
        private Uri? _download;
        private Uri? _upload;
        private bool _curlFirst;

        public TimeSpan CurlTime { get; private set; }

        public void Begin(bool curlFirst) => (_curlFirst, _download, _upload, CurlTime) = (curlFirst, null, null, default);

        public HttpMessageHandler Watch(HttpMessageHandler inner) => new Handler(this, inner);

        private async Task SeeAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var isTransfer = request.RequestUri!.AbsolutePath.StartsWith("/ha-nfc/", StringComparison.Ordinal);
            if (isTransfer && request.Method == HttpMethod.Get)
            {
                _download = request.RequestUri;
            }
            else if (isTransfer && _download is not null)
            {
                _upload = request.RequestUri;
                if (_curlFirst)
                    await CurlAsync();
            }
            else if (_upload is not null && !_curlFirst && (await request.Content!.ReadAsStringAsync(cancellationToken)).Contains("HttpNfcLeaseGetManifest", StringComparison.Ordinal))
            {
                await CurlAsync();
            }
        }

        private async Task CurlAsync()
        {
            const string curl = "curl --silent --show-error --fail --insecure";
            var clock = Stopwatch.StartNew();
            await Foreign.RunAsync("bash", "-o", "pipefail", "-c",
                $"{curl} '{new Uri(from, _download!.AbsolutePath)}' | {curl} --request POST --header 'Content-Type: application/x-vnd.vmware-streamVmdk' --header 'Expect:' --upload-file - '{new Uri(to, _upload!.AbsolutePath)}'");
            CurlTime = clock.Elapsed;
        }

        private sealed class Handler(Race race, HttpMessageHandler inner) : DelegatingHandler(inner)
        {
            protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
            {
                await race.SeeAsync(request, cancellationToken);
                return await base.SendAsync(request, cancellationToken);
            }
        }
    }
}
