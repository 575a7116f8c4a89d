namespace VmDeploy;

/// <summary>Adds, changes and removes the CD-ROM drives of VMs.</summary>
public abstract class VmCdroms
{
    /// <summary>The VM's CD-ROM drives, in the order of their slots.</summary>
    public abstract Task<IReadOnlyList<VmCdrom>> GetAsync(Vm vm, CancellationToken cancellationToken);

    /// <summary>Resolves the slot for a new drive; changes nothing.</summary>
    /// <param name="vm">The VM.</param>
    /// <param name="medium">The medium; a local ISO is uploaded first.</param>
    /// <param name="bus">The bus; null for the default of the guest.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public abstract Task<PlannedChange<VmCdrom>> PlanAddAsync(Vm vm, CdromMedium medium, CdromBus? bus, CancellationToken cancellationToken);

    /// <summary>Resolves another medium for a drive; changes nothing.</summary>
    /// <param name="cdrom">The drive.</param>
    /// <param name="medium">The new medium; a local ISO is uploaded first.</param>
    /// <param name="force">Eject the medium even if the guest has locked the drive (answers the host's question).</param>
    /// <param name="cancellationToken">Stops it.</param>
    public abstract Task<PlannedChange<VmCdrom>> PlanSetAsync(VmCdrom cdrom, CdromMedium medium, bool force, CancellationToken cancellationToken);

    /// <summary>Checks that a drive can be removed from its VM; changes nothing.</summary>
    public abstract Task<PlannedChange<VmCdrom>> PlanRemoveAsync(VmCdrom cdrom, CancellationToken cancellationToken);
}
