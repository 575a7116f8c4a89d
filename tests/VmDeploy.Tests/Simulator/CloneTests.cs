using VmDeploy.Simulator.Esxi;
using VmDeploy.Tests.Support;
using Xunit;

namespace VmDeploy.Tests.Simulator;

/// <summary>Clones and templates, which only a vCenter has.</summary>
public sealed class CloneTests : IAsyncLifetime
{
    private EsxiSimulator _host = null!;
    private RawSoap _soap = null!;
    private string _folder = null!;
    private string _pool = null!;

    public async Task InitializeAsync()
    {
        _host = await EsxiSimulator.StartAsync(new EsxiSimulatorOptions { Mode = EsxiMode.VCenter });
        _soap = await RawSoap.LoginAsync(_host);
        _folder = await FindAsync("ha-datacenter/vm");
        _pool = await FindAsync("ha-datacenter/host/cluster1/Resources");
        Directory.CreateDirectory(_host.LocalPath("[datastore1] base"));
        await File.WriteAllBytesAsync(_host.LocalPath("[datastore1] base/base.vmdk"), StreamVmdk.Sample(6, grains: 20));
    }

    public async Task DisposeAsync()
    {
        _soap.Dispose();
        await _host.DisposeAsync();
    }

    private SimulatedVm Vm(string name) => _host.Vms.Single(vm => vm.Name == name);

    [Fact]
    public async Task A_full_clone_has_the_bytes_and_nothing_else_in_common()
    {
        var source = await CreateAsync();
        await _soap.SucceedAsync(Clone(source.Id, "copy", $"<pool type=\"ResourcePool\">{_pool}</pool>"));
        var copy = Vm("copy");
        Assert.Equal(await File.ReadAllBytesAsync(source.Disks[0].LocalPath), await File.ReadAllBytesAsync(copy.Disks[0].LocalPath));
        Assert.NotEqual(source.Uuid, copy.Uuid);
        Assert.NotEqual(source.Nics[0].MacAddress, copy.Nics[0].MacAddress);
        Assert.NotEqual(source.Disks[0].DatastorePath, copy.Disks[0].DatastorePath);
        Assert.Equal((source.MemoryMB, source.CpuCount), (copy.MemoryMB, copy.CpuCount));
    }

    [SkippableFact]
    public async Task A_linked_clone_grows_from_a_snapshot()
    {
        var qemu = Requires.Tool("qemu-img");
        var source = await CreateAsync();
        const string linked = "<diskMoveType>createNewChildDiskBacking</diskMoveType>";
        Assert.Equal("InvalidArgument", (await Assert.ThrowsAsync<RawFault>(() => _soap.CallAsync(Clone(source.Id, "copy", linked)))).Type);
        var snapshot = await _soap.SucceedAsync($"<CreateSnapshot_Task>{VmXml.This(source.Id)}<name>s</name><memory>false</memory><quiesce>false</quiesce></CreateSnapshot_Task>");
        await _soap.SucceedAsync(Clone(source.Id, "copy", linked, $"<snapshot type=\"VirtualMachineSnapshot\">{snapshot}</snapshot>"));

        Assert.Equal(source.Disks[0].DatastorePath, Vm("copy").Disks[0].Parent);
        using var temp = new TempFolder();
        await Shell.RunAsync(qemu, "convert", "-O", "raw", source.Disks[0].LocalPath, temp["a"]);
        await Shell.RunAsync(qemu, "convert", "-O", "raw", Vm("copy").Disks[0].LocalPath, temp["b"]);
        Assert.Equal(await File.ReadAllBytesAsync(temp["a"]), await File.ReadAllBytesAsync(temp["b"]));
    }

    [Fact]
    public async Task A_template_does_not_run_but_is_cloned()
    {
        var source = await CreateAsync();
        await _soap.CallAsync(VmXml.Call("MarkAsTemplate", source.Id));
        Assert.Equal("NotSupported", await _soap.FailAsync(VmXml.Call("PowerOnVM_Task", source.Id)));
        Assert.Equal("InvalidArgument", (await Assert.ThrowsAsync<RawFault>(() => _soap.CallAsync(Clone(source.Id, "copy", "")))).Type);
        await _soap.SucceedAsync(Clone(source.Id, "copy", $"<pool type=\"ResourcePool\">{_pool}</pool>", powerOn: true,
            config: "<config><annotation>mine</annotation><memoryMB>128</memoryMB></config>"));
        var copy = Vm("copy");
        Assert.Equal(("poweredOn", false, "mine", 128L), (copy.PowerState, copy.IsTemplate, copy.Annotation, copy.MemoryMB));
    }

    [Fact]
    public async Task A_clone_that_fails_leaves_nothing()
    {
        var source = await CreateAsync();
        var before = _host.DatastoreFiles();
        _host.Faults.FillDatastore(1000);
        Assert.Equal("NoDiskSpace", await _soap.FailAsync(Clone(source.Id, "copy", "")));
        Assert.Equal("DuplicateName", (await Assert.ThrowsAsync<RawFault>(() => _soap.CallAsync(Clone(source.Id, "base", "")))).Type);
        Assert.Equal(before, _host.DatastoreFiles());
        Assert.False(Directory.Exists(_host.LocalPath("[datastore1] copy")));
    }

    private string Clone(string vm, string name, string location, string snapshot = "", bool powerOn = false, string config = "") =>
        "<CloneVM_Task>" + VmXml.This(vm) + $"<folder type=\"Folder\">{_folder}</folder><name>{name}</name><spec><location>{location}</location>"
        + $"<template>false</template>{config}<powerOn>{(powerOn ? "true" : "false")}</powerOn>{snapshot}</spec></CloneVM_Task>";

    private async Task<string> FindAsync(string path) => (await _soap.CallAsync(
        $"<FindByInventoryPath><_this type=\"SearchIndex\">SearchIndex</_this><inventoryPath>{path}</inventoryPath></FindByInventoryPath>")).Value;

    private async Task<SimulatedVm> CreateAsync()
    {
        var call = VmXml.Create("base", VmXml.Scsi + VmXml.OldDisk(0, "[datastore1] base/base.vmdk") + VmXml.Nic)
            .Replace("ha-folder-vm", _folder, StringComparison.Ordinal).Replace("ha-root-pool", _pool, StringComparison.Ordinal);
        await _soap.SucceedAsync(call);
        return Vm("base");
    }
}
