using VmDeploy.Simulator.Xapi;
using VmDeploy.Tests.Support;
using Xunit;

namespace VmDeploy.Tests.Xapi;

/// <summary>Restarting, suspending and resuming on XenServer, and VMs as templates.</summary>
public sealed class XapiPowerTests
{
    private static readonly CancellationToken s_none = CancellationToken.None;
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);
    private static readonly XapiSimulatorOptions s_withTools = new() { VmCount = 1, Guest = _ => XapiGuest.WithTools };

    [Fact]
    public async Task A_guest_is_restarted_suspended_and_resumed()
    {
        await using var server = await SimulatedXenServer.StartAsync(s_withTools);
        var vm = await server.FindAsync("vm-00001");
        await AssertRefusedAsync(() => server.Session.Power.RestartAsync(vm, force: true, s_patience, s_none), "WrongPowerState");
        await AssertRefusedAsync(() => server.Session.Power.SuspendAsync(vm, s_none), "WrongPowerState");
        await AssertRefusedAsync(() => server.Session.Power.ResumeAsync(vm, s_none), "WrongPowerState");
        await server.Session.Power.StartAsync(vm, s_none);
        await server.Session.Waiting.WaitAsync(vm, VmCondition.Tools, s_patience, s_none);

        await server.Session.Power.RestartAsync(vm, force: false, s_patience, s_none);
        Assert.Equal("On", vm.PowerState);
        Assert.Single(server.Simulator.Calls, c => c.Method == "Async.VM.clean_reboot");
        await server.Session.Power.RestartAsync(vm, force: true, s_patience, s_none);
        Assert.Equal("On", vm.PowerState);
        await server.Session.Waiting.WaitAsync(vm, VmCondition.Tools, s_patience, s_none);

        await server.Session.Power.SuspendAsync(vm, s_none);
        Assert.Equal("Suspended", vm.PowerState);
        Assert.Equal("Suspended", server["vm-00001"].PowerState);
        Assert.Contains(server.Simulator.Inventory(), line => line.EndsWith("Suspend image", StringComparison.Ordinal));
        await server.Session.Power.SuspendAsync(vm, s_none);
        await server.Session.Power.ResumeAsync(vm, s_none);
        Assert.Equal("On", vm.PowerState);
        Assert.DoesNotContain(server.Simulator.Inventory(), line => line.EndsWith("Suspend image", StringComparison.Ordinal));
        await server.Session.Power.StopAsync(vm, force: true, s_patience, s_none);
        server.AssertNothingIsLeft();
    }

    [Fact]
    public async Task Without_tools_the_error_says_what_works()
    {
        await using var server = await SimulatedXenServer.StartAsync(new XapiSimulatorOptions { VmCount = 1 });
        var vm = await server.FindAsync("vm-00001");
        await server.Session.Power.StartAsync(vm, s_none);
        Assert.Equal(ErrorHint.ResetWithForce, (await AssertRefusedAsync(() => server.Session.Power.RestartAsync(vm, force: false, s_patience, s_none), "ToolsNotRunning")).Hint);
        Assert.Equal(ErrorHint.SuspendNeedsTools, (await AssertRefusedAsync(() => server.Session.Power.SuspendAsync(vm, s_none), "ToolsNotRunning")).Hint);
        Assert.Equal("On", vm.PowerState);
    }

    [Fact]
    public async Task A_host_without_room_for_the_memory_says_so()
    {
        await using var server = await SimulatedXenServer.StartAsync(s_withTools);
        var vm = await server.FindAsync("vm-00001");
        await server.Session.Power.StartAsync(vm, s_none);
        server.Simulator.Faults.FailCall("VM.suspend", "SR_SUSPEND_SPACE_INSUFFICIENT", ["OpaqueRef:sr"]);
        await AssertRefusedAsync(() => server.Session.Power.SuspendAsync(vm, s_none), "DatastoreFull");
        server.Simulator.Faults.FailCall("VM.suspend", "VM_NO_SUSPEND_SR", ["OpaqueRef:vm"]);
        await AssertRefusedAsync(() => server.Session.Power.SuspendAsync(vm, s_none), "StorageNotFound");
    }

    [Fact]
    public async Task XenServer_asks_nothing()
    {
        await using var server = await SimulatedXenServer.StartAsync(s_withTools);
        var vm = await server.FindAsync("vm-00001");
        Assert.Null(await server.Session.Questions.FindAsync(vm, s_none));
        await AssertRefusedAsync(() => server.Session.Questions.GetAsync(vm, s_none), "QuestionNotFound");
    }

    [Fact]
    public async Task A_VM_becomes_a_template_and_a_VM_again()
    {
        await using var server = await SimulatedXenServer.StartAsync(s_withTools);
        var vm = await server.FindAsync("vm-00001");
        await server.Session.Power.StartAsync(vm, s_none);
        await AssertRefusedAsync(() => server.Session.Templates.PlanFromVmAsync(vm, s_none), "WrongPowerState");
        await server.Session.Power.StopAsync(vm, force: true, s_patience, s_none);

        var quiet = new SimulatedXenServer.Quiet();
        server.Simulator.Faults.DropReply("VM.set_is_a_template");
        var template = await (await server.Session.Templates.PlanFromVmAsync(vm, s_none)).RunAsync(quiet, s_none);
        Assert.Equal(vm.Id, template.Id);
        Assert.Empty(server.Simulator.Vms);

        await AssertRefusedAsync(() => server.Session.Templates.PlanToVmAsync("Debian Bookworm 12", null, null, s_none), "TemplateBuiltIn");
        await AssertRefusedAsync(() => server.Session.Templates.PlanToVmAsync("vm-00001", "nowhere", null, s_none), "HostNotFound");
        var again = await (await server.Session.Templates.PlanToVmAsync("VM-00001", "xenserver-sim", null, s_none)).RunAsync(quiet, s_none);
        Assert.Equal(vm.Id, again.Id);
        Assert.Equal("vm-00001", Assert.Single(server.Simulator.Vms).Name);
        server.AssertNothingIsLeft();
    }

    private static async Task<VmDeployException> AssertRefusedAsync(Func<Task> act, string id)
    {
        var refused = await Assert.ThrowsAnyAsync<VmDeployException>(act);
        Assert.True(refused.Code.Id == id, refused.ToString());
        return refused;
    }
}
