namespace VmDeploy.Vsphere;

internal sealed class VsphereCdroms(VsphereSession session) : VmCdroms
{
    public override async Task<IReadOnlyList<VmCdrom>> GetAsync(Vm vm, CancellationToken cancellationToken) =>
        CdromDevice.Read(await VmHardware.ReadAsync(session, vm, cancellationToken));

    public override async Task<PlannedChange<VmCdrom>> PlanAddAsync(
        Vm vm, CdromMedium medium, CdromBus? bus, CancellationToken cancellationToken)
    {
        var hardware = await VmHardware.ReadAsync(session, vm, cancellationToken);
        return await new CdromEditor(session, hardware).PlanAddAsync(medium, bus, cancellationToken);
    }

    public override async Task<PlannedChange<VmCdrom>> PlanSetAsync(
        VmCdrom cdrom, CdromMedium medium, bool force, CancellationToken cancellationToken)
    {
        var hardware = await VmHardware.ReadAsync(session, cdrom.Vm, cancellationToken);
        var drive = CdromEditor.Find(hardware, cdrom.Id);
        return await new CdromEditor(session, hardware).PlanSetAsync(drive, medium, force, cancellationToken);
    }

    public override async Task<PlannedChange<VmCdrom>> PlanRemoveAsync(VmCdrom cdrom, CancellationToken cancellationToken) =>
        new CdromEditor(session, await VmHardware.ReadAsync(session, cdrom.Vm, cancellationToken)).PlanRemove(cdrom);
}
