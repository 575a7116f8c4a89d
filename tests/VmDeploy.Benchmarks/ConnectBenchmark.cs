using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using VmDeploy.Tests.Support;
using VmDeploy.Vsphere;

namespace VmDeploy.Benchmarks;

/// <summary>The first connection of a process to vcsim, compared with as many plain requests over TLS of an HttpClient, in new processes by turns.</summary>
internal static class ConnectBenchmark
{
    /// <summary>The argument that starts this program as a process that connects.</summary>
    public const string ClientCommand = "connect-client";

    private const double MostTimesHttpClient = 1;
    private const string Own = "VmDeploy";
    private const string Plain = "HttpClient";

    // The versions, the service content and the login.
    private const int Requests = 3;

    public static async Task<bool> RunAsync(int rounds)
    {
        Console.WriteLine("First connection of a process to vcsim, milliseconds:");
        await using var vcsim = await VcSim.StartAsync(tls: true);
        List<double> own = [], plain = [];
        for (var round = 0; round <= rounds; round++)
        {
            plain.Add(await ConnectAsync(vcsim, Plain));
            own.Add(await ConnectAsync(vcsim, Own));
        }
        own.RemoveAt(0); // the disk is warm
        plain.RemoveAt(0);

        double time = Statistics.Median(own), yardstick = Statistics.Median(plain);
        var good = time <= MostTimesHttpClient * yardstick;
        Console.WriteLine($"  VmDeploy   {time,5:F0}");
        Console.WriteLine($"  HttpClient {yardstick,5:F0}   ({Requests} requests without SOAP)   VmDeploy takes {time / yardstick:F2} of it");
        Console.WriteLine($"  target at most {MostTimesHttpClient:F1} times HttpClient: {(good ? "met" : "MISSED")}");
        return good;
    }

    /// <summary>The child process: connects, and prints how many milliseconds that took.</summary>
    public static async Task ClientAsync(string server, int port, string client)
    {
        var options = new ConnectOptions(server, new("user", "pass")) { Port = port, SkipCertificateCheck = true };
        var clock = Stopwatch.StartNew();
        if (client == Own)
        {
            using var session = await VsphereSession.ConnectAsync(options, NullLogger.Instance, CancellationToken.None);
            Print(clock);
            await session.CloseAsync(CancellationToken.None);
        }
        else
        {
            using var handler = new HttpClientHandler { ServerCertificateCustomValidationCallback = (_, _, _, _) => true };
            using var http = new HttpClient(handler);
            for (var request = 0; request < Requests; request++)
                await http.GetStringAsync(new Uri(options.BaseAddress, "/sdk/vimServiceVersions.xml"));
            Print(clock);
        }
    }

    private static void Print(Stopwatch clock) => Console.WriteLine(clock.Elapsed.TotalMilliseconds.ToString(CultureInfo.InvariantCulture));

    private static async Task<double> ConnectAsync(VcSim vcsim, string client) => double.Parse(
        await Foreign.RunAsync(Environment.ProcessPath!, ClientCommand, vcsim.Url.Host, $"{vcsim.Url.Port}", client), CultureInfo.InvariantCulture);
}
