using VmDeploy.Simulator;
using VmDeploy.Simulator.Xapi;
using VmDeploy.Tests.Support;
using Xunit;

namespace VmDeploy.Tests.Xapi;

/// <summary>Pictures of consoles on XenServer.</summary>
public sealed class XapiScreenTests
{
    private static readonly CancellationToken s_none = CancellationToken.None;

    [Fact]
    public async Task A_picture_is_what_the_console_shows()
    {
        await using var server = await SimulatedXenServer.StartAsync(new XapiSimulatorOptions { VmCount = 1 });
        var vm = await server.FindAsync("vm-00001");
        Assert.Equal("WrongPowerState", (await Assert.ThrowsAsync<VmDeployException>(() => server.Session.Screen.CaptureAsync(vm, s_none))).Code.Id);
        await server.Session.Power.StartAsync(vm, s_none);
        server.Simulator.Faults.ExpireSessions();
        var picture = await server.Session.Screen.CaptureAsync(vm, s_none);
        Assert.Equal(("JPEG", 640, 480, ".jpg"), (picture.Format, picture.Width, picture.Height, picture.Extension));
        Assert.Equal((640, 480), PictureFile.OpenJpeg(picture.Bytes));
    }

    [Fact]
    public async Task A_redirect_is_followed_within_the_pool_only()
    {
        await using var server = await SimulatedXenServer.StartAsync(new XapiSimulatorOptions { VmCount = 1 });
        var vm = await server.FindAsync("vm-00001");
        await server.Session.Power.StartAsync(vm, s_none);
        server.Simulator.Faults.RedirectScreen($"127.0.0.1:{server.Simulator.HttpsPort}");
        Assert.Equal(640, (await server.Session.Screen.CaptureAsync(vm, s_none)).Width);
        server.Simulator.Faults.RedirectScreen("evil.example.com");
        var failed = await Assert.ThrowsAsync<VmDeployException>(() => server.Session.Screen.CaptureAsync(vm, s_none));
        Assert.Equal("ScreenNotAvailable", failed.Code.Id);
        Assert.Contains("evil.example.com, which is not a host of the pool; the redirect was not followed", failed.Message);
    }

    [Fact]
    public async Task A_host_that_is_busy_is_asked_again_within_a_bound()
    {
        await using var server = await SimulatedXenServer.StartAsync(new XapiSimulatorOptions { VmCount = 1 });
        var vm = await server.FindAsync("vm-00001");
        await server.Session.Power.StartAsync(vm, s_none);
        server.Simulator.RequestFaults.Order(0, default);
        await server.Session.Screen.CaptureAsync(vm, s_none);
        var number = server.Simulator.RequestFaults.Methods.ToList().IndexOf("GET /vncsnapshot") + 1;
        server.Simulator.RequestFaults.Order(number, RequestFault.Status503);
        Assert.Equal(640, (await server.Session.Screen.CaptureAsync(vm, s_none)).Width);
    }
}
