using VmDeploy.QuickStart;
using VmDeploy.Simulator.Esxi;
using VmDeploy.Simulator.Xapi;
using VmDeploy.Tests.Support;
using VmDeploy.Tests.Xapi;
using Xunit;

namespace VmDeploy.Tests.Mono;

/// <summary>
/// The files of <c>out/VmDeploy</c> under Mono, whose class libraries have the API of .NET Framework, in a process that has only these
/// files of the product: a replacement for Windows PowerShell 5.1, which no test machine has.
/// </summary>
public sealed class MonoTests
{
    private static readonly string s_ova = Repository.Path("examples/tinyVM.ova");
    private static readonly string[] s_names = ["cloned", "imported"];

    [SkippableFact]
    public async Task The_shipped_files_import_and_clone_on_an_ESXi_host()
    {
        var mono = Requires.Mono();
        await using var host = await EsxiSimulator.StartAsync();

        await RunAsync(mono, "esxi", host.Server, $"{host.HttpsPort}", host.UserName, host.Password, host.Thumbprint, s_ova, "datastore1");

        Assert.Equal(s_names, host.Vms.Select(vm => vm.Name).Order());
        Assert.All(host.Vms, vm => Assert.Equal(Archive.ReadDisk(s_ova), File.ReadAllBytes(Assert.Single(vm.Disks).LocalPath)));
        Assert.Equal((0, 0), (host.OpenLeases, host.OpenSessions));
    }

    [SkippableFact]
    public async Task The_shipped_files_import_and_clone_on_a_XenServer()
    {
        var mono = Requires.Mono();
        await using var host = await XapiSimulator.StartAsync();

        await RunAsync(mono, "xenserver", host.Server, $"{host.HttpsPort}", host.UserName, host.Password, host.Thumbprint, s_ova);

        var made = host.Vms.Where(vm => s_names.Contains(vm.Name)).ToList();
        Assert.Equal(s_names, made.Select(vm => vm.Name).Order());
        Assert.All(made, vm => SimulatedXenServer.AssertHolds(Assert.Single(vm.Drives, drive => drive.Type == "Disk").LocalPath!, Archive.Decode(Archive.ReadDisk(s_ova))));
        Assert.Equal(0, host.OpenSessions);
    }

    private static async Task RunAsync(string mono, params string[] arguments)
    {
        var configuration = Directory.GetParent(System.AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar))!.Name;
        await Shell.RunAsync(mono, ["--debug", Repository.Path($"tests/MonoClient/bin/{configuration}/net472/MonoClient.exe"), Repository.Path("out/VmDeploy"), .. arguments]);
    }
}
