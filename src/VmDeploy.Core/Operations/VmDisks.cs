namespace VmDeploy;

/// <summary>Adds, grows and removes the disks of VMs.</summary>
public abstract class VmDisks
{
    /// <summary>Resolves the place of a new disk, and the existing disk where one is attached; changes nothing.</summary>
    public abstract Task<PlannedChange<VmDisk>> PlanAddAsync(Vm vm, NewDisk disk, CancellationToken cancellationToken);

    /// <summary>Checks that a disk can grow to a size; changes nothing.</summary>
    public abstract Task<PlannedChange<VmDisk>> PlanGrowAsync(VmDisk disk, long bytes, CancellationToken cancellationToken);

    /// <summary>Checks that a disk can be removed; changes nothing. The change gives the VM as it is afterwards.</summary>
    /// <param name="disk">The disk.</param>
    /// <param name="keepFile">Detach it only, and keep its file or VDI with the data.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public abstract Task<PlannedChange<Vm>> PlanRemoveAsync(VmDisk disk, bool keepFile, CancellationToken cancellationToken);

    internal static VmDeployException NotFound(VmDisk disk, Exception? cause = null) => new(ErrorCodes.DiskNotFound,
        $"{disk.Label} of {disk.Vm.Name} does not exist (any more).", disk.Label, cause);

    /// <summary>Refuses a size that is smaller than the disk's.</summary>
    internal static void CheckGrowth(VmDisk disk, long present, long wanted, VmLimits limits)
    {
        limits.CheckHardware(null, null, [wanted]);
        if (wanted < present)
        {
            throw VmLimits.Invalid($"{SizeText.Format(wanted)} requested for {disk.Label} of {disk.Vm.Name}, which has {SizeText.Format(present)}; a disk can't shrink.", wanted);
        }
    }
}
