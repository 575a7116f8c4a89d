using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.IO.Pipelines;
using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using VmDeploy.Simulator.Esxi;
using VmDeploy.Simulator.Xapi;
using VmDeploy.Tests.Support;
using VmDeploy.Vmdk;
using VmDeploy.Vsphere;
using VmDeploy.Xapi;

namespace VmDeploy.Benchmarks;

/// <summary>
/// The peak resident memory of processes that export a VM, copy it from host to host, and convert its disk, for a small and a big disk without
/// a zero in it. The hosts are simulators in this process; the disk of a host and what comes of it are on the local disk, and deleted as soon as they are not needed.
/// </summary>
internal static class StreamingMemoryBenchmark
{
    /// <summary>The argument that starts this program as the client.</summary>
    public const string ClientCommand = "transfer";

    private const long TargetMiB = 16;
    private const string Vm = "web1";

    // 4 MiB; in hexadecimal digits.
    private const string YoungestBytes = "400000";

    // The disk as VMDK on two hosts, raw on a third, and an export of it.
    private const double SpacePerByte = 2.5;

    private static readonly string[] s_operations =
        ["export from ESXi", "copy ESXi to ESXi", "copy ESXi to XenServer", "export from XenServer", "raw to VMDK and back"];

    public static async Task<bool> RunAsync(params long[] diskBytes)
    {
        Console.WriteLine($"Peak resident memory of the client, MiB, for disks of {string.Join(" and ", diskBytes.Select(bytes => $"{bytes >> 20} MiB"))}:");
        var free = new DriveInfo(Path.GetTempPath()).AvailableFreeSpace;
        if (free < SpacePerByte * diskBytes.Max())
        {
            Console.WriteLine($"  skipped: {free >> 30} GiB are free in {Path.GetTempPath()}, and {(long)(SpacePerByte * diskBytes.Max()) >> 30} are needed");
            return true;
        }
        var peaks = s_operations.ToDictionary(operation => operation, _ => new List<double>());
        foreach (var bytes in diskBytes)
            await MeasureAsync(bytes, (operation, peak) => peaks[operation].Add(peak / (double)(1 << 20)));
        var good = true;
        foreach (var operation in s_operations)
        {
            var difference = Math.Abs(peaks[operation][^1] - peaks[operation][0]);
            good &= difference < TargetMiB;
            Console.WriteLine($"  {operation,-22} {string.Join("  ", peaks[operation].Select(peak => $"{peak,6:F1}"))}   difference {difference:F1}");
        }
        Console.WriteLine($"  target for each difference: below {TargetMiB}, {(good ? "met" : "MISSED")}");
        return good;
    }

    /// <summary>The child process: one operation, and then its own peak in bytes.</summary>
    public static async Task ClientAsync(params string[] arguments)
    {
        await (arguments switch
        {
            ["export", var kind, var port, var target] => ExportAsync(kind, port, target),
            ["copy", var fromKind, var fromPort, var toKind, var toPort] => CopyAsync(fromKind, fromPort, toKind, toPort),
            ["convert", var bytes] => ConvertAsync(long.Parse(bytes, CultureInfo.InvariantCulture)),
            _ => throw new ArgumentException(string.Join(' ', arguments)),
        });
        using var self = Process.GetCurrentProcess();
        Console.WriteLine(self.PeakWorkingSet64);
    }

