using System.Text;
using VmDeploy.Ova;
using VmDeploy.Simulator.Esxi;
using VmDeploy.Tests.Support;
using Xunit;

namespace VmDeploy.Tests.RealDisks;

/// <summary>Disks and archives of other tools, from which a PC boots after the import.</summary>
public sealed class RealDiskTests : IDisposable
{
    private const int MiB = 1 << 20;

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [SkippableFact]
    public async Task A_disk_by_qemu_in_an_archive_by_GNU_tar_is_stored_byte_for_byte_and_boots()
    {
        var raw = await MakeBootableImageAsync();
        var disk = _folder["realdisk-disk1.vmdk"];
        await Shell.RunAsync(Requires.Tool("qemu-img"), "convert", "-f", "raw", "-O", "vmdk", "-o", "subformat=streamOptimized", raw, disk);
        var expected = await File.ReadAllBytesAsync(disk);
        Assert.InRange(expected.Length, 24 * MiB, 64 * MiB);
        var ova = await PackAsync("realdisk", expected, new FileInfo(raw).Length);

        await using var host = await EsxiSimulator.StartAsync();
        await ImportAsync(host, ova, "realdisk");

        var stored = Assert.Single(Assert.Single(host.Vms).Disks);
        var actual = await File.ReadAllBytesAsync(stored.LocalPath);
        Assert.True(expected.AsSpan().SequenceEqual(actual), "the stored bytes are others");
        await Shell.RunAsync(Requires.Tool("qemu-img"), "compare", "-f", "raw", "-F", "vmdk", raw, stored.LocalPath);
        await Qemu.AssertBootsAsync(stored.LocalPath);
    }

    [SkippableFact]
    public async Task TinyVM_boots_after_the_import()
    {
        Requires.Tool("qemu-system-x86_64");
        await using var host = await EsxiSimulator.StartAsync();
        await ImportAsync(host, Repository.Path("examples/tinyVM.ova"), "tinyVM");
        await Qemu.AssertBootsAsync(Assert.Single(Assert.Single(host.Vms).Disks).LocalPath);
    }

    [SkippableFact]
    public async Task An_ISO_boots_from_where_it_was_sent()
    {
        Requires.Tool("qemu-system-x86_64");
        await using var host = await EsxiSimulator.StartAsync();
        using var session = await host.ConnectAsync();
        var request = new IsoVmRequest(Repository.Path("examples/tiny.iso")) { Names = ["scratch"], Datastore = "datastore1", PowerOn = true };
        var plan = await session.PlanIsoVmAsync(request, CancellationToken.None);
        await plan.RunAsync(plan.Names, _ => { }, (_, e) => throw e, new Progress<OperationProgress>(), CancellationToken.None);
        var drive = Assert.Single(Assert.Single(host.Vms).Cdroms);
        Assert.True(drive.Connected);
        await Qemu.AssertBootsAsync(host.LocalPath(drive.Iso!), "raw", "cdrom");
    }

    [SkippableFact]
    public async Task TinyVM_is_what_its_sources_make()
    {
        Requires.Tool("nasm");
        Requires.Tool("python3");
        var made = _folder["made.ova"];
        await Shell.RunAsync("bash", Repository.Path("examples/tinyVM/make-tinyvm.sh"), made);

        // The compressed bytes depend on the zlib version, their content does not.
        var disks = new List<string>();
        foreach (var ova in (string[])[made, Repository.Path("examples/tinyVM.ova")])
        {
            var target = Directory.CreateDirectory(_folder[$"unpacked{disks.Count}"]).FullName;
            await Shell.RunAsync(Requires.Tool("tar"), "-xf", ova, "-C", target);
            disks.Add(Path.Combine(target, "tinyVM-disk1.vmdk"));
        }
        await Shell.RunAsync(Requires.Tool("qemu-img"), "compare", disks[0], disks[1]);
    }

    // tinyVM's boot sector, a part that can't be compressed, one that can, and holes.
    private async Task<string> MakeBootableImageAsync()
    {
        var image = _folder["disk.raw"];
        await Shell.RunAsync(Requires.Tool("nasm"), "-f", "bin", "-o", image, Repository.Path("examples/tinyVM/boot.asm"));
        await using var file = File.OpenWrite(image);
        var noise = new byte[24 * MiB];
        new Random(7).NextBytes(noise);
        file.Position = MiB;
        await file.WriteAsync(noise);
        file.Position = 40 * MiB;
        for (var line = 0; line < 200_000; line++)
            await file.WriteAsync(Encoding.ASCII.GetBytes($"line {line} of a file in a guest\n"));
        file.SetLength(96 * MiB);
        return image;
    }

    private async Task<string> PackAsync(string name, byte[] disk, long capacity)
    {
        var package = new OvaBuilder { Name = name, Disks = [new($"{name}-disk1.vmdk", disk, capacity)] };
        package.WriteFolder(_folder);
        var ova = _folder[$"{name}.ova"];
        await Shell.RunAsync(Requires.Tool("tar"), "-C", _folder.Path, "-cf", ova, $"{name}.ovf", $"{name}.mf", $"{name}-disk1.vmdk");
        return ova;
    }

    private static async Task ImportAsync(EsxiSimulator host, string ova, string name)
    {
        using var session = await host.ConnectAsync();
        using var package = await OvaPackage.OpenAsync(ova, CancellationToken.None);
        var plan = await session.PlanOvaImportAsync(new OvaImportRequest(ova) { Names = [name], Datastore = "datastore1" }, package, CancellationToken.None);
        VmDeployException? failure = null;
        await plan.RunAsync([name], _ => { }, (_, e) => failure = e, new Progress<OperationProgress>(), CancellationToken.None);
        Assert.Null(failure);
    }
}
