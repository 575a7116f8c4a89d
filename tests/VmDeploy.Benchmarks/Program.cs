using System.Globalization;
using VmDeploy.Benchmarks;

// dotnet run -c Release --project tests/VmDeploy.Benchmarks [-- upload | memory | inventory | instances | vmdk | import]
// Needs tests/vcsim (build.sh), curl and Debian's python3-pyvmomi; vmdk needs only qemu-img, import only pwsh. Exits 0 only if every target is met.
const long MiB = 1 << 20;

if (args is [MemoryBenchmark.ClientCommand, var server, var port, var ova, var name])
{
    await MemoryBenchmark.ClientAsync(server, int.Parse(port, CultureInfo.InvariantCulture), ova, name);
    return 0;
}

var good = true;
var which = args is [var word] ? word : "all";
if (which is "all" or "upload")
    good &= await UploadBenchmark.RunAsync(1024 * MiB, rounds: 7);
if (which is "all" or "memory")
    good &= await MemoryBenchmark.RunAsync(256 * MiB, 2048 * MiB);
if (which is "all" or "inventory")
    good &= await InventoryBenchmark.RunAsync(vms: 1000);
if (which is "all" or "instances")
    good &= await ManyInstancesBenchmark.RunAsync(256 * MiB, instances: 10);
if (which is "all" or "vmdk")
    good &= await VmdkBenchmark.RunAsync(256 * MiB, rounds: 9);
if (which is "all" or "import")
    good &= await ImportBenchmark.RunAsync(rounds: 15);
return good ? 0 : 1;
