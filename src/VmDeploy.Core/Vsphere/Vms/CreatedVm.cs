namespace VmDeploy.Vsphere;

/// <summary>
/// A VM while it is created. It is identified by the <c>instanceUuid</c> that it gets, never by a name that another VM may have,
/// so that orphan cleanup finds it even if the host's answer was lost.
/// </summary>
internal sealed class CreatedVm(VsphereSession session, string name, MoRef maker)
{
    public string InstanceUuid { get; } = Guid.NewGuid().ToString();
    public RollbackScope.Item Item { get; private set; } = null!;
    public HttpNfcLease? Lease { get; set; }

    /// <summary>Adds a VM that is about to be created to the scope, which also waits for tasks that still work on its <paramref name="maker"/>.</summary>
    public static CreatedVm Track(VsphereSession session, VmCreation creation, MoRef maker)
    {
        var vm = new CreatedVm(session, creation.Name, maker);
        vm.Item = creation.Scope.Add($"VM '{creation.Name}'", vm.RemoveAsync);
        return vm;
    }

    private async Task RemoveAsync(CancellationToken cancellationToken)
    {
        var isImport = maker.Type == "ResourcePool";
        if (Lease is not null)
            await Lease.AbortAsync(cancellationToken);
        await session.Tasks.SettleAsync(maker, cancellationToken);
        foreach (var vm in await FindAsync(cancellationToken))
        {
            try
            {
                var removal = isImport ? VmRemoval.Whole(session, vm, name) : await session.Host.PlanRemovalAsync(vm, name, cancellationToken);
                await removal.RunAsync(cancellationToken);
            }
            catch (VimFault) when (isImport && Lease is null)
            {
                // The lease of an import whose answer was lost is not known. It keeps the VM, and removes it when it times out.
                session.Log.LeaseEndAwaited(name);
                await HttpNfcLease.WaitGoneAsync(session, vm, cancellationToken);
            }
        }
    }

    private async Task<IReadOnlyList<MoRef>> FindAsync(CancellationToken cancellationToken)
    {
        var found = await session.Properties.SelectAllAsync([new PropertySet("VirtualMachine", "config.instanceUuid")],
            page => page.Where(vm => vm.Text("config.instanceUuid") == InstanceUuid).Select(vm => vm.Object), cancellationToken);
        if (Lease?.Entity is { } entity && !found.Contains(entity))
            found.Add(entity);
        return found;
    }
}
