using VmDeploy.Simulator.Esxi;
using VmDeploy.Tests.Support;
using VmDeploy.Vsphere;
using Xunit;

namespace VmDeploy.Tests.Vsphere;

/// <summary>Clones on both kinds of host: what is the same, what must be new, and what is left when they fail.</summary>
public sealed class CloneTests
{
    private static readonly OvaImportRequest s_tinyVm = new(Repository.Path("examples/tinyVM.ova"))
    {
        Names = ["tinyVM1"],
        Datacenter = "ha-datacenter",
        HostName = "localhost.localdomain",
        DiskProvisioning = DiskProvisioning.Thin,
    };

    private static async Task<(SimulatedHost Host, Vm Source)> StartAsync(EsxiMode mode = EsxiMode.Esxi)
    {
        var host = await SimulatedHost.StartAsync(new EsxiSimulatorOptions { Mode = mode });
        var imported = await host.ImportAsync(s_tinyVm);
        Assert.Empty(host.Failures);
        return (host, imported.Single());
    }

    private static async Task<IReadOnlyList<Vm>> CloneAsync(SimulatedHost host, CloneRequest request) =>
        await host.RunAsync(await host.Session.PlanCloneAsync(request, CancellationToken.None));

    [Theory]
    [InlineData(EsxiMode.Esxi)]
    [InlineData(EsxiMode.VCenter)]
    public async Task Four_clones_have_the_sources_disks_and_their_own_identity(EsxiMode mode)
    {
        (var host, var source) = await StartAsync(mode);
        await using var _ = host;
        string[] names = ["tinyVM1_clone1", "tinyVM1_clone2", "tinyVM1_clone3", "tinyVM1_clone4"];
        var clones = await CloneAsync(host, new CloneRequest(source) { Names = names, ThrottleLimit = 4 });
        Assert.Empty(host.Failures);
        Assert.Equal(names, clones.Select(c => c.Name).Order());

        var all = host.Simulator.Vms.Where(v => v.Name.StartsWith("tinyVM1", StringComparison.Ordinal)).ToList();
        Assert.Equal(5, all.Count);
        Assert.Equal(5, all.Select(v => v.Uuid).Distinct().Count());
        Assert.Equal(5, all.Select(v => Assert.Single(v.Nics).MacAddress).Distinct().Count());
        Assert.Equal(5, all.Select(v => Assert.Single(v.Disks).DatastorePath).Distinct().Count());
        var expected = await File.ReadAllBytesAsync(all[0].Disks[0].LocalPath);
        foreach (var vm in all)
        {
            var actual = await File.ReadAllBytesAsync(vm.Disks[0].LocalPath);
            Assert.True(expected.AsSpan().SequenceEqual(actual), $"the disk of {vm.Name} differs");
            Assert.True(vm.Disks[0].ThinProvisioned, $"the disk of {vm.Name} came out thick");
            Assert.Equal("VM Network", vm.Nics[0].Network);
            Assert.Equal((all[0].CpuCount, all[0].MemoryMB), (vm.CpuCount, vm.MemoryMB));
        }
    }

    [SkippableFact]
    public async Task A_clone_boots()
    {
        Requires.Tool("qemu-system-x86_64");
        (var host, var source) = await StartAsync();
        await using var _ = host;
        await CloneAsync(host, new CloneRequest(source) { Names = ["copy"] });
        await Qemu.AssertBootsAsync(host.Simulator.Vms.Single(v => v.Name == "copy").Disks.Single().LocalPath);
    }

    [SkippableTheory]
    [InlineData(EsxiMode.Esxi)]
    [InlineData(EsxiMode.VCenter)]
    public async Task A_linked_clone_is_a_child_that_qemu_can_follow(EsxiMode mode)
    {
        Requires.Tool("qemu-img");
        (var host, var source) = await StartAsync(mode);
        await using var _ = host;
        var clones = await CloneAsync(host, new CloneRequest(source) { Names = ["linked1", "linked2"], Linked = true });
        Assert.Empty(host.Failures);
        Assert.Equal(2, clones.Count);
        foreach (var disk in host.Simulator.Vms.Where(v => v.Name.StartsWith("linked", StringComparison.Ordinal)).Select(v => v.Disks.Single()))
        {
            Assert.NotNull(disk.Parent);
            var chain = await Shell.RunAsync("qemu-img", "info", "--backing-chain", disk.LocalPath);
            Assert.Contains("backing file", chain);
            await Qemu.AssertBootsAsync(disk.LocalPath);
        }
    }

