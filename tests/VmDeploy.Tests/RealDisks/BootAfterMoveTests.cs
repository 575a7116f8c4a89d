using VmDeploy.Tests.Copy;
using VmDeploy.Tests.Export;
using VmDeploy.Tests.Support;
using Xunit;

namespace VmDeploy.Tests.RealDisks;

/// <summary>A VM that goes from host to host still starts, with the firmware that the host gives it.</summary>
public sealed class BootAfterMoveTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_disk_boots_after_each_export_and_import_and_after_each_copy(bool isEfi)
    {
        Requires.Tool("qemu-system-x86_64");
        if (isEfi)
            Requires.Ovmf();
        var raw = isEfi ? await BootDisks.ForEfiAsync(_folder) : await BootDisks.ForBiosAsync(_folder);
        await using var esxi = await CopyHost.StartAsync(HypervisorKind.Esxi);
        await using var xen = await CopyHost.StartAsync(HypervisorKind.XenServer);
        await using var center = await CopyHost.StartAsync(HypervisorKind.VCenter);
        var vm = await esxi.MakeAsync(_folder, Exports.Package("web1", await File.ReadAllBytesAsync(raw)) with
        {
            HardwareExtras = $"<vmw:Config ovf:required=\"false\" vmw:key=\"firmware\" vmw:value=\"{(isEfi ? "efi" : "bios")}\"/>",
        });

        foreach (var host in new[] { xen, center, esxi })
        {
            var exported = await vm.ExportAsync(_folder["moved.ova"], request => request with { Force = true });
            vm = await host.ImportAsync(exported.Path, "imported", [host.Network]);
            await AssertBootsAsync(host, vm);
        }
        foreach (var host in new[] { xen, center, esxi })
        {
            vm = Assert.Single(await host.CopyAsync(new CopyRequest(vm) { Names = ["copied"] }));
            Assert.Empty(host.Failures);
            await AssertBootsAsync(host, vm);
        }

        async Task AssertBootsAsync(CopyHost host, Vm made)
        {
            Assert.Equal(isEfi, host.IsEfi(made.Name));
            await Qemu.AssertBootsAsync(host.DiskOf(made.Name), host == xen ? "raw" : "vmdk", isEfi: isEfi);
        }
    }
}
