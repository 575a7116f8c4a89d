using VmDeploy.Simulator.Xapi;
using VmDeploy.Tests.Support;
using Xunit;

namespace VmDeploy.Tests.Xapi;

public class XapiVmTests
{
    private static readonly CancellationToken s_none = CancellationToken.None;

    [Fact]
    public async Task Lists_VMs_and_nothing_else()
    {
        await using var server = await SimulatedXenServer.StartAsync(new XapiSimulatorOptions { VmCount = 40 });
        var all = await ListAsync(server, new VmQuery());
        Assert.Equal(40, all.Count);
        Assert.Equal(7, server.Simulator.Calls.Count(c => c.Method.EndsWith(".get_all_records", StringComparison.Ordinal)));
        Assert.Equal(["vm-00007"], (await ListAsync(server, new VmQuery { NameFilter = n => n == "vm-00007" })).Select(v => v.Name));
        var one = all.Single(v => v.Name == "vm-00009");
        Assert.Equal(["vm-00009"], (await ListAsync(server, new VmQuery { Ids = [one.Id] })).Select(v => v.Name));
        Assert.Equal(one.Uuid, one.Id);
        var error = await Assert.ThrowsAnyAsync<VmDeployException>(() => ListAsync(server, new VmQuery { Ids = ["00000000-0000-0000-0000-000000000000"] }));
        Assert.Equal("VmNotFound", error.Code.Id);

        // For an unknown id only its own result is missing.
        var found = new List<Vm>();
        error = await Assert.ThrowsAnyAsync<VmDeployException>(() => server.Session.GetVmsAsync(
            new VmQuery { Ids = [one.Id, "00000000-0000-0000-0000-000000000000", all[0].Id] },
            page =>
            {
                found.AddRange(page);
                return Task.CompletedTask;
            }, s_none));
        Assert.Equal([one.Id, all[0].Id], found.Select(v => v.Id));
        Assert.Contains("'00000000-0000-0000-0000-000000000000'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_number_of_calls_does_not_grow_with_the_number_of_names()
    {
        await using var server = await SimulatedXenServer.StartAsync(new XapiSimulatorOptions { VmCount = 60 });
        var counts = new List<int>();
        foreach (var names in new[] { 1, 2, 60 })
        {
            var before = server.Simulator.Calls.Count;
            await server.Session.PlanTemplateAsync(new TemplateRequest("alpine-template")
            {
                Names = Enumerable.Range(1, names).Select(i => $"vm-{i:D5}").ToList(),
                ExistingVm = ExistingVmAction.Reuse,
            }, s_none);
            counts.Add(server.Simulator.Calls.Count - before);
        }
        // The first VM has looked up the template.
        Assert.Equal(counts[1], counts[2]);
    }

    [Fact]
    public async Task A_halted_VM_has_no_address()
    {
        await using var server = await SimulatedXenServer.StartAsync(new XapiSimulatorOptions { Guest = _ => XapiGuest.WithTools });
        var vm = (await server.DeployAsync(server.Session.PlanTemplateAsync(new TemplateRequest("alpine-template") { Names = ["a"], WaitForIp = TimeSpan.FromSeconds(20) }, s_none)))[0];
        await vm.RefreshAsync();
        Assert.NotNull(vm.IpAddress);
        await server.Session.Power.StopAsync(vm, force: true, TimeSpan.Zero, s_none);
        Assert.Null(vm.IpAddress);
        Assert.Null((await server.FindAsync("a")).IpAddress);
    }

    [Fact]
    public async Task Starts_and_stops()
    {
        await using var server = await SimulatedXenServer.StartAsync(new XapiSimulatorOptions { Guest = name => name == "alpine1" ? XapiGuest.WithTools : XapiGuest.NoTools });
        var vms = await server.DeployAsync(server.Session.PlanTemplateAsync(new TemplateRequest("alpine-template") { Names = ["alpine1", "alpine2"] }, s_none));
        var (good, bare) = (vms.Single(v => v.Name == "alpine1"), vms.Single(v => v.Name == "alpine2"));
        foreach (var vm in vms)
        {
            await server.Session.Power.StartAsync(vm, s_none);
            await server.Session.Power.StartAsync(vm, s_none);
            Assert.Equal("On", vm.PowerState);
            Assert.Equal("xenserver-sim", vm.HostName);
        }
        await server.Session.Waiting.WaitAsync(good, VmCondition.Tools, TimeSpan.FromSeconds(20), s_none);
        await server.Session.Power.StopAsync(good, force: false, TimeSpan.FromSeconds(20), s_none);
        Assert.Equal("Off", good.PowerState);
        await server.Session.Power.StopAsync(good, force: false, TimeSpan.FromSeconds(20), s_none);

        var error = await Assert.ThrowsAnyAsync<VmDeployException>(() => server.Session.Power.StopAsync(bare, force: false, TimeSpan.FromSeconds(20), s_none));
        Assert.Equal("ToolsNotRunning", error.Code.Id);
        error = await Assert.ThrowsAnyAsync<VmDeployException>(() => server.Session.RemoveVmAsync(bare, force: false, s_none));
        Assert.Equal("WrongPowerState", error.Code.Id);
        error = await Assert.ThrowsAnyAsync<VmDeployException>(() => server.Session.Waiting.WaitAsync(bare, VmCondition.IpAddress, TimeSpan.FromMilliseconds(300), s_none));
        Assert.Equal("WaitTimeout", error.Code.Id);
        await server.Session.Power.StopAsync(bare, force: true, TimeSpan.Zero, s_none);
        Assert.Equal("Off", bare.PowerState);
    }

    [Fact]
    public async Task A_guest_that_does_not_obey_runs_into_the_timeout()
    {
        await using var server = await SimulatedXenServer.StartAsync(new XapiSimulatorOptions { Guest = _ => XapiGuest.WithTools with { ShutdownTime = null } });
        var vm = (await server.DeployAsync(server.Session.PlanTemplateAsync(new TemplateRequest("alpine-template") { Names = ["stubborn"], PowerOn = true }, s_none)))[0];
        await server.Session.Waiting.WaitAsync(vm, VmCondition.Tools, TimeSpan.FromSeconds(20), s_none);
        var error = await Assert.ThrowsAnyAsync<VmDeployException>(() => server.Session.Power.StopAsync(vm, force: false, TimeSpan.FromMilliseconds(300), s_none));
        Assert.Equal("GuestShutdownTimeout", error.Code.Id);
        await server.Session.RemoveVmAsync(vm, force: true, s_none);
        server.AssertNothingIsLeft();
    }

    [Fact]
    public async Task A_wait_ends_when_somebody_else_does_it()
    {
        await using var server = await SimulatedXenServer.StartAsync(new XapiSimulatorOptions { VmCount = 1 });
        var vm = await server.FindAsync("vm-00001");
        var other = await server.FindAsync("vm-00001");
        var waiting = server.Session.Waiting.WaitAsync(vm, VmCondition.On, TimeSpan.FromSeconds(30), s_none);
        await server.Session.Power.StartAsync(other, s_none);
        await waiting;
        Assert.Equal("On", vm.PowerState);

        waiting = server.Session.Waiting.WaitAsync(vm, VmCondition.Off, TimeSpan.FromSeconds(30), s_none);
        await server.Session.Power.StopAsync(other, force: true, TimeSpan.Zero, s_none);
        await waiting;

        waiting = server.Session.Waiting.WaitAsync(vm, VmCondition.On, TimeSpan.FromSeconds(30), s_none);
        await server.Session.RemoveVmAsync(other, force: true, s_none);
        Assert.Equal("VmNotFound", (await Assert.ThrowsAnyAsync<VmDeployException>(() => waiting)).Code.Id);
    }

    [Fact]
    public async Task A_broken_connection_does_not_end_a_wait()
    {
        await using var server = await SimulatedXenServer.StartAsync(new XapiSimulatorOptions { VmCount = 1 });
        var vm = await server.FindAsync("vm-00001");
        server.Simulator.Faults.DropReply("event.from", skip: 1);
        server.Simulator.Faults.DropReply("event.from");
        var waiting = server.Session.Waiting.WaitAsync(vm, VmCondition.On, TimeSpan.FromSeconds(30), s_none);
        await server.Session.Power.StartAsync(await server.FindAsync("vm-00001"), s_none);
        await waiting;
    }

    [Fact]
    public async Task Removing_takes_what_is_the_VMs_own_and_nothing_else()
    {
        await using var server = await SimulatedXenServer.StartAsync(new XapiSimulatorOptions { VmCount = 1 });
        var mine = (await server.DeployAsync(server.Session.PlanTemplateAsync(new TemplateRequest("alpine-template") { Names = ["mine"], Hardware = new() { ExtraDiskBytes = [1 << 20, 1 << 20] } }, s_none)))[0];
        await server.Session.Cdroms.SetAsync((await server.Session.Cdroms.GetAsync(mine, s_none))[0], new CdromMedium(CdromMediumKind.Iso, "tiny.iso"), false, new SimulatedXenServer.Quiet(), s_none);

        // One of its disks belongs to another VM too, and it has a snapshot with its own disks.
        var shared = server["mine"].Drives.Single(d => d.Device == "1").VdiUuid!;
        await AttachAsync(server, "vm-00001", shared);
        await RawAsync(server, "VM.snapshot", await RefAsync(server, "VM", mine.Id), "before", new List<object>());
        await server.Session.RemoveVmAsync(mine, force: false, s_none);

        Assert.Equal("vm-00001", Assert.Single(server.Simulator.Vms).Name);
        Assert.Equal(shared, Assert.Single(server["vm-00001"].Drives).VdiUuid);
        Assert.Contains(server.Simulator.Inventory(), line => line.EndsWith("tiny.iso", StringComparison.Ordinal));
        await server.Session.RemoveVmAsync(await server.FindAsync("vm-00001"), force: false, s_none);
        Assert.DoesNotContain(server.Simulator.Inventory(), line => line.Contains("mine", StringComparison.Ordinal) || line.Contains("before", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("HOST_NOT_ENOUGH_FREE_MEMORY", "InsufficientResources", "needed: 5, available: 3", "5", "3")]
    [InlineData("VM_BAD_POWER_STATE", "WrongPowerState", "expected: halted, actual: running", "OpaqueRef:1", "halted", "running")]
    [InlineData("OPERATION_BLOCKED", "OperationBlocked", "reason: by hand", "OpaqueRef:1", "by hand")]
    [InlineData("VDI_IN_USE", "DiskInUse", "operation: attach", "OpaqueRef:1", "attach")]
    [InlineData("RBAC_PERMISSION_DENIED", "NoPermission", "permission: vm.start", "vm.start", "")]
    [InlineData("SOMETHING_NEW", "HostFault", "SOMETHING_NEW (a, b)", "a", "b")]
    public async Task Failures_say_what_their_parameters_mean(string failure, string id, string words, params string[] parameters)
    {
        await using var server = await SimulatedXenServer.StartAsync(new XapiSimulatorOptions { VmCount = 1 });
        var vm = await server.FindAsync("vm-00001");
        server.Simulator.Faults.FailCall("VM.start", failure, parameters);
        var error = await Assert.ThrowsAnyAsync<VmDeployException>(() => server.Session.Power.StartAsync(vm, s_none));
        Assert.Equal(id, error.Code.Id);
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Clones_in_full_and_linked_with_changes()
    {
        await using var server = await SimulatedXenServer.StartAsync();
        var source = (await server.DeployAsync(server.Session.PlanTemplateAsync(new TemplateRequest("alpine-template") { Names = ["src"] }, s_none)))[0];
        var request = new CloneRequest(source)
        {
            Names = ["c1", "c2"],
            Annotation = "copy",
            Hardware = new() { CpuCount = 4, MemoryMB = 4096, NetworkMap = new Dictionary<string, string> { [SimulatedXenServer.Network] = "Pool-wide network associated with eth1" } },
        };
        var clones = await server.DeployAsync(server.Session.PlanCloneAsync(request with { Datastore = "NFS virtual disk storage" }, s_none));
        Assert.All(clones, c => Assert.Equal((4, 4096L, "copy"), (c.CpuCount, c.MemoryMB, c.Annotation)));
        Assert.All(["c1", "c2"], name =>
        {
            Assert.Equal("NFS virtual disk storage", server[name].Drives.First(d => d.Type == "Disk").SrName);
            Assert.Equal("Pool-wide network associated with eth1", Assert.Single(server[name].Vifs).Network);
            Assert.Equal(System.IO.File.ReadAllBytes(server["src"].Drives[0].LocalPath!)[..4096], System.IO.File.ReadAllBytes(server[name].Drives[0].LocalPath!)[..4096]);
        });
        Assert.Equal(3, server.Simulator.Vms.Select(v => v.Vifs[0].MacAddress).Distinct().Count());
        Assert.Equal(2, server.Simulator.Calls.Count(c => c.Method == "Async.VM.copy"));

        // Fewer CPUs must be set in the other order.
        await server.DeployAsync(server.Session.PlanCloneAsync(new CloneRequest(clones[0]) { Names = ["l1"], Hardware = new() { CpuCount = 1 }, Linked = true }, s_none));
        Assert.Equal((1, 1), server["l1"].Cpus);

        var error = await Assert.ThrowsAnyAsync<VmDeployException>(() => server.Session.PlanCloneAsync(new CloneRequest(source) { Names = ["l2"], Linked = true, Datastore = "NFS virtual disk storage" }, s_none));
        Assert.Equal("HardwareInvalid", error.Code.Id);
        await server.Session.Power.StartAsync(source, s_none);
        error = await Assert.ThrowsAnyAsync<VmDeployException>(() => server.Session.PlanCloneAsync(request with { Names = ["c3"] }, s_none));
        Assert.Equal("CloneSourceRunning", error.Code.Id);
    }

    [Fact]
    public async Task Shows_what_there_is()
    {
        await using var server = await SimulatedXenServer.StartAsync();
        var storage = await server.Session.Discovery.GetDatastoresAsync(s_none);
        Assert.Equal(["DVD drives", "ISO library", "Local storage", "NFS virtual disk storage", "XenServer Tools"], storage.Select(s => s.Name));
        Assert.Equal(("ext", 2L << 40), (storage[2].Type, storage[2].CapacityBytes));
        Assert.InRange(storage[2].FreeBytes, 1, (2L << 40) - 1);
        Assert.Equal(["Pool-wide network associated with eth0", "Pool-wide network associated with eth1"], (await server.Session.Discovery.GetNetworksAsync(s_none)).Select(n => n.Name));
        var host = Assert.Single(await server.Session.Discovery.GetHypervisorsAsync(s_none));
        Assert.Equal(("xenserver-sim", "XenServer 8.4.0", 16, 64L << 30, "sim-pool", true), (host.Name, host.Product, host.CpuCores, host.MemoryBytes, host.Cluster, host.IsUsable));
        var templates = await server.Session.Discovery.GetTemplatesAsync(s_none);
        Assert.Equal(["alpine-template", "Debian Bookworm 12", "Other install media"], templates.Select(t => t.Name));
        Assert.Equal([false, true, true], templates.Select(t => t.IsDefault));
    }

    internal static async Task<object> RawAsync(SimulatedXenServer server, string method, params object[] arguments) =>
        await ((VmDeploy.Xapi.XapiSession)server.Session).Client.CallAsync(method, s_none, arguments);

    internal static async Task<string> RefAsync(SimulatedXenServer server, string type, string uuid) => (string)await RawAsync(server, $"{type}.get_by_uuid", uuid);

    private static async Task AttachAsync(SimulatedXenServer server, string vm, string vdi) => await RawAsync(server, "VBD.create", new Dictionary<string, object>
    {
        ["VM"] = await RefAsync(server, "VM", server[vm].Uuid),
        ["VDI"] = await RefAsync(server, "VDI", vdi),
        ["userdevice"] = "0",
        ["bootable"] = false,
        ["mode"] = "RW",
        ["type"] = "Disk",
        ["empty"] = false,
        ["other_config"] = new Dictionary<string, string>(),
        ["qos_algorithm_type"] = "",
        ["qos_algorithm_params"] = new Dictionary<string, string>(),
    });

    private static Task<IReadOnlyList<Vm>> ListAsync(SimulatedXenServer server, VmQuery query) => server.Session.GetVmsAsync(query, s_none);
}