    [Theory]
    [InlineData(EsxiMode.Esxi)]
    [InlineData(EsxiMode.VCenter)]
    public async Task What_shall_differ_differs(EsxiMode mode)
    {
        (var host, var source) = await StartAsync(mode);
        await using var _ = host;
        CloneRequest request = new(source)
        {
            Names = ["other"],
            Annotation = "a copy",
            Hardware = new() { CpuCount = 2, MemoryMB = 256, NetworkMap = new Dictionary<string, string> { ["VM Network"] = "Lab" } },
            PowerOn = true,
        };
        var clone = Assert.Single(await CloneAsync(host, request));
        Assert.Equal((2, 256L, "a copy", "On"), (clone.CpuCount, clone.MemoryMB, clone.Annotation, clone.PowerState));
        Assert.Equal("Lab", Assert.Single(clone.NetworkAdapters).NetworkName);
    }

    [Fact]
    public async Task A_running_source_is_refused_on_a_standalone_host()
    {
        (var host, var source) = await StartAsync();
        await using var _ = host;
        await host.Session.Power.StartAsync(source, CancellationToken.None);
        var refused = await Assert.ThrowsAsync<VmDeployException>(() => CloneAsync(host, new CloneRequest(source) { Names = ["copy"] }));
        Assert.Equal("CloneSourceRunning", refused.Code.Id);
    }

    [Fact]
    public async Task A_folder_that_somebody_left_is_not_touched()
    {
        (var host, var source) = await StartAsync();
        await using var _ = host;
        var left = Path.Combine(Path.GetDirectoryName(host.Simulator.LocalPath("[datastore1] copy/precious.txt"))!, "precious.txt");
        Directory.CreateDirectory(Path.GetDirectoryName(left)!);
        await File.WriteAllTextAsync(left, "precious");
        var clone = Assert.Single(await CloneAsync(host, new CloneRequest(source) { Names = ["copy"] }));
        Assert.StartsWith("[datastore1] copy_1/", clone.Path);
        await host.Session.RemoveVmAsync(clone, force: false, CancellationToken.None);
        Assert.Equal("precious", await File.ReadAllTextAsync(left));
    }

    public static TheoryData<EsxiMode, bool, string, bool> Steps => new()
    {
        { EsxiMode.Esxi, false, "MakeDirectory", false },
        { EsxiMode.Esxi, false, "CopyVirtualDisk_Task", false },
        { EsxiMode.Esxi, false, "CopyVirtualDisk_Task", true },
        { EsxiMode.Esxi, false, "CreateVM_Task", false },
        { EsxiMode.Esxi, false, "CreateVM_Task", true },
        { EsxiMode.Esxi, true, "CreateVM_Task", true },
        { EsxiMode.VCenter, false, "CloneVM_Task", false },
        { EsxiMode.VCenter, false, "CloneVM_Task", true },
        { EsxiMode.VCenter, true, "CreateSnapshot_Task", true },
        { EsxiMode.VCenter, true, "CloneVM_Task", true },
    };

    [Theory]
    [MemberData(nameof(Steps))]
    public async Task A_failure_at_any_step_leaves_nothing(EsxiMode mode, bool linked, string method, bool inTask)
    {
        (var host, var source) = await StartAsync(mode);
        await using var _ = host;
        var before = host.Picture();
        if (inTask)
            host.Simulator.Faults.FailTask(method, "RuntimeFault", "ordered by the test");
        else
            host.Simulator.Faults.FailMethod(method, "RuntimeFault", "ordered by the test");
        string message;
        try
        {
            Assert.Empty(await CloneAsync(host, new CloneRequest(source) { Names = ["copy"], Linked = linked }));
            message = Assert.Single(host.Failures).Value.Message;
        }
        catch (VmDeployException e)
        {
            message = e.Message;
        }
        Assert.Contains("ordered by the test", message);
        Assert.Equal(before, host.Picture());
    }

