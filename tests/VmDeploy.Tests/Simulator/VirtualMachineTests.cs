using VmDeploy.Simulator.Esxi;
using VmDeploy.Tests.Support;
using Xunit;

namespace VmDeploy.Tests.Simulator;

/// <summary>What a standalone host does with VMs, and what it refuses.</summary>
public sealed class VirtualMachineTests : IAsyncLifetime
{
    private const string Iso = "[datastore1] iso/a.iso";

    private EsxiSimulator _host = null!;
    private RawSoap _soap = null!;

    public async Task InitializeAsync()
    {
        _host = await EsxiSimulator.StartAsync(new EsxiSimulatorOptions
        {
            Guest = name => GuestBehavior.NoTools with { HasTools = name.StartsWith("tools", StringComparison.Ordinal), LocksCdrom = name.EndsWith("locks", StringComparison.Ordinal) },
        });
        _soap = await RawSoap.LoginAsync(_host);
        Directory.CreateDirectory(_host.LocalPath("[datastore1] iso"));
        await File.WriteAllTextAsync(_host.LocalPath(Iso), "an image");
    }

    public async Task DisposeAsync()
    {
        _soap.Dispose();
        await _host.DisposeAsync();
    }

    // A data object has no single value to wait for, so the wait is for its first report.
    private async Task WaitForQuestionAsync(string vm)
    {
        while ((await _soap.ReadAsync("VirtualMachine", vm, "runtime.question")).Count == 0)
            await Task.Delay(20);
    }

    private SimulatedVm Vm(string id) => _host.Vms.Single(vm => vm.Id == id);

    [Fact]
    public async Task Power_follows_the_rules()
    {
        var vm = await _soap.CreateAsync(_host, "a", VmXml.Scsi + VmXml.NewDisk());
        Assert.Equal("InvalidPowerState", await _soap.FailAsync(VmXml.Call("PowerOffVM_Task", vm.Id)));
        await _soap.SucceedAsync(VmXml.Call("PowerOnVM_Task", vm.Id));
        Assert.Equal("InvalidPowerState", await _soap.FailAsync(VmXml.Call("PowerOnVM_Task", vm.Id)));
        Assert.Equal("InvalidPowerState", await _soap.FailAsync(VmXml.Call("Destroy_Task", vm.Id)));
        Assert.Equal("ToolsUnavailable", (await Assert.ThrowsAsync<RawFault>(() => _soap.CallAsync(VmXml.Call("ShutdownGuest", vm.Id)))).Type);
        await _soap.SucceedAsync(VmXml.Call("PowerOffVM_Task", vm.Id));
        await _soap.SucceedAsync(VmXml.Call("Destroy_Task", vm.Id));
        Assert.Empty(_host.Vms);
        Assert.Equal([Iso], _host.DatastoreFiles());
    }

    [Fact]
    public async Task A_guest_with_tools_gets_an_address_and_shuts_down_by_itself()
    {
        var vm = await _soap.CreateAsync(_host, "tools", VmXml.Scsi + VmXml.Nic);
        await _soap.SucceedAsync(VmXml.Call("PowerOnVM_Task", vm.Id));
        await _soap.WaitAsync("VirtualMachine", vm.Id, "guest.toolsRunningStatus", "guestToolsRunning");
        Assert.Matches("^10\\.", (await _soap.ReadAsync("VirtualMachine", vm.Id, "guest.ipAddress"))["guest.ipAddress"].Value);
        await _soap.CallAsync(VmXml.Call("ShutdownGuest", vm.Id));
        await _soap.WaitAsync("VirtualMachine", vm.Id, "runtime.powerState", "poweredOff");
        Assert.DoesNotContain("guest.ipAddress", (await _soap.ReadAsync("VirtualMachine", vm.Id, "guest.ipAddress")).Keys);
    }

    [Theory]
    [InlineData("CloneVM_Task", "<folder type=\"Folder\">ha-folder-vm</folder><name>b</name><spec><location/><template>false</template><powerOn>false</powerOn></spec>")]
    [InlineData("MarkAsTemplate", "")]
    public async Task A_standalone_host_neither_clones_nor_keeps_templates(string method, string arguments)
    {
        var vm = await _soap.CreateAsync(_host, "a", "");
        var fault = await Assert.ThrowsAsync<RawFault>(() => _soap.CallAsync($"<{method}>{VmXml.This(vm.Id)}{arguments}</{method}>"));
        Assert.Equal("NotSupported", fault.Type);
    }

