namespace VmDeploy.Vsphere;

/// <summary>What a standalone ESXi host and a vCenter do differently.</summary>
internal interface IVsphereHost
{
    /// <summary>No two VMs have the same name.</summary>
    bool HasUniqueVmNames { get; }

    /// <summary>Refuses a clone that this kind of host can't create.</summary>
    void CheckClone(ResolvedClone clone);

    /// <summary>Whether VMs can be copied on the host to a placement.</summary>
    bool CanCopyTo(Placement placement);

    /// <summary>Prepares the source of linked clones.</summary>
    /// <returns>The clone with the snapshot that it depends on, if any.</returns>
    Task<ResolvedClone> PrepareLinkedAsync(ResolvedClone clone, RollbackScope scope, CancellationToken cancellationToken);

    /// <summary>Creates one clone, powered off; what it creates is added to the creation's scope.</summary>
    Task<Vm> CloneAsync(ResolvedClone clone, VmCreation creation);

    Task<IReadOnlyList<VmTemplate>> GetTemplatesAsync(CancellationToken cancellationToken);

    /// <summary>Refuses with <c>NotSupportedByHost</c> if this kind of host has no templates.</summary>
    /// <param name="name">The template or VM.</param>
    /// <param name="hint">What to use instead.</param>
    void RequireTemplates(string name, ErrorHint hint);

    /// <summary>The <c>extraConfig</c> entry that gives OVF properties to the guest; null if the host does that itself.</summary>
    XElement? OvfProperties(IReadOnlyDictionary<string, string> properties);

    /// <summary>Checks the removal of a VM; <c>LinkedClonesDepend</c> if other VMs use its disks.</summary>
    Task<VmRemoval> PlanRemovalAsync(MoRef vm, string name, CancellationToken cancellationToken);
}
