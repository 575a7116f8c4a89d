namespace VmDeploy.Tests.Support;

/// <summary>Changes that are planned and carried out at once.</summary>
internal static class PlannedChanges
{
    private static readonly Progress<OperationProgress> s_ignored = new();

    public static async Task<VmCdrom> AddAsync(
        this VmCdroms cdroms, Vm vm, CdromMedium medium, CdromBus? bus, IProgress<OperationProgress> progress, CancellationToken cancellationToken) =>
        await (await cdroms.PlanAddAsync(vm, medium, bus, cancellationToken)).RunAsync(progress, cancellationToken);

    public static async Task<VmCdrom> SetAsync(
        this VmCdroms cdroms, VmCdrom cdrom, CdromMedium medium, bool force, IProgress<OperationProgress> progress, CancellationToken cancellationToken) =>
        await (await cdroms.PlanSetAsync(cdrom, medium, force, cancellationToken)).RunAsync(progress, cancellationToken);

    public static async Task RemoveAsync(this VmCdroms cdroms, VmCdrom cdrom, CancellationToken cancellationToken) =>
        await (await cdroms.PlanRemoveAsync(cdrom, cancellationToken)).RunAsync(s_ignored, cancellationToken);

    public static async Task<DatastoreFile> SendAsync(
        this VmDatastoreFiles files, SendFileRequest request, IProgress<OperationProgress> progress, CancellationToken cancellationToken) =>
        await (await files.PlanSendAsync(request, cancellationToken)).RunAsync(progress, cancellationToken);

    public static async Task RemoveVmAsync(this VmSession session, Vm vm, bool force, CancellationToken cancellationToken) =>
        await (await session.PlanRemovalAsync(vm, force, cancellationToken)).RunAsync(s_ignored, cancellationToken);

    public static Task StopAsync(this VmPower power, Vm vm, bool force, TimeSpan timeout, CancellationToken cancellationToken) =>
        power.RunAsync(vm, new PowerChange(PowerAction.Stop) { Force = force, Timeout = timeout }, cancellationToken);

    public static Task RestartAsync(this VmPower power, Vm vm, bool force, TimeSpan timeout, CancellationToken cancellationToken) =>
        power.RunAsync(vm, new PowerChange(PowerAction.Restart) { Force = force, Timeout = timeout }, cancellationToken);

    public static Task SuspendAsync(this VmPower power, Vm vm, CancellationToken cancellationToken) =>
        power.RunAsync(vm, new PowerChange(PowerAction.Suspend), cancellationToken);

    public static Task ResumeAsync(this VmPower power, Vm vm, CancellationToken cancellationToken) =>
        power.RunAsync(vm, new PowerChange(PowerAction.Resume), cancellationToken);

    private static async Task RunAsync(this VmPower power, Vm vm, PowerChange change, CancellationToken cancellationToken) =>
        await (await power.PlanAsync(vm, change, cancellationToken)).RunAsync(s_ignored, cancellationToken);
}
