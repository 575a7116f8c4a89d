using System.Globalization;
using VmDeploy.Benchmarks;

// dotnet run -c Release --project tests/VmDeploy.Benchmarks [-- [--quick] [upload | memory | streaming | inventory | connect | instances | vmdk | convert | export | copy | deployment | start]]
// --quick runs them with small data, only to test them; its figures mean nothing.
// Needs tests/vcsim (build.sh), curl and Debian's python3-pyvmomi; vmdk needs only qemu-img, convert qemu-img and taskset, streaming only 20 GiB of disk, export and copy qemu-img and curl, deployment nothing, start only pwsh. Exits 0 only if every target is met.
const long MiB = 1 << 20;

if (args is [MemoryBenchmark.ClientCommand, var server, var port, var ova, var name])
{
    await MemoryBenchmark.ClientAsync(server, int.Parse(port, CultureInfo.InvariantCulture), ova, name);
    return 0;
}

if (args is [ConnectBenchmark.ClientCommand, var address, var addressPort, var client])
{
    await ConnectBenchmark.ClientAsync(address, int.Parse(addressPort, CultureInfo.InvariantCulture), client);
    return 0;
}

if (args is [ConvertBenchmark.ClientCommand, var form, var source, var target])
{
    await ConvertBenchmark.ClientAsync(form, source, target);
    return 0;
}

if (args is [StreamingMemoryBenchmark.ClientCommand, .. var operation])
{
    await StreamingMemoryBenchmark.ClientAsync(operation);
    return 0;
}

var good = true;
var quick = args.Contains("--quick");
var which = args.FirstOrDefault(a => a != "--quick") ?? "all";
if (which is "all" or "upload")
    good &= await UploadBenchmark.RunAsync(quick ? 16 * MiB : 1024 * MiB, quick ? 1 : 7);
if (which is "all" or "memory")
    good &= await MemoryBenchmark.RunAsync(quick ? 1 : 3, quick ? [16 * MiB] : [256 * MiB, 2048 * MiB]);
if (which is "all" or "streaming")
    good &= await StreamingMemoryBenchmark.RunAsync(quick ? [1 * MiB, 4 * MiB] : [256 * MiB, 8192 * MiB]);
if (which is "all" or "inventory")
    good &= await InventoryBenchmark.RunAsync(quick ? 20 : 1000, quick ? 1 : 9);
if (which is "all" or "connect")
    good &= await ConnectBenchmark.RunAsync(quick ? 1 : 15);
if (which is "all" or "instances")
    good &= await ManyInstancesBenchmark.RunAsync(quick ? 4 * MiB : 256 * MiB, quick ? 2 : 10);
if (which is "all" or "vmdk")
    good &= await VmdkBenchmark.RunAsync(quick ? 16 * MiB : 256 * MiB, quick ? 1 : 9);
if (which is "all" or "convert")
    good &= await ConvertBenchmark.RunAsync(quick ? 16 * MiB : 512 * MiB, quick ? 1 : 5);
if (which is "all" or "export")
    good &= await ExportBenchmark.RunAsync(quick ? 16 * MiB : 1024 * MiB, quick ? 1 : 7);
if (which is "all" or "copy")
    good &= await CopyBenchmark.RunAsync(quick ? 16 * MiB : 1024 * MiB, quick ? 1 : 7);
if (which is "all" or "deployment")
    good &= await DeploymentBenchmark.RunAsync(quick ? 80 : 500, quick ? 10 : 100);
if (which is "all" or "start")
    good &= await StartBenchmark.RunAsync(quick ? 1 : 15);
return good || quick ? 0 : 1;
