using System.Globalization;
using VmDeploy.Tests.Copy;
using VmDeploy.Tests.Support;
using VmDeploy.Tests.Vmdk;
using Xunit;

namespace VmDeploy.Tests.Export;

/// <summary>Exported packages are imported by clients of other projects into a server of another project.</summary>
public sealed class ForeignImportTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly byte[][] _disks = [DiskImages.Mixed(5 << 20, 31), DiskImages.Mixed(3 << 20, 32)];

    public static IEnumerable<object[]> Sources => CopyHost.Kinds.SelectMany(kind => new object[][] { [kind, false], [kind, true] });

    public void Dispose() => _folder.Dispose();

    [SkippableTheory]
    [MemberData(nameof(Sources))]
    public async Task PyVmomi_imports_an_exported_OVA_into_vcsim(HypervisorKind from, bool vcenter)
    {
        var python = Requires.Python("pyVmomi");
        await using var server = await VcSim.StartAsync(vcenter, vms: 0);
        var exported = await ExportAsync(from);

        var output = await Shell.RunAsync(python, Repository.Path("tests/VmDeploy.Tests/Simulator/import_ova.py"),
            server.Url.Port.ToString(CultureInfo.InvariantCulture), "user", "pass", exported.Path, "foreign");

        Assert.Matches("(?m)^vm foreign .* poweredOn$", output);
        Assert.Equal(await CapacitiesAsync(exported), Lines(output, "disk ").Select(line => line.Split(' ')[^3]));
        await AssertReceivedAsync(server, exported);
    }

    [SkippableTheory]
    [MemberData(nameof(Sources))]
    public async Task Govmomi_imports_an_exported_OVA_into_vcsim(HypervisorKind from, bool vcenter)
    {
        await using var server = await VcSim.StartAsync(vcenter, vms: 0);
        var importer = Repository.Path("tests/vcsim/bin/importer");
        Requires.That(File.Exists(importer), "tests/vcsim/bin/importer", "apt-get install golang-go golang-github-vmware-govmomi-dev && tests/vcsim/build.sh");
        var exported = await ExportAsync(from);

        var output = await Shell.RunAsync(importer, server.Url.ToString(), exported.Path, "foreign");

        Assert.Equal(["vm foreign 4 512"], Lines(output, "vm "));
        Assert.Equal(await CapacitiesAsync(exported), Lines(output, "disk ").Select(line => line.Split(' ')[^1]));
        await AssertReceivedAsync(server, exported);
    }

    private async Task<ExportedPackage> ExportAsync(HypervisorKind from)
    {
        await using var host = await CopyHost.StartAsync(from);
        var vm = await host.MakeAsync(_folder, Exports.Package("web1", _disks) with { CpuCount = 4, MemoryMB = 512, Networks = [host.Network] });
        return await vm.ExportAsync(_folder["out.ova"]);
    }

    // In KB. XenServer's are larger than the disks that it was sent.
    private static async Task<IEnumerable<string>> CapacitiesAsync(ExportedPackage exported) => (await Exports.DisksAsync(exported.Path)).Select(disk => $"{disk.Length >> 10}");

    // vcsim stores no bytes, but counts them.
    private static async Task AssertReceivedAsync(VcSim server, ExportedPackage exported)
    {
        var sizes = Exports.FilesOf(exported.Path).Where(file => file.Name.EndsWith(".vmdk", StringComparison.Ordinal)).Select(file => $": transferred {file.Length} bytes").ToList();
        // Its log comes by a pipe of its own, later than the reply.
        string[] Uploads() => server.Log.Split('\n').Where(line => line.Contains("nfc POST", StringComparison.Ordinal)).ToArray();
        await Shell.UntilAsync(() => Uploads().Length >= sizes.Count, "vcsim has logged the uploads");
        Assert.Equal(sizes, Uploads().Select(line => line.TrimEnd()[line.IndexOf(": transferred", StringComparison.Ordinal)..]));
    }

    private static IEnumerable<string> Lines(string output, string start) => output.Split('\n').Where(line => line.StartsWith(start, StringComparison.Ordinal));
}
