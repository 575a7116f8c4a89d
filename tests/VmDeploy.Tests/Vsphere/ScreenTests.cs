using VmDeploy.Simulator.Esxi;
using VmDeploy.Tests.Support;
using Xunit;

namespace VmDeploy.Tests.Vsphere;

/// <summary>Pictures of consoles on ESXi and vCenter.</summary>
public sealed class ScreenTests
{
    private static readonly CancellationToken s_none = CancellationToken.None;
    private static readonly OvaImportRequest s_tinyVm = new(Repository.Path("examples/tinyVM.ova"))
    {
        Names = ["web1"],
        HostName = "localhost.localdomain",
        PowerOn = true,
    };

    private static readonly RetryPolicies s_quick = new(new(3, TimeSpan.FromMilliseconds(5), TimeSpan.FromMilliseconds(20)), RetryPolicy.Cleanup);

    [Theory]
    [InlineData(EsxiMode.Esxi, false)]
    [InlineData(EsxiMode.Esxi, true)]
    [InlineData(EsxiMode.VCenter, false)]
    [InlineData(EsxiMode.VCenter, true)]
    public async Task A_picture_is_what_the_console_shows_and_leaves_nothing(EsxiMode mode, bool hasNoPage)
    {
        await using var host = await SimulatedHost.StartAsync(new EsxiSimulatorOptions { Mode = mode });
        var vm = Assert.Single(await host.ImportAsync(s_tinyVm));
        host.Simulator.Faults.HasNoScreenPage = hasNoPage;
        var before = host.Picture();
        host.Simulator.Faults.ExpireSessions();

        var picture = await host.Session.Screen.CaptureAsync(vm, s_none);
        Assert.Equal(("PNG", 640, 480), (picture.Format, picture.Width, picture.Height));
        var (width, height, points) = PictureFile.OpenPng(picture.Bytes);
        Assert.Equal((640, 480), (width, height));
        Assert.Equal(new byte[] { 0, 0xC0 }, points.Distinct().Order());
        Assert.Equal(before, host.Picture());
        Assert.Equal(hasNoPage, host.Simulator.Requests.Any(request => request.Method == "CreateScreenshot_Task"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_console_that_is_not_available_yet_is_asked_again_within_a_bound(bool hasNoPage)
    {
        await using var host = await SimulatedHost.StartAsync(new EsxiSimulatorOptions(), options => options with { Retries = s_quick });
        var vm = Assert.Single(await host.ImportAsync(s_tinyVm));
        host.Simulator.Faults.HasNoScreenPage = hasNoPage;
        host.Simulator.Faults.BreakScreen(2);
        Assert.Equal(640, (await host.Session.Screen.CaptureAsync(vm, s_none)).Width);

        var before = host.Picture();
        host.Simulator.Faults.BreakScreen(100);
        var failed = await Assert.ThrowsAsync<VmDeployException>(() => host.Session.Screen.CaptureAsync(vm, s_none));
        Assert.Equal("ScreenNotAvailable", failed.Code.Id);
        Assert.Equal(before, host.Picture());
    }

    [Fact]
    public async Task A_picture_whose_name_was_lost_is_deleted_too()
    {
        await using var host = await SimulatedHost.StartAsync(new EsxiSimulatorOptions(), options => options with { Retries = s_quick });
        var vm = Assert.Single(await host.ImportAsync(s_tinyVm));
        host.Simulator.Faults.HasNoScreenPage = true;
        var before = host.Picture();
        host.Simulator.Faults.DropReply("CreateScreenshot_Task");
        Assert.Equal(640, (await host.Session.Screen.CaptureAsync(vm, s_none)).Width);
        Assert.Equal(before, host.Picture());

        host.Simulator.Faults.FailTask("DeleteDatastoreFile_Task", "RuntimeFault");
        var failed = await Assert.ThrowsAsync<VmDeployException>(() => host.Session.Screen.CaptureAsync(vm, s_none));
        Assert.Equal("ScreenNotAvailable", failed.Code.Id);
        Assert.Contains("Not rolled back: file '[datastore1] web1/web1-1.png'", failed.Message);
    }
}
