using VmDeploy.Transfer;

namespace VmDeploy;

/// <summary>The snapshots of VMs.</summary>
public abstract class VmSnapshots
{
    /// <summary>The snapshots of a VM: each after its parent, siblings by age.</summary>
    public abstract Task<IReadOnlyList<VmSnapshot>> GetAsync(Vm vm, CancellationToken cancellationToken);

    /// <summary>Checks a snapshot to take; changes nothing.</summary>
    /// <exception cref="VmDeployException"><c>NameInvalid</c> without a name; <c>ValueRefused</c>.</exception>
    public Task<PlannedChange<VmSnapshot>> PlanTakeAsync(SnapshotRequest request, CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(request.Name))
            throw new VmDeployException(ErrorCodes.NameInvalid, $"A snapshot of VM '{request.Vm.Name}' needs a name.", request.Vm.Name);
        OutgoingText.Checked(request.Name, "the name of the snapshot");
        OutgoingText.Checked(request.Description ?? "", "the description of the snapshot");
        return PlanAsync(request, cancellationToken);
    }

    /// <summary>Determines what a restore would lose, and whether the storage has space for it; changes nothing.</summary>
    /// <exception cref="VmDeployException"><c>SnapshotNotFound</c>; <c>DatastoreFull</c> on XenServer; <c>LinkedClonesDepend</c> on vSphere.</exception>
    public abstract Task<PlannedChange<Vm>> PlanRestoreAsync(VmSnapshot snapshot, CancellationToken cancellationToken);

    /// <summary>Finds what a removal would remove; changes nothing. The VM and the other snapshots keep their data.</summary>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="withChildren">Also its children and theirs.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The change; its result is what was removed.</returns>
    /// <exception cref="VmDeployException"><c>SnapshotNotFound</c>; <c>LinkedClonesDepend</c> on vSphere.</exception>
    public abstract Task<PlannedChange<IReadOnlyList<VmSnapshot>>> PlanRemoveAsync(VmSnapshot snapshot, bool withChildren, CancellationToken cancellationToken);

    /// <summary>The snapshot of a VM with this name or id; an exact match takes precedence over one that differs in case.</summary>
    /// <exception cref="VmDeployException"><c>SnapshotNotFound</c>, or <c>AmbiguousSnapshot</c> if several have the name.</exception>
    public async Task<VmSnapshot> FindAsync(Vm vm, string nameOrId, CancellationToken cancellationToken)
    {
        var all = await GetAsync(vm, cancellationToken);
        var found = all.Where(one => string.Equals(one.Id, nameOrId, StringComparison.OrdinalIgnoreCase)).ToList();
        if (found.Count == 0)
            found = all.Where(one => one.Name == nameOrId).ToList();
        if (found.Count == 0)
            found = all.Where(one => string.Equals(one.Name, nameOrId, StringComparison.OrdinalIgnoreCase)).ToList();
        return found.Count switch
        {
            1 => found[0],
            0 => throw new VmDeployException(ErrorCodes.SnapshotNotFound,
                $"Snapshot '{nameOrId}' not found on VM '{vm.Name}'. {Names.Available(all.Select(one => one.Name), "The VM has no snapshots.")}", nameOrId),
            _ => throw new VmDeployException(ErrorCodes.AmbiguousSnapshot,
                $"{found.Count} snapshots of VM '{vm.Name}' have the name '{nameOrId}'; their ids: {string.Join(", ", found.Select(one => $"{one.Id} ({one.Describe()})"))}.", nameOrId),
        };
    }

    /// <summary>As <see cref="PlanTakeAsync"/>, with a name.</summary>
    private protected abstract Task<PlannedChange<VmSnapshot>> PlanAsync(SnapshotRequest request, CancellationToken cancellationToken);

    /// <summary>A snapshot as it is now.</summary>
    private protected static VmSnapshot Again(VmSnapshot snapshot, IReadOnlyList<VmSnapshot> all) =>
        all.FirstOrDefault(one => one.Id == snapshot.Id) ?? throw Gone(snapshot);

    private protected static VmDeployException Gone(VmSnapshot snapshot) =>
        new(ErrorCodes.SnapshotNotFound, $"Snapshot '{snapshot.Name}' of VM '{snapshot.Vm.Name}' no longer exists.", snapshot.Name);

    /// <summary>The snapshot and all below it, in the order of <see cref="GetAsync"/>.</summary>
    private protected static IReadOnlyList<VmSnapshot> WithChildren(VmSnapshot snapshot, IReadOnlyList<VmSnapshot> all)
    {
        var found = new List<VmSnapshot> { snapshot };
        found.AddRange(all.SkipWhile(one => one.Id != snapshot.Id).Skip(1).Where(one => found.Exists(parent => parent.Id == one.ParentId)));
        return found;
    }

    /// <summary>-WhatIf of a snapshot to take.</summary>
    /// <param name="request">What is requested.</param>
    /// <param name="withMemory">Whether it gets the memory: a VM that is not running has none.</param>
    /// <param name="quiesce">Whether the guest is quiesced.</param>
    private protected static string DescribeTake(SnapshotRequest request, bool withMemory, bool quiesce)
    {
        var missing = new[] { request.Memory && !withMemory ? "without memory" : null, request.Quiesce && !quiesce ? "not quiesced" : null }.OfType<string>().ToList();
        return $"Take snapshot '{request.Name}'{(withMemory ? " with memory" : "")}{(quiesce ? ", quiesced" : "")}"
            + (missing.Count == 0 ? "" : $", {string.Join(" and ", missing)} because the VM is not running");
    }

    /// <summary>-WhatIf of a restore: what is lost, and the state of the VM afterwards.</summary>
    private protected static string DescribeRestore(VmSnapshot snapshot, Vm vm, IReadOnlyList<string> newerDisks, string fate) =>
        $"Restore snapshot {snapshot.Describe()}: all changes since then are lost"
        + (vm.State.PowerState == PowerState.Off ? "" : $", the VM, which is {(vm.State.PowerState == PowerState.On ? "running" : vm.PowerState.ToLowerInvariant())}, is stopped")
        + (newerDisks.Count == 0 ? "" : $", newer disks {fate}: {Names.List(newerDisks)}")
        + snapshot.PowerState switch
        {
            nameof(PowerState.On) => "; the guest continues from the saved memory",
            nameof(PowerState.Suspended) => "; the VM is suspended afterwards",
            _ => "; the VM is off afterwards",
        };

    /// <summary>-WhatIf of a removal.</summary>
    private protected static string DescribeRemove(IReadOnlyList<VmSnapshot> removed) =>
        $"Remove snapshot {removed[0].Describe()}{(removed.Count == 1 ? "" : $" with its children {Names.List(removed.Skip(1).Select(one => one.Name))}")}";
}
