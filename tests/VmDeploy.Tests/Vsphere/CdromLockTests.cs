using VmDeploy.Simulator.Esxi;
using VmDeploy.Tests.Support;
using Xunit;

namespace VmDeploy.Tests.Vsphere;

/// <summary>For our simulator only: guests that lock their drive, and hosts with a physical drive.</summary>
public sealed class CdromLockTests
{
    private static readonly IProgress<OperationProgress> s_noProgress = new Progress<OperationProgress>();

    [Theory]
    [InlineData(EsxiMode.Esxi)]
    [InlineData(EsxiMode.VCenter)]
    public async Task A_locked_drive_keeps_its_medium_until_it_is_forced(EsxiMode mode)
    {
        var options = new EsxiSimulatorOptions { Mode = mode, VmCount = 1, Guest = _ => GuestBehavior.WithTools with { LocksCdrom = true } };
        await using var host = await SimulatedHost.StartAsync(options);
        using var folder = new TempFolder();
        var plan = await host.Session.PlanIsoVmAsync(new IsoVmRequest(folder.Write("tiny.iso", Iso.Mark(new byte[40_000])))
        {
            Names = ["locks"],
            Datacenter = "ha-datacenter",
            Datastore = "datastore1",
            HostName = "localhost.localdomain",
        }, CancellationToken.None);
        var vm = Assert.Single(await host.RunAsync(plan));
        var drive = Assert.Single(await host.Session.Cdroms.GetAsync(vm, CancellationToken.None));
        drive = await host.Session.Cdroms.SetAsync(drive, new CdromMedium(CdromMediumKind.HostDevice), force: false, s_noProgress, CancellationToken.None);
        Assert.Equal(nameof(CdromMediumKind.HostDevice), drive.Medium.Kind);
        Assert.NotEmpty(drive.Medium.Path!);
        await host.Session.Power.StartAsync(vm, CancellationToken.None);
        await host.Session.Waiting.WaitAsync(vm, VmCondition.IpAddress, TimeSpan.FromMinutes(1), CancellationToken.None);
        Assert.NotNull(vm.IpAddress);

        var locked = await Assert.ThrowsAsync<VmDeployException>(
            () => host.Session.Cdroms.SetAsync(drive, CdromMedium.Empty, force: false, s_noProgress, CancellationToken.None));
        Assert.Equal("CdromLocked", locked.Code.Id);
        Assert.Equal(drive.Medium, Assert.Single(await host.Session.Cdroms.GetAsync(vm, CancellationToken.None)).Medium);

        drive = await host.Session.Cdroms.SetAsync(drive, CdromMedium.Empty, force: true, s_noProgress, CancellationToken.None);
        Assert.Equal(CdromMedium.Empty, drive.Medium);
        Assert.False(drive.IsConnected);
    }
}
