using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using VmDeploy.Tests.Support;
using VmDeploy.Vsphere;

namespace VmDeploy.Benchmarks;

/// <summary>
/// Reading name, power state, address, disks and the rest of many VMs from vcsim, compared with curl with the same request
/// and with a pyVmomi loop that reads four of the properties one by one.
/// </summary>
internal static class InventoryBenchmark
{
    private const double MostTimesCurl = 1.5;
    private const double LeastTimesFaster = 5;

    public static async Task<bool> RunAsync(int vms, int rounds)
    {
        Console.WriteLine($"Reading {vms} VMs from vcsim, milliseconds:");
        await using var vcsim = await VcSim.StartAsync(vms: vms);
        Race race = null!;
        using var session = await VsphereSession.ConnectAsync(
            vcsim.Options with { WrapHandler = inner => race = new Race(inner) }, NullLogger.Instance, CancellationToken.None);
        // The first includes compiling; the runtime optimizes what it compiled during the next ones.
        var first = await ReadAsync(session, vms);
        for (var warmUp = 0; warmUp < 2 * rounds; warmUp++)
            await ReadAsync(session, vms);
        List<double> client = [], curl = [];
        var requests = 0;
        for (var round = 0; round < rounds; round++)
        {
            race.IsOn = false;
            race.Requests = 0;
            client.Add(await ReadAsync(session, vms));
            requests = race.Requests;
            race.IsOn = true;
            race.CurlTime = 0;
            await ReadAsync(session, vms);
            curl.Add(race.CurlTime);
        }
        var python = await RunPythonAsync(vcsim, vms);

        double own = Statistics.Median(client), raw = Statistics.Median(curl);
        Console.WriteLine($"  VmDeploy {own,7:F0}   ({requests} requests; the first time in its process: {first:F0})");
        Console.WriteLine($"  curl     {raw,7:F0}   (the request with the properties alone)   VmDeploy takes {own / raw:F2} of it");
        Console.WriteLine($"  pyVmomi  {python,7:F0}   (four properties, one by one)           VmDeploy is {python / own:F1} times faster");
        var good = own <= MostTimesCurl * raw && python >= LeastTimesFaster * own;
        Console.WriteLine($"  targets at most {MostTimesCurl:F1} times curl, at least {LeastTimesFaster:F0} times faster than the loop: {(good ? "met" : "MISSED")}");
        return good;
    }

    private static async Task<double> ReadAsync(VmSession session, int expected)
    {
        var clock = Stopwatch.StartNew();
        var found = (await session.GetVmsAsync(new VmQuery(), CancellationToken.None)).Count;
        var time = clock.Elapsed.TotalMilliseconds;
        return found == expected ? time : throw new InvalidOperationException($"{found} VMs were read, not {expected}.");
    }

    private static async Task<double> RunPythonAsync(VcSim vcsim, int vms)
    {
        var script = Path.Combine(AppContext.BaseDirectory, "inventory.py");
        var output = await Foreign.RunAsync("/usr/bin/python3", script, vcsim.Url.Host, $"{vcsim.Url.Port}", $"{vms}");
        return double.Parse(output, CultureInfo.InvariantCulture);
    }

    /// <summary>While on, curl sends the requests for the VMs' properties before the client does.</summary>
    private sealed class Race(HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        public bool IsOn { get; set; }

        public int Requests { get; set; }

        public double CurlTime { get; set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Requests++;
            if (IsOn)
            {
                var body = await request.Content!.ReadAsStringAsync(cancellationToken);
                if (body.Contains("config.hardware.device", StringComparison.Ordinal))
                    await CurlAsync(request.RequestUri!, string.Join("; ", request.Headers.GetValues("Cookie")), body);
            }
            return await base.SendAsync(request, cancellationToken);
        }

        private async Task CurlAsync(Uri url, string cookies, string body)
        {
            var file = Path.GetTempFileName();
            try
            {
                await File.WriteAllTextAsync(file, body);
                var seconds = await Foreign.RunAsync("curl", "--silent", "--show-error", "--fail", "--insecure", "--output", "/dev/null",
                    "--data-binary", $"@{file}", "--header", "Content-Type: text/xml", "--header", "SOAPAction: urn:vim25/6.5",
                    "--header", $"Cookie: {cookies}", "--write-out", "%{time_total}", url.AbsoluteUri);
                CurlTime += double.Parse(seconds, CultureInfo.InvariantCulture) * 1000;
            }
            finally
            {
                File.Delete(file);
            }
        }
    }
}
