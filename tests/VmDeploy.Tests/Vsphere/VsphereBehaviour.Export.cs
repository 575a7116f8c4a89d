using VmDeploy.Ova;
using VmDeploy.Tests.Export;
using VmDeploy.Tests.Support;
using Xunit;

namespace VmDeploy.Tests.Vsphere;

public abstract partial class VsphereBehaviour
{
    [SkippableFact]
    public async Task A_VM_is_exported_and_imported_again()
    {
        var vm = Assert.Single(await ImportAsync(TinyVm("out1")));
        using var folder = new TempFolder();
        ExportedPackage exported;
        try
        {
            exported = await vm.ExportAsync(folder.Path);
        }
        catch (VmDeployException e) when (this is OnVcSimEsxi or OnVcSimVCenter)
        {
            // Debian's vcsim has neither CreateDescriptor nor ExportVm.
            Assert.Equal("HostFault", e.Code.Id);
            Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
            await Session.RemoveVmAsync(vm, force: true, s_none);
            return;
        }
        using (var package = await OvaPackage.OpenAsync(exported.Path, s_none))
            Assert.Equal("out1", package.Name);
        var again = Assert.Single(await ImportAsync(TinyVm("out2") with { Path = exported.Path }));
        await Session.RemoveVmAsync(vm, force: true, s_none);
        await Session.RemoveVmAsync(again, force: true, s_none);
    }

    [SkippableFact]
    public async Task A_VM_that_comes_from_another_host_is_imported()
    {
        await using var server = await SimulatedHost.StartAsync();
        using var folder = new TempFolder();
        var vm = Assert.Single(await server.ImportAsync(new OvaImportRequest(Repository.Path("examples/tinyVM.ova")) { Names = ["from"] }));
        var exported = await vm.ExportAsync(folder.Path);
        var made = Assert.Single(await ImportAsync(TinyVm("from1") with { Path = exported.Path, Hardware = new() { Networks = ["VM Network"] } }));
        Assert.Equal((1, 32), (made.CpuCount, made.MemoryMB));
        await Session.RemoveVmAsync(made, force: true, s_none);
    }
}
