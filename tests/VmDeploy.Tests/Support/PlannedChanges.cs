namespace VmDeploy.Tests.Support;

/// <summary>Changes that are planned and carried out at once.</summary>
internal static class PlannedChanges
{
    public static async Task<VmCdrom> AddAsync(
        this VmCdroms cdroms, Vm vm, CdromMedium medium, CdromBus? bus, IProgress<OperationProgress> progress, CancellationToken cancellationToken) =>
        await (await cdroms.PlanAddAsync(vm, medium, bus, cancellationToken)).RunAsync(progress, cancellationToken);

    public static async Task<VmCdrom> SetAsync(
        this VmCdroms cdroms, VmCdrom cdrom, CdromMedium medium, bool force, IProgress<OperationProgress> progress, CancellationToken cancellationToken) =>
        await (await cdroms.PlanSetAsync(cdrom, medium, force, cancellationToken)).RunAsync(progress, cancellationToken);

    public static async Task<DatastoreFile> SendAsync(
        this VmDatastoreFiles files, SendFileRequest request, IProgress<OperationProgress> progress, CancellationToken cancellationToken) =>
        await (await files.PlanSendAsync(request, cancellationToken)).RunAsync(progress, cancellationToken);
}