    [Fact]
    public async Task A_slave_without_a_master_does_not_power_on()
    {
        var vm = await _soap.CreateAsync(_host, "a", VmXml.Cdrom(201, 1));
        Assert.Equal("GenericVmConfigFault", await _soap.FailAsync(VmXml.Call("PowerOnVM_Task", vm.Id)));
        await _soap.SucceedAsync(VmXml.Reconfigure(vm.Id, VmXml.Cdrom(201, 0)));
        await _soap.SucceedAsync(VmXml.Call("PowerOnVM_Task", vm.Id));
    }

    [Fact]
    public async Task Slots_are_checked()
    {
        var vm = await _soap.CreateAsync(_host, "a", VmXml.Cdrom(200, 0));
        Assert.Equal("InvalidDeviceSpec", await _soap.FailAsync(VmXml.Reconfigure(vm.Id, VmXml.Cdrom(200, 0))));
        Assert.Equal("InvalidDeviceSpec", await _soap.FailAsync(VmXml.Reconfigure(vm.Id, VmXml.Cdrom(200, 2))));
        Assert.Equal("InvalidDeviceSpec", await _soap.FailAsync(VmXml.Reconfigure(vm.Id, VmXml.Cdrom(15000, 0))));
        Assert.Equal("InvalidDeviceSpec", await _soap.FailAsync(VmXml.Reconfigure(vm.Id, VmXml.Remove("VirtualIDEController", 200, "<busNumber>0</busNumber>"))));
        Assert.Equal("FileNotFound", await _soap.FailAsync(VmXml.Reconfigure(vm.Id, VmXml.Cdrom(200, 1, "[datastore1] iso/none.iso"))));
        Assert.Single(Vm(vm.Id).Cdroms);
    }

    [Fact]
    public async Task Running_an_ide_drive_can_change_its_medium_but_not_come_or_go()
    {
        var vm = await _soap.CreateAsync(_host, "a", VmXml.Cdrom(200, 0, Iso));
        Assert.False(Vm(vm.Id).Cdroms[0].Connected);
        await _soap.SucceedAsync(VmXml.Call("PowerOnVM_Task", vm.Id));
        Assert.True(Vm(vm.Id).Cdroms[0].Connected);
        Assert.Equal("DeviceHotPlugNotSupported", await _soap.FailAsync(VmXml.Reconfigure(vm.Id, VmXml.Cdrom(201, 0))));
        Assert.Equal("DeviceHotPlugNotSupported", await _soap.FailAsync(VmXml.Reconfigure(vm.Id, VmXml.Remove("VirtualCdrom", 3000))));
        await _soap.SucceedAsync(VmXml.Reconfigure(vm.Id, VmXml.EditCdrom(3000, 200, 0, null, connected: false)));
        Assert.Equal((null, false), (Vm(vm.Id).Cdroms[0].Iso, Vm(vm.Id).Cdroms[0].Connected));
    }

    [Fact]
    public async Task A_sata_drive_comes_and_goes_with_its_controller()
    {
        const string sata = "<deviceChange><operation>add</operation><device xsi:type=\"VirtualAHCIController\"><key>-5</key><busNumber>0</busNumber></device></deviceChange>";
        var vm = await _soap.CreateAsync(_host, "a", "");
        await _soap.SucceedAsync(VmXml.Call("PowerOnVM_Task", vm.Id));
        // The drive first: a spec may name a controller that comes later in it.
        await _soap.SucceedAsync(VmXml.Reconfigure(vm.Id, VmXml.Cdrom(-5, 3, Iso) + sata));
        var drive = Assert.Single(Vm(vm.Id).Cdroms);
        Assert.Equal(("VirtualAHCIController", 3, Iso, true), (drive.Controller, drive.UnitNumber, drive.Iso, drive.Connected));
        await _soap.SucceedAsync(VmXml.Reconfigure(vm.Id, VmXml.Remove("VirtualCdrom", 16003)));
        Assert.Empty(Vm(vm.Id).Cdroms);
    }

