using System.Diagnostics;
using System.Globalization;
using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using VmDeploy.Simulator.Esxi;
using VmDeploy.Vsphere;

namespace VmDeploy.Benchmarks;

/// <summary>
/// One OVA as many VMs on the simulator, which writes every byte, behind a link of 1 Gbit/s: disks sent once and copied on
/// the host, sent for every instance, and pyVmomi's imports one after the other.
/// </summary>
internal static class ManyInstancesBenchmark
{
    private const long BytesPerSecond = 1_000_000_000 / 8;

    public static async Task<bool> RunAsync(long diskBytes, int instances)
    {
        Console.WriteLine($"{instances} instances of an OVA with a disk file of {diskBytes >> 20} MiB over 1 Gbit/s:");
        using var ova = await BigOva.MakeAsync(diskBytes, withManifest: true);
        await using var host = await EsxiSimulator.StartAsync();
        host.Faults.BytesPerSecond = BytesPerSecond;

        (var once, var bytesOnce) = await MeasureAsync(host, "sent once", () => ImportAsync(host, ova.Path, instances, uploadEach: false));
        (var each, _) = await MeasureAsync(host, "sent for each", () => ImportAsync(host, ova.Path, instances, uploadEach: true));
        await MeasureAsync(host, "pyVmomi", () => Foreign.RunAsync("/usr/bin/python3", Path.Combine(AppContext.BaseDirectory, "imports.py"),
            host.Server, $"{host.HttpsPort}", host.UserName, host.Password, ova.Path, $"{instances}"));

        bool fewBytes = bytesOnce <= diskBytes * 1.01, fast = once < each / 3;
        Console.WriteLine($"  bytes of one disk within 1 %: {Word(fewBytes)}; less than a third of the time of {instances} uploads ({once / each:P0}): {Word(fast)}");
        return fewBytes && fast;
    }

    private static string Word(bool good) => good ? "met" : "MISSED";

    private static async Task<(double Seconds, long Bytes)> MeasureAsync(EsxiSimulator host, string what, Func<Task> import)
    {
        var before = host.BytesUploaded;
        var clock = Stopwatch.StartNew();
        await import();
        var seconds = clock.Elapsed.TotalSeconds;
        var bytes = host.BytesUploaded - before;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {what,-14} {seconds,6:F1} s   {bytes / 1e6,8:F0} MB on the wire"));
        using var session = await ConnectAsync(host);
        foreach (var vm in await session.GetVmsAsync(new VmQuery(), CancellationToken.None))
            await (await session.PlanRemovalAsync(vm, force: true, CancellationToken.None)).RunAsync(new Progress<OperationProgress>(), CancellationToken.None);
        return (seconds, bytes);
    }

    private static async Task ImportAsync(EsxiSimulator host, string path, int instances, bool uploadEach)
    {
        using var session = await ConnectAsync(host);
        await Client.ImportAsync(session, new OvaImportRequest(path)
        {
            Names = Enumerable.Range(1, instances).Select(i => $"many{i}").ToList(),
            Datastore = "datastore1",
            UploadEach = uploadEach,
        });
    }

    private static Task<VmSession> ConnectAsync(EsxiSimulator host) => VsphereSession.ConnectAsync(
        new ConnectOptions(host.Server, new NetworkCredential(host.UserName, host.Password)) { Port = host.HttpsPort, CertificateThumbprint = host.Thumbprint },
        NullLogger.Instance, CancellationToken.None);
}
