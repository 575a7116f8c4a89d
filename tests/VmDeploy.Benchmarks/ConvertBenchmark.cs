using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using VmDeploy.Vmdk;

namespace VmDeploy.Benchmarks;

/// <summary>
/// Raw to stream-optimized VMDK and back, file to file, beside the same conversion in a process that is kept to one core, one core that
/// compresses or inflates the same grains in memory with the same library and does nothing else, and qemu-img convert. They take turns.
/// </summary>
internal static class ConvertBenchmark
{
    /// <summary>The argument that starts this program as a process that converts.</summary>
    public const string ClientCommand = "convert-client";

    private const double Target = 1.7;
    private const int Grain = 1 << 16;
    private const string ToVmdk = "vmdk";
    private const string ToRaw = "raw";

    public static async Task<bool> RunAsync(long diskBytes, int rounds)
    {
        using var disk = await UsedDisk.MakeAsync(diskBytes);
        var raw = await File.ReadAllBytesAsync(disk.Raw);
        var packed = Pack(raw);
        Console.WriteLine($"Raw to stream-optimized VMDK, disk of {diskBytes >> 20} MiB, MB/s of disk:");
        var good = await MeasureAsync(diskBytes, rounds, () => ConvertAsync(ToVmdk, disk.Raw, disk["ours.vmdk"]), () => OnOneCoreAsync(ToVmdk, disk.Raw, disk["ours.vmdk"]), () => Pack(raw),
            () => Foreign.RunAsync("qemu-img", "convert", "-f", "raw", "-O", "vmdk", "-o", "subformat=streamOptimized", disk.Raw, disk["qemu.vmdk"]));
        Console.WriteLine($"Stream-optimized VMDK to raw, disk of {diskBytes >> 20} MiB, MB/s of disk:");
        return await MeasureAsync(diskBytes, rounds, () => ConvertAsync(ToRaw, disk.Vmdk, disk["ours.raw"]), () => OnOneCoreAsync(ToRaw, disk.Vmdk, disk["ours.raw"]), () => Unpack(packed),
            () => Foreign.RunAsync("qemu-img", "convert", "-f", "vmdk", "-O", "raw", disk.Vmdk, disk["qemu.raw"])) & good;
    }

    /// <summary>The child process: converts, and prints how many seconds that took when everything was warm.</summary>
    public static async Task ClientAsync(string form, string source, string target)
    {
        await ConvertAsync(form, source, target);
        Console.WriteLine((await TimeAsync(() => ConvertAsync(form, source, target))).ToString(CultureInfo.InvariantCulture));
    }

    private static async Task<bool> MeasureAsync(long diskBytes, int rounds, Func<Task> ours, Func<Task<double>> oursOnOne, Action library, Func<Task> qemu)
    {
        List<double> product = [], core = [], inMemory = [], foreign = [];
        for (var round = 0; round <= rounds; round++)
        {
            var whole = await TimeAsync(ours);
            var one = await oursOnOne();
            var alone = await TimeAsync(() => { library(); return Task.CompletedTask; });
            var other = await TimeAsync(qemu);
            if (round == 0)
                continue; // warms up all
            product.Add(diskBytes / 1e6 / whole);
            core.Add(diskBytes / 1e6 / one);
            inMemory.Add(diskBytes / 1e6 / alone);
            foreign.Add(diskBytes / 1e6 / other);
            Console.WriteLine($"  round {round}: VmDeploy {product[^1],7:F0}   on one core {core[^1],7:F0}   library alone, one core {inMemory[^1],7:F0}   qemu-img {foreign[^1],7:F0}");
        }
        double toCore = Statistics.Median(product) / Statistics.Median(core), toQemu = Statistics.Median(product) / Statistics.Median(foreign);
        var isMet = toCore >= Target && toQemu > 1;
        Console.WriteLine($"  median:  {toCore:F2} of one core, {Statistics.Median(product) / Statistics.Median(inMemory):F2} of the library alone, {toQemu:F2} of qemu-img ({Environment.ProcessorCount} cores)");
        Console.WriteLine($"  target: at least {Target:F1} of one core on two, and more than qemu-img: {(isMet ? "met" : "MISSED")}");
        return isMet;
    }

    private static async Task<double> OnOneCoreAsync(string form, string source, string target) => double.Parse(
        await Foreign.RunAsync("taskset", "-c", "0", Environment.ProcessPath!, ClientCommand, form, source, target), CultureInfo.InvariantCulture);

    private static async Task<double> TimeAsync(Func<Task> work)
    {
        var clock = Stopwatch.StartNew();
        await work();
        return clock.Elapsed.TotalSeconds;
    }

    private static Task ConvertAsync(string form, string source, string target) => form == ToVmdk ? WriteAsync(source, target) : ReadAsync(source, target);

    private static async Task WriteAsync(string source, string target)
    {
        await using var raw = new FileStream(source, FileMode.Open, FileAccess.Read, FileShare.Read, 1, useAsync: true);
        await using var vmdk = new FileStream(target, FileMode.Create, FileAccess.Write, FileShare.None, 1, useAsync: true);
        await new StreamOptimizedWriter(vmdk, "disk.vmdk", raw.Length, CompressionLevel.Fastest).WriteAsync(raw, null, CancellationToken.None);
    }

    private static async Task ReadAsync(string source, string target)
    {
        await using var vmdk = new FileStream(source, FileMode.Open, FileAccess.Read, FileShare.Read, 1, useAsync: true);
        await using var raw = new FileStream(target, FileMode.Create, FileAccess.Write, FileShare.None, 1, useAsync: true);
        var reader = new StreamOptimizedReader(vmdk, "disk.vmdk");
        raw.SetLength((await reader.ReadHeaderAsync(CancellationToken.None)).CapacityBytes);
        while (await reader.ReadAsync(CancellationToken.None))
        {
            raw.Position = reader.Offset;
            await raw.WriteAsync(reader.Data);
        }
    }

    private static List<byte[]> Pack(byte[] raw)
    {
        var packed = new List<byte[]>();
        for (var at = 0; at < raw.Length; at += Grain)
        {
            var length = Math.Min(Grain, raw.Length - at);
            if (!raw.AsSpan(at, length).ContainsAnyExcept((byte)0))
                continue;
            using var target = new MemoryStream();
            using (var deflater = new DeflateStream(target, CompressionLevel.Fastest, leaveOpen: true))
                deflater.Write(raw, at, length);
            packed.Add(target.ToArray());
        }
        return packed;
    }

    private static void Unpack(List<byte[]> packed)
    {
        var grain = new byte[Grain];
        foreach (var one in packed)
        {
            using var inflater = new DeflateStream(new MemoryStream(one), CompressionMode.Decompress);
            inflater.ReadAtLeast(grain, Grain, throwOnEndOfStream: false);
        }
    }
}
