using VmDeploy.Tests.Support;
using Xunit;

namespace VmDeploy.Tests.Vsphere;

public abstract partial class VsphereBehaviour
{
    [SkippableFact]
    public async Task A_VM_that_is_off_shows_nothing_and_a_host_without_pictures_says_so()
    {
        var vm = Assert.Single(await ImportAsync(TinyVm("shown1")));
        var refused = await Assert.ThrowsAsync<VmDeployException>(() => Session.Screen.CaptureAsync(vm, s_none));
        Assert.Equal("WrongPowerState", refused.Code.Id);
        await Session.Power.StartAsync(vm, s_none);
        try
        {
            var picture = await Session.Screen.CaptureAsync(vm, s_none);
            Assert.Equal("PNG", picture.Format);
        }
        catch (VmDeployException e)
        {
            // vcsim has no consoles.
            Assert.Equal("ScreenNotAvailable", e.Code.Id);
            Assert.Contains("HTTP 404, and CreateScreenshot_Task", e.Message);
        }
        await Session.RemoveVmAsync(vm, force: true, s_none);
    }
}
