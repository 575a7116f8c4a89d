namespace VmDeploy.Vsphere;

public sealed partial class VsphereSession
{
    /// <inheritdoc/>
    public override async Task<IReadOnlyList<VmCdrom>> GetCdromsAsync(Vm vm, CancellationToken cancellationToken) =>
        CdromDevice.Read(await VmHardware.ReadAsync(this, vm, cancellationToken));

    /// <inheritdoc/>
    public override async Task<PlannedChange<VmCdrom>> PlanAddCdromAsync(
        Vm vm, CdromMedium medium, CdromBus? bus, CancellationToken cancellationToken)
    {
        var hardware = await VmHardware.ReadAsync(this, vm, cancellationToken);
        return await new CdromEditor(this, hardware).PlanAddAsync(medium, bus, cancellationToken);
    }

    /// <inheritdoc/>
    public override async Task<PlannedChange<VmCdrom>> PlanSetCdromAsync(
        VmCdrom cdrom, CdromMedium medium, bool force, CancellationToken cancellationToken)
    {
        var hardware = await VmHardware.ReadAsync(this, cdrom.Vm, cancellationToken);
        var drive = CdromEditor.Find(hardware, cdrom.Id);
        return await new CdromEditor(this, hardware).PlanSetAsync(drive, medium, force, cancellationToken);
    }

    /// <inheritdoc/>
    public override async Task RemoveCdromAsync(VmCdrom cdrom, CancellationToken cancellationToken)
    {
        var hardware = await VmHardware.ReadAsync(this, cdrom.Vm, cancellationToken);
        var drive = CdromEditor.Find(hardware, cdrom.Id);
        await new CdromEditor(this, hardware).RemoveAsync(drive, cancellationToken);
    }
}
