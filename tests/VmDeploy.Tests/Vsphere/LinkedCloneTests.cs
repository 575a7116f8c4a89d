using VmDeploy.Simulator.Esxi;
using VmDeploy.Tests.Support;
using Xunit;

namespace VmDeploy.Tests.Vsphere;

/// <summary>
/// Linked clones on a standalone host, which does not know that they are based on another VM's disks: the simulator's
/// <c>Destroy_Task</c> deletes those too, as a real host may.
/// </summary>
public sealed class LinkedCloneTests : IAsyncLifetime
{
    private SimulatedHost _host = null!;
    private Vm _source = null!;
    private string _before = "";
    private byte[] _disk = [];

    public async Task InitializeAsync()
    {
        _host = await SimulatedHost.StartAsync(new EsxiSimulatorOptions());
        _source = (await _host.ImportAsync(new OvaImportRequest(Repository.Path("examples/tinyVM.ova")) { Names = ["source"] })).Single();
        _before = _host.Picture();
        _disk = await File.ReadAllBytesAsync(SourceDisk);
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    private string SourceDisk => _host.Simulator.Vms.Single(v => v.Name == "source").Disks.Single().LocalPath;

    private async Task<IReadOnlyList<Vm>> LinkAsync(Vm source, params string[] names) => await _host.RunAsync(
        await _host.Session.PlanCloneAsync(new CloneRequest(source) { Names = names, Linked = true }, CancellationToken.None));

    private Task RemoveAsync(Vm vm, bool force = false) => _host.Session.RemoveVmAsync(vm, force, CancellationToken.None);

    private async Task AssertRefusedAsync(Vm vm, params string[] clones)
    {
        var before = _host.Picture();
        foreach (var force in new[] { false, true })
        {
            var refused = await Assert.ThrowsAsync<VmDeployException>(() => RemoveAsync(vm, force));
            Assert.Equal("LinkedClonesDepend", refused.Code.Id);
            Assert.All(clones, name => Assert.Contains($"'{name}'", refused.Message));
        }
        Assert.Equal(before, _host.Picture());
    }

    [Fact]
    public async Task The_source_stays_as_long_as_clones_hang_on_it()
    {
        var clones = await LinkAsync(_source, "linked1", "linked2");
        await AssertRefusedAsync(_source, "linked1", "linked2");
        await RemoveAsync(clones.Single(c => c.Name == "linked1"));
        await AssertRefusedAsync(_source, "linked2");
        Assert.Equal(_disk, await File.ReadAllBytesAsync(SourceDisk));
        await RemoveAsync(clones.Single(c => c.Name == "linked2"));
        Assert.Equal(_before, _host.Picture());
        Assert.Equal(_disk, await File.ReadAllBytesAsync(SourceDisk));

        await RemoveAsync(_source);
        Assert.Equal(_host.Before, _host.Picture());
    }

    [Fact]
    public async Task A_running_clone_is_removed_by_force_and_the_source_still_has_its_disk()
    {
        var clone = Assert.Single(await LinkAsync(_source, "linked1"));
        await _host.Session.Power.StartAsync(clone, CancellationToken.None);
        Assert.Equal("WrongPowerState", (await Assert.ThrowsAsync<VmDeployException>(() => RemoveAsync(clone))).Code.Id);
        await RemoveAsync(clone, force: true);
        Assert.Equal(_before, _host.Picture());
        Assert.Equal(_disk, await File.ReadAllBytesAsync(SourceDisk));
    }

    [Fact]
    public async Task A_chain_is_taken_down_from_its_end()
    {
        var middle = Assert.Single(await LinkAsync(_source, "middle"));
        var end = Assert.Single(await LinkAsync(middle, "end"));
        await AssertRefusedAsync(_source, "middle", "end");
        await AssertRefusedAsync(middle, "end");
        await RemoveAsync(end);
        await RemoveAsync(middle);
        Assert.Equal(_before, _host.Picture());
    }

    [Fact]
    public async Task What_a_user_has_put_beside_a_clone_stays()
    {
        var clone = Assert.Single(await LinkAsync(_source, "linked1"));
        var notes = _host.Simulator.LocalPath("[datastore1] linked1/notes.txt");
        await File.WriteAllTextAsync(notes, "precious");
        await File.WriteAllTextAsync(Path.Combine(Path.GetDirectoryName(notes)!, "vmware-1.log"), "the host's own");
        await RemoveAsync(clone);
        Assert.Equal("precious", await File.ReadAllTextAsync(notes));
        Assert.Single(Directory.GetFiles(Path.GetDirectoryName(notes)!));
    }

    [Fact]
    public async Task A_source_that_is_to_be_replaced_stays_too()
    {
        await LinkAsync(_source, "linked1");
        var before = _host.Picture();
        Assert.Empty(await _host.ImportAsync(new OvaImportRequest(Repository.Path("examples/tinyVM.ova")) { Names = ["source"], ExistingVm = ExistingVmAction.Replace }));
        Assert.Equal("LinkedClonesDepend", Assert.Single(_host.Failures).Value.Code.Id);
        Assert.Equal(before, _host.Picture());
    }

    [Fact]
    public async Task A_file_that_can_not_be_deleted_is_named()
    {
        var clone = Assert.Single(await LinkAsync(_source, "linked1"));
        _host.Simulator.Faults.FailTask("DeleteDatastoreFile_Task", "FileLocked");
        var left = await Assert.ThrowsAsync<VmDeployException>(() => RemoveAsync(clone));
        Assert.Equal("VmFilesLeft", left.Code.Id);
        Assert.Contains("[datastore1] linked1/linked1.vm", left.Message);
    }
}
