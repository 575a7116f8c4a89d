using VmDeploy.Tests.Support;
using Xunit;

namespace VmDeploy.Tests.Vsphere;

public abstract partial class VsphereBehaviour
{
    [SkippableFact]
    public async Task A_VM_is_reset_suspended_and_resumed()
    {
        var vm = Assert.Single(await ImportAsync(TinyVm("lively1")));
        await AssertRefusedAsync(() => Session.Power.RestartAsync(vm, force: true, TimeSpan.FromMinutes(1), s_none));
        await AssertRefusedAsync(() => Session.Power.SuspendAsync(vm, s_none));
        await AssertRefusedAsync(() => Session.Power.ResumeAsync(vm, s_none));

        await Session.Power.StartAsync(vm, s_none);
        await Session.Power.RestartAsync(vm, force: true, TimeSpan.FromMinutes(1), s_none);
        Assert.Equal("On", vm.PowerState);
        await Session.Power.SuspendAsync(vm, s_none);
        Assert.Equal("Suspended", vm.PowerState);
        await Session.Power.SuspendAsync(vm, s_none);
        await Session.Power.ResumeAsync(vm, s_none);
        Assert.Equal("On", vm.PowerState);
        await Session.Power.ResumeAsync(vm, s_none);
        await Session.RemoveVmAsync(vm, force: true, s_none);

        async Task AssertRefusedAsync(Func<Task> act)
        {
            var refused = await Assert.ThrowsAsync<VmDeployException>(act);
            Assert.Equal("WrongPowerState", refused.Code.Id);
            Assert.Contains("'lively1' is off", refused.Message);
        }
    }
}
