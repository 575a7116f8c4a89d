using VmDeploy.Simulator.Esxi;
using VmDeploy.Tests.Support;
using Xunit;

namespace VmDeploy.Tests.Simulator;

/// <summary>pyVmomi against the simulator: a client from another project.</summary>
public sealed class PyVmomiTests
{
    [SkippableTheory]
    [InlineData(EsxiMode.Esxi)]
    [InlineData(EsxiMode.VCenter)]
    public async Task Imports_an_ova_and_powers_it_on(EsxiMode mode)
    {
        var python = Requires.Python("pyVmomi");
        using var folder = new TempFolder();
        var ova = new OvaBuilder { Disks = [new("disk1.vmdk", StreamVmdk.Sample(1)), new("disk2.vmdk", StreamVmdk.Sample(2, grains: 40))] };
        await using var host = await EsxiSimulator.StartAsync(new EsxiSimulatorOptions { Mode = mode });

        var output = await Shell.RunAsync(python, Script("import_ova.py"), $"{host.HttpsPort}", host.UserName, host.Password, ova.WriteOva(folder), "from-python");

        var vm = Assert.Single(host.Vms);
        Assert.Equal(("from-python", "poweredOn"), (vm.Name, vm.PowerState));
        Assert.Equal(ova.Disks.Select(d => d.Content), vm.Disks.Select(d => File.ReadAllBytes(d.LocalPath)));
        Assert.Contains($"vm from-python {vm.Uuid} poweredOn", output);
        Assert.Equal((0, 0), (host.OpenLeases, host.OpenSessions));
    }

    [SkippableTheory]
    [InlineData(EsxiMode.Esxi)]
    [InlineData(EsxiMode.VCenter)]
    public async Task Creates_clones_and_changes_the_cdrom(EsxiMode mode)
    {
        var python = Requires.Python("pyVmomi");
        await using var host = await EsxiSimulator.StartAsync(new EsxiSimulatorOptions { Mode = mode });
        Directory.CreateDirectory(host.LocalPath("[datastore1] iso"));
        await File.WriteAllTextAsync(host.LocalPath("[datastore1] iso/tiny.iso"), "an image");

        var output = await Shell.RunAsync(python, Script("build_vm.py"), $"{host.HttpsPort}", host.UserName, host.Password, mode == EsxiMode.Esxi ? "esxi" : "vcenter");

        Assert.Contains("vm scratch1 poweredOn ['Remote device']", output);
        Assert.Contains("vm copy1 poweredOff", output);
        Assert.Empty(host.Vms);
        Assert.Equal(["[datastore1] iso/tiny.iso"], host.DatastoreFiles());
    }

    private static string Script(string name) => Repository.Path("tests/VmDeploy.Tests/Simulator/" + name);
}