    [Theory]
    [InlineData("0", "success", false)]
    [InlineData("1", "error", true)]
    public async Task A_locked_drive_asks_before_it_opens(string answer, string end, bool connected)
    {
        var vm = await _soap.CreateAsync(_host, "locks", VmXml.Cdrom(200, 0, Iso));
        await _soap.SucceedAsync(VmXml.Call("PowerOnVM_Task", vm.Id));
        var task = (await _soap.CallAsync(VmXml.Reconfigure(vm.Id, VmXml.EditCdrom(3000, 200, 0, null, connected: false)))).Value;
        await WaitForQuestionAsync(vm.Id);
        var question = (await _soap.ReadAsync("VirtualMachine", vm.Id, "runtime.question"))["runtime.question"];
        Assert.StartsWith("msg.cdromdisconnect.locked:", question.Element(RawSoap.Vim + "text")!.Value);
        Assert.Equal("TaskInProgress", (await Assert.ThrowsAsync<RawFault>(() => _soap.CallAsync(VmXml.Call("PowerOffVM_Task", vm.Id)))).Type);

        await _soap.CallAsync($"<AnswerVM>{VmXml.This(vm.Id)}<questionId>{question.Element(RawSoap.Vim + "id")!.Value}</questionId><answerChoice>{answer}</answerChoice></AnswerVM>");
        Assert.Equal(end, await _soap.WaitAsync("Task", task, "info.state", "success", "error"));
        Assert.Equal(connected, Vm(vm.Id).Cdroms[0].Connected);
    }

    [Fact]
    public async Task Linked_disks_are_read_through_by_qemu()
    {
        var qemu = Requires.Tool("qemu-img");
        var folder = _host.LocalPath("[datastore1] base");
        Directory.CreateDirectory(folder);
        await File.WriteAllBytesAsync(Path.Combine(folder, "base.vmdk"), StreamVmdk.Sample(3, grains: 4));
        var vm = await _soap.CreateAsync(_host, "child", VmXml.Scsi + VmXml.NewDisk(parent: "[datastore1] base/base.vmdk"));
        Assert.Equal("[datastore1] base/base.vmdk", vm.Disks[0].Parent);

        using var temp = new TempFolder();
        await Shell.RunAsync(qemu, "convert", "-O", "raw", Path.Combine(folder, "base.vmdk"), temp["base.raw"]);
        await Shell.RunAsync(qemu, "convert", "-O", "raw", vm.Disks[0].LocalPath, temp["child.raw"]);
        Assert.Equal(await File.ReadAllBytesAsync(temp["base.raw"]), await File.ReadAllBytesAsync(temp["child.raw"]));

        // The worst case for a standalone host, whose behaviour is not documented.
        await _soap.SucceedAsync(VmXml.Call("Destroy_Task", vm.Id));
        Assert.False(File.Exists(Path.Combine(folder, "base.vmdk")));
        Assert.DoesNotContain(_host.DatastoreFiles(), f => f.Contains("child", StringComparison.Ordinal));
    }

    [Fact]
    public async Task New_disks_are_real_and_can_grow()
    {
        var qemu = Requires.Tool("qemu-img");
        var vm = await _soap.CreateAsync(_host, "a", VmXml.Scsi + VmXml.NewDisk());
        Assert.Contains("4 MiB", await Shell.RunAsync(qemu, "info", vm.Disks[0].LocalPath));
        using var temp = new TempFolder();
        var content = new byte[4 << 20];
        new Random(1).NextBytes(content);
        await Shell.RunAsync(qemu, "convert", "-f", "raw", "-O", "raw", temp.Write("x.raw", content), temp["y.raw"]);
        await Shell.RunAsync(qemu, "convert", "-n", "-f", "raw", "-O", "vmdk", temp["y.raw"], vm.Disks[0].LocalPath);

        await _soap.SucceedAsync(VmXml.Reconfigure(vm.Id,
            "<deviceChange><operation>edit</operation><device xsi:type=\"VirtualDisk\"><key>2000</key><controllerKey>1000</controllerKey><unitNumber>0</unitNumber><capacityInKB>1048576</capacityInKB></device></deviceChange>"));
        Assert.Equal(1L << 30, Vm(vm.Id).Disks[0].CapacityBytes);
        await Shell.RunAsync(qemu, "convert", "-O", "raw", vm.Disks[0].LocalPath, temp["grown.raw"]);
        Assert.Equal(1L << 30, new FileInfo(temp["grown.raw"]).Length);
        await using var grown = File.OpenRead(temp["grown.raw"]);
        var begin = new byte[content.Length];
        await grown.ReadExactlyAsync(begin);
        Assert.Equal(content, begin);
    }