    public static TheoryData<EsxiMode, bool, string> Answers => new()
    {
        { EsxiMode.Esxi, false, "MakeDirectory" },
        { EsxiMode.Esxi, false, "CopyVirtualDisk_Task" },
        { EsxiMode.Esxi, false, "CreateVM_Task" },
        { EsxiMode.Esxi, true, "CreateVM_Task" },
        { EsxiMode.VCenter, false, "CloneVM_Task" },
        { EsxiMode.VCenter, true, "CreateSnapshot_Task" },
        { EsxiMode.VCenter, true, "CloneVM_Task" },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task A_call_that_took_effect_but_was_not_answered_leaves_nothing(EsxiMode mode, bool linked, string method)
    {
        (var host, var source) = await StartAsync(mode);
        await using var _ = host;
        var before = host.Picture();
        host.Simulator.Faults.DropReply(method);
        VmDeployException lost;
        try
        {
            Assert.Empty(await CloneAsync(host, new CloneRequest(source) { Names = ["copy"], Linked = linked }));
            lost = Assert.Single(host.Failures).Value;
        }
        catch (VmDeployException e)
        {
            lost = e;
        }
        Assert.Equal("ConnectionLost", lost.Code.Id);
        Assert.Equal(before, host.Picture());
    }

    [Theory]
    [InlineData(EsxiMode.Esxi)]
    [InlineData(EsxiMode.VCenter)]
    public async Task CPUs_and_memory_take_along_what_hangs_on_them(EsxiMode mode)
    {
        (var host, var source) = await StartAsync(mode);
        await using var _ = host;
        var session = (VsphereSession)host.Session;
        await session.Tasks.RunAsync(new MoRef("VirtualMachine", source.Id), "ReconfigVM_Task", "source", CancellationToken.None, VimXml.El("spec",
            VimXml.El("numCPUs", 2), VimXml.El("numCoresPerSocket", 2), VimXml.El("memoryMB", 128),
            VimXml.El("memoryAllocation", VimXml.El("reservation", 128)), VimXml.El("memoryReservationLockedToMax", true)));
        CloneRequest request = new(source) { Hardware = new() { CpuCount = 3 } };
        Assert.Equal((3, 256L, 256L), await CloneOfAsync(request with { Names = ["larger"], Hardware = new() { CpuCount = 3, MemoryMB = 256 } }));
        Assert.Equal((3, 64L, 64L), await CloneOfAsync(request with { Names = ["smaller"], Hardware = new() { CpuCount = 3, MemoryMB = 64 } }));
        Assert.Equal((2, 128L, 128L), await CloneOfAsync(new CloneRequest(source) { Names = ["same"] }));

        async Task<(int Cpus, long MemoryMB, long Reservation)> CloneOfAsync(CloneRequest wanted)
        {
            var clone = Assert.Single(await CloneAsync(host, wanted));
            var config = await session.Properties.ReadAsync(new MoRef("VirtualMachine", clone.Id), CancellationToken.None, "config.memoryAllocation.reservation");
            return (clone.CpuCount, clone.MemoryMB, long.Parse(config.Text("config.memoryAllocation.reservation")!, System.Globalization.CultureInfo.InvariantCulture));
        }
    }

    [Fact]
    public async Task A_task_that_the_host_gives_up_is_no_expired_lease()
    {
        (var host, var source) = await StartAsync();
        await using var _ = host;
        host.Simulator.Faults.FailTask("CopyVirtualDisk_Task", "Timedout");
        Assert.Empty(await CloneAsync(host, new CloneRequest(source) { Names = ["copy"] }));
        Assert.Equal("TaskTimedOut", Assert.Single(host.Failures).Value.Code.Id);
    }

    [Fact]
    public async Task On_vSAN_a_standalone_host_makes_no_folders()
    {
        await using var host = await SimulatedHost.StartAsync(new EsxiSimulatorOptions { VsanDatastores = true });
        var vms = await host.ImportAsync(s_tinyVm with { Names = ["each1", "each2"] });
        Assert.Equal(2, vms.Count);
        var refused = await Assert.ThrowsAsync<VmDeployException>(() => CloneAsync(host, new CloneRequest(vms[0]) { Names = ["copy"] }));
        Assert.Equal("TopFolderUnsupported", refused.Code.Id);
        Assert.Contains("'datastore1'", refused.Message);

        var file = new SendFileRequest(Repository.Path("examples/tinyVM.ova"), "datastore1");
        refused = await Assert.ThrowsAsync<VmDeployException>(() => host.Session.DatastoreFiles.SendAsync(file with { Path = "new/" }, new OnProgress(_ => { }), CancellationToken.None));
        Assert.Equal("TopFolderUnsupported", refused.Code.Id);
        var sent = await host.Session.DatastoreFiles.SendAsync(file with { Path = "each1/" }, new OnProgress(_ => { }), CancellationToken.None);
        Assert.Equal("[datastore1] each1/tinyVM.ova", sent.Path);
    }

    [Fact]
    public async Task A_cancelled_clone_leaves_nothing()
    {
        (var host, var source) = await StartAsync();
        await using var _ = host;
        var before = host.Picture();
        using var cancel = new CancellationTokenSource();
        var plan = await host.Session.PlanCloneAsync(new CloneRequest(source) { Names = ["copy"] }, CancellationToken.None);
        host.Simulator.Faults.DelayReply("CopyVirtualDisk_Task", TimeSpan.FromSeconds(1));
        var running = host.RunAsync(plan, cancellationToken: cancel.Token);
        while (!host.Simulator.Requests.Any(r => r.Method == "CopyVirtualDisk_Task"))
            await Task.Delay(10);
        cancel.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.Equal(before, host.Picture());
    }
}
