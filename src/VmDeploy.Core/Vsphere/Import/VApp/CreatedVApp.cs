namespace VmDeploy.Vsphere;

/// <summary>A vApp while it is created, identified by the <c>instanceUuid</c> that it gets, as <see cref="CreatedVm"/>.</summary>
internal sealed class CreatedVApp(VsphereSession session, string name, MoRef pool)
{
    public string InstanceUuid { get; } = Guid.NewGuid().ToString();
    public RollbackScope.Item Item { get; private set; } = null!;
    public HttpNfcLease? Lease { get; set; }

    /// <summary>Adds a vApp that is about to be created to the scope.</summary>
    public static CreatedVApp Track(VsphereSession session, VmCreation creation, MoRef pool)
    {
        var vapp = new CreatedVApp(session, creation.Name, pool);
        vapp.Item = creation.Scope.Add($"vApp '{creation.Name}'", vapp.RemoveAsync);
        return vapp;
    }

    private async Task RemoveAsync(CancellationToken cancellationToken)
    {
        if (Lease is not null)
            await Lease.AbortAsync(cancellationToken);
        await session.Tasks.SettleAsync(pool, cancellationToken);
        foreach (var vapp in await FindAsync(cancellationToken))
        {
            try
            {
                await session.Tasks.RunAsync(vapp, "Destroy_Task", name, cancellationToken);
            }
            catch (VimFault fault) when (fault.Type == "ManagedObjectNotFound")
            {
                // It went with its lease.
            }
            catch (VimFault) when (Lease is null)
            {
                // The lease of an import whose answer was lost is not known. It keeps the vApp, and removes it when it times out.
                session.Log.LeaseEndAwaited(name);
                await HttpNfcLease.WaitGoneAsync(session, vapp, cancellationToken);
            }
        }
    }

    private async Task<IReadOnlyList<MoRef>> FindAsync(CancellationToken cancellationToken) =>
        await session.Properties.SelectAllAsync([new PropertySet("VirtualApp", "vAppConfig")],
            page => page.Where(vapp => vapp["vAppConfig"]?.Value("instanceUuid") == InstanceUuid).Select(vapp => vapp.Object), cancellationToken);
}