    [Fact]
    public async Task An_uploaded_disk_can_grow_too()
    {
        var qemu = Requires.Tool("qemu-img");
        Directory.CreateDirectory(_host.LocalPath("[datastore1] up"));
        var local = _host.LocalPath("[datastore1] up/up.vmdk");
        await File.WriteAllBytesAsync(local, StreamVmdk.Sample(5, grains: 3));
        await _soap.SucceedAsync("<ExtendVirtualDisk_Task><_this type=\"VirtualDiskManager\">ha-vdiskmanager</_this><name>[datastore1] up/up.vmdk</name><newCapacityKb>102400</newCapacityKb></ExtendVirtualDisk_Task>");
        using var temp = new TempFolder();
        await File.WriteAllBytesAsync(temp["old.vmdk"], StreamVmdk.Sample(5, grains: 3));
        await Shell.RunAsync(qemu, "convert", "-O", "raw", temp["old.vmdk"], temp["old.raw"]);
        await Shell.RunAsync(qemu, "convert", "-O", "raw", local, temp["new.raw"]);
        var expected = new byte[100 << 20];
        (await File.ReadAllBytesAsync(temp["old.raw"])).CopyTo(expected, 0);
        Assert.Equal(expected, await File.ReadAllBytesAsync(temp["new.raw"]));
    }

    [Fact]
    public async Task Snapshots_put_children_on_the_disks_and_take_them_away_again()
    {
        var vm = await _soap.CreateAsync(_host, "a", VmXml.Scsi + VmXml.NewDisk());
        var before = _host.DatastoreFiles();
        string Take(string name) => $"<CreateSnapshot_Task>{VmXml.This(vm.Id)}<name>{name}</name><memory>false</memory><quiesce>false</quiesce></CreateSnapshot_Task>";
        var first = await _soap.SucceedAsync(Take("one"));
        await _soap.SucceedAsync(Take("two"));
        Assert.Equal("[datastore1] a/a-000002.vmdk", Vm(vm.Id).Disks[0].DatastorePath);
        Assert.Equal("[datastore1] a/a-000001.vmdk", Vm(vm.Id).Disks[0].Parent);
        Assert.Contains("\"a.vmdk\"", await File.ReadAllTextAsync(_host.LocalPath("[datastore1] a/a-000001.vmdk")));

        await _soap.SucceedAsync($"<RemoveSnapshot_Task><_this type=\"VirtualMachineSnapshot\">{first}</_this><removeChildren>false</removeChildren></RemoveSnapshot_Task>");
        Assert.Equal(("[datastore1] a/a-000002.vmdk", "[datastore1] a/a.vmdk"), (Vm(vm.Id).Disks[0].DatastorePath, Vm(vm.Id).Disks[0].Parent));
        await _soap.SucceedAsync($"<RemoveAllSnapshots_Task>{VmXml.This(vm.Id)}</RemoveAllSnapshots_Task>");
        Assert.Equal(before, _host.DatastoreFiles());
        await _soap.SucceedAsync(VmXml.Call("PowerOnVM_Task", vm.Id));
    }