    private static async Task MeasureAsync(long bytes, Action<string, long> measured)
    {
        measured(s_operations[4], await PeakAsync("convert", $"{bytes}"));
        var folder = Directory.CreateTempSubdirectory("vmdeploy-memory-");
        try
        {
            var target = Path.Combine(folder.FullName, "out.ova");
            await using var xen = await XapiSimulator.StartAsync();
            await using (var esxi = await EsxiSimulator.StartAsync())
            {
                await GiveVmAsync(esxi, folder.FullName, bytes);
                measured(s_operations[0], await PeakAsync("export", "esxi", $"{esxi.HttpsPort}", target));
                File.Delete(target);
                await using (var other = await EsxiSimulator.StartAsync())
                    measured(s_operations[1], await PeakAsync("copy", "esxi", $"{esxi.HttpsPort}", "esxi", $"{other.HttpsPort}"));
                measured(s_operations[2], await PeakAsync("copy", "esxi", $"{esxi.HttpsPort}", "xen", $"{xen.HttpsPort}"));
            }
            measured(s_operations[3], await PeakAsync("export", "xen", $"{xen.HttpsPort}", target));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    // tinyVM with another disk.
    private static async Task GiveVmAsync(EsxiSimulator esxi, string folder, long bytes)
    {
        var package = Directory.CreateDirectory(Path.Combine(folder, "package")).FullName;
        System.Formats.Tar.TarFile.ExtractToDirectory(Repository.Path("examples/tinyVM.ova"), package, overwriteFiles: false);
        File.Delete(Path.Combine(package, "tinyVM.mf"));
        var descriptor = Path.Combine(package, "tinyVM.ovf");
        await File.WriteAllTextAsync(descriptor, (await File.ReadAllTextAsync(descriptor)).Replace("ovf:capacity=\"4\"", $"ovf:capacity=\"{bytes >> 20}\"", StringComparison.Ordinal));
        await using (var vmdk = File.Create(Path.Combine(package, "tinyVM-disk1.vmdk")))
            await new StreamOptimizedWriter(vmdk, "disk.vmdk", bytes, CompressionLevel.Fastest).WriteAsync(new GeneratedDisk(bytes), null, CancellationToken.None);
        using var session = await ConnectAsync("esxi", $"{esxi.HttpsPort}");
        await Client.ImportAsync(session, new OvaImportRequest(descriptor) { Names = [Vm], Datastore = "datastore1" });
        Directory.Delete(package, recursive: true);
    }

    private static async Task<long> PeakAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, [ClientCommand, .. arguments]);
        // By default the youngest objects may take as much memory as the processor has cache, hundreds of MiB on a server, before the first
        // collection: a long run would show that, and not what is held.
        start.Environment["DOTNET_GCgen0size"] = YoungestBytes;
        return long.Parse((await Foreign.RunAsync(start)).Trim(), CultureInfo.InvariantCulture);
    }

    private static async Task ExportAsync(string kind, string port, string target)
    {
        using var session = await ConnectAsync(kind, port);
        var plan = await session.Exports.PlanAsync(new ExportRequest(await FindAsync(session), target), CancellationToken.None);
        await plan.RunAsync(new Progress<OperationProgress>(), CancellationToken.None);
    }

    private static async Task CopyAsync(string fromKind, string fromPort, string toKind, string toPort)
    {
        using var from = await ConnectAsync(fromKind, fromPort);
        using var to = await ConnectAsync(toKind, toPort);
        var plan = await to.PlanCopyAsync(new CopyRequest(await FindAsync(from)) { Names = [Vm], Datastore = toKind == "esxi" ? "datastore1" : null }, CancellationToken.None);
        VmDeployException? failure = null;
        await plan.RunAsync(plan.Names, _ => { }, (_, e) => failure = e, new Progress<OperationProgress>(), CancellationToken.None);
        if (failure is not null)
            throw failure;
    }

    // One writes the VMDK while the other reads it.
    private static async Task ConvertAsync(long bytes)
    {
        var pipe = new Pipe();
        await Task.WhenAll(WriteAsync(), ReadAsync());

        async Task WriteAsync()
        {
            await using var target = pipe.Writer.AsStream();
            await new StreamOptimizedWriter(target, "disk.vmdk", bytes, CompressionLevel.Fastest).WriteAsync(new GeneratedDisk(bytes), null, CancellationToken.None);
        }

        async Task ReadAsync()
        {
            await using var source = pipe.Reader.AsStream();
            var reader = new StreamOptimizedReader(source, "disk.vmdk");
            long read = 0;
            while (await reader.ReadAsync(CancellationToken.None))
                read += reader.Data.Count;
            if (read != bytes)
                throw new InvalidDataException($"{read} bytes of {bytes}");
        }
    }

    private static async Task<Vm> FindAsync(VmSession session) => (await session.GetVmsAsync(new VmQuery { NameFilter = name => name == Vm }, CancellationToken.None))[0];

    private static async Task<VmSession> ConnectAsync(string kind, string port)
    {
        var (user, password) = kind == "esxi" ? (new EsxiSimulatorOptions().UserName, new EsxiSimulatorOptions().Password) : (new XapiSimulatorOptions().UserName, new XapiSimulatorOptions().Password);
        var options = new ConnectOptions(IPAddress.Loopback.ToString(), new NetworkCredential(user, password)) { Port = int.Parse(port, CultureInfo.InvariantCulture), SkipCertificateCheck = true };
        return kind == "esxi" ? await VsphereSession.ConnectAsync(options, NullLogger.Instance, CancellationToken.None) : await XapiSession.ConnectAsync(options, NullLogger.Instance, CancellationToken.None);
    }
}
