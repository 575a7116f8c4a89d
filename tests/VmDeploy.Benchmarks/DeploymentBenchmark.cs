using System.Diagnostics;
using System.Globalization;
using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using VmDeploy.Ova;
using VmDeploy.Simulator.Esxi;
using VmDeploy.Tests.Support;
using VmDeploy.Vsphere;

namespace VmDeploy.Benchmarks;

/// <summary>The plan of a deployment with many machines over eight simulated hosts, and how many requests a host gets for it.</summary>
internal static class DeploymentBenchmark
{
    private const int HostCount = 8;
    private const double MostSeconds = 5;

    public static async Task<bool> RunAsync(int machines, int vmsPerHost)
    {
        Console.WriteLine($"The plan of a deployment over {HostCount} hosts with {vmsPerHost} VMs each:");
        List<EsxiSimulator> hosts = [];
        List<VmSession> sessions = [];
        try
        {
            for (var i = 0; i < HostCount; i++)
            {
                var host = await EsxiSimulator.StartAsync(new EsxiSimulatorOptions { VmCount = vmsPerHost });
                hosts.Add(host);
                sessions.Add(await VsphereSession.ConnectAsync(
                    new ConnectOptions(host.Server, new NetworkCredential(host.UserName, host.Password)) { Port = host.HttpsPort, CertificateThumbprint = host.Thumbprint },
                    NullLogger.Instance, CancellationToken.None));
            }
            await MeasureAsync(hosts, sessions, HostCount); // the client is warm
            var (_, few) = await MeasureAsync(hosts, sessions, machines / 10);
            var (seconds, requests) = await MeasureAsync(hosts, sessions, machines);
            bool fast = seconds < MostSeconds, constant = few == requests;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {machines} machines {seconds,6:F2} s, {requests} requests for each host"));
            Console.WriteLine($"  {machines / 10} machines: {few} requests");
            Console.WriteLine($"  less than {MostSeconds:F0} s: {Word(fast)}; a number of requests that does not depend on the machines: {Word(constant)}");
            return fast && constant;
        }
        finally
        {
            sessions.ForEach(session => session.Dispose());
            foreach (var host in hosts)
                await host.DisposeAsync();
        }
    }

    private static async Task<(double Seconds, int Requests)> MeasureAsync(List<EsxiSimulator> hosts, List<VmSession> sessions, int machines)
    {
        var ova = Repository.Path("examples/tinyVM.ova");
        var specs = sessions.SelectMany((session, host) =>
        {
            MachineSource source = new PackageSource(new PackageLocation(ova), new OvaImportRequest(ova) { Datastore = "datastore1" });
            return Enumerable.Range(0, machines / HostCount).Select(i => new MachineSpec("web", $"web{host}-{i}", i + 1, session, source) { State = MachineState.Running });
        }).ToList();
        var before = hosts.Select(host => host.Requests.Count).ToList();
        var clock = Stopwatch.StartNew();
        using (await DeploymentRun.PlanAsync(new DeploymentSpec("benchmark", sessions, specs), new DeploymentOptions(), CancellationToken.None))
            clock.Stop();
        return (clock.Elapsed.TotalSeconds, hosts.Select((host, i) => host.Requests.Count - before[i]).Max());
    }

    private static string Word(bool good) => good ? "met" : "MISSED";
}