    [Fact]
    public async Task A_vm_comes_back_from_its_file()
    {
        var vm = await _soap.CreateAsync(_host, "a", VmXml.Scsi + VmXml.NewDisk() + VmXml.Nic + VmXml.Cdrom(200, 0, Iso));
        var before = Vm(vm.Id);
        await _soap.CallAsync(VmXml.Call("UnregisterVM", vm.Id));
        Assert.Empty(_host.Vms);
        string Register(string name) => $"<RegisterVM_Task><_this type=\"Folder\">ha-folder-vm</_this><path>{before.Path}</path><name>{name}</name>"
            + "<asTemplate>false</asTemplate><pool type=\"ResourcePool\">ha-root-pool</pool></RegisterVM_Task>";
        Assert.Equal("InvalidName", (await Assert.ThrowsAsync<RawFault>(() => _soap.CallAsync(Register(new string('x', 80))))).Type);
        var id = await _soap.SucceedAsync(Register("b"));
        var after = Vm(id!);
        Assert.Equal(("b", before.Uuid, before.MemoryMB, before.CpuCount), (after.Name, after.Uuid, after.MemoryMB, after.CpuCount));
        Assert.Equal(before.Disks.Select(d => d.DatastorePath), after.Disks.Select(d => d.DatastorePath));
        Assert.Equal(before.Nics, after.Nics);
        Assert.Equal(before.Cdroms, after.Cdroms);
        Assert.Equal("AlreadyExists", await _soap.FailAsync(Register("c")));
    }

    [Theory]
    [InlineData("<name/>", "InvalidArgument")]
    [InlineData("<name>a</name><guestId>beOs</guestId><files><vmPathName>[datastore1]</vmPathName></files>", "InvalidArgument")]
    [InlineData("<name>a</name><version>vmx-99</version><files><vmPathName>[datastore1]</vmPathName></files>", "VirtualHardwareVersionNotSupported")]
    [InlineData("<name>a</name><files><vmPathName>[nowhere]</vmPathName></files>", "InvalidDatastore")]
    [InlineData("<name>a</name><files><vmPathName>[datastore1] ../../etc</vmPathName></files>", "InvalidDatastorePath")]
    [InlineData("<name>a</name><files><vmPathName>[datastore1]</vmPathName></files><memoryMB>63</memoryMB>", "InvalidArgument")]
    [InlineData("<name>a</name><files><vmPathName>[datastore1]</vmPathName></files><numCPUs>999</numCPUs>", "InvalidArgument")]
    public async Task A_wrong_spec_leaves_nothing(string spec, string fault)
    {
        var call = $"<CreateVM_Task><_this type=\"Folder\">ha-folder-vm</_this><config>{spec}</config><pool type=\"ResourcePool\">ha-root-pool</pool></CreateVM_Task>";
        var seen = await Record.ExceptionAsync(() => _soap.CallAsync(call)) is RawFault thrown ? thrown.Type : await _soap.FailAsync(call);
        Assert.Equal(fault, seen);
        Assert.Empty(_host.Vms);
        Assert.Equal([Iso], _host.DatastoreFiles());
        Assert.Equal(["iso"], Directory.GetDirectories(_host.LocalPath("[datastore1]")).Select(d => Path.GetFileName(d)));
    }

    [Fact]
    public async Task A_task_can_be_ordered_to_fail()
    {
        _host.Faults.FailTask("CreateVM_Task", "InsufficientResourcesFault");
        Assert.Equal("InsufficientResourcesFault", await _soap.FailAsync(VmXml.Create("a", "")));
        Assert.Empty(_host.Vms);
        await _soap.SucceedAsync(VmXml.Create("a", ""));
        Assert.Equal("DuplicateName", await _soap.FailAsync(VmXml.Create("a", "")));
    }

    [Theory]
    [InlineData(true, null, "RestrictedVersion")]
    [InlineData(false, "192.0.2.7", "HostAccessRestrictedToManagementServer")]
    public async Task A_host_that_may_not_be_changed_can_be_read(bool free, string? managedBy, string fault)
    {
        await using var host = await EsxiSimulator.StartAsync(new EsxiSimulatorOptions { FreeLicense = free, ManagedBy = managedBy, VmCount = 1 });
        using var soap = await RawSoap.LoginAsync(host);
        Assert.Equal("vm-00001", (await soap.ReadAsync("VirtualMachine", host.Vms[0].Id, "name"))["name"].Value);
        foreach (var call in new[] { VmXml.Create("a", ""), VmXml.Call("PowerOnVM_Task", host.Vms[0].Id), VmXml.Call("UnregisterVM", host.Vms[0].Id) })
            Assert.Equal(fault, (await Assert.ThrowsAsync<RawFault>(() => soap.CallAsync(call))).Type);
        Assert.Single(host.Vms);
    }
}
