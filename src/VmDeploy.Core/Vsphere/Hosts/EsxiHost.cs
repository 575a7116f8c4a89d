namespace VmDeploy.Vsphere;

/// <summary>A standalone ESXi host: no CloneVM_Task, no templates, no OVF properties.</summary>
internal sealed class EsxiHost(VsphereSession session) : IVsphereHost
{
    public bool HasUniqueVmNames => true;

    public void CheckClone(ResolvedClone clone)
    {
        var source = clone.Source.Vm.Name;
        if (clone.Source.PowerState != PowerState.Off)
            throw new VmDeployException(ErrorCodes.CloneSourceRunning, $"{source} is not powered off; a standalone host can't copy the disks of a running VM.", source,
                hint: clone.Source.PowerState == PowerState.Suspended ? ErrorHint.VmSuspended : null);
        DatastorePlace.RequireTopFolders(clone.Placement.Datastore);
    }

    // A copy begins with its own folder.
    public bool CanCopyTo(Placement placement) => DatastorePlace.TakesTopFolders(placement.Datastore);

    public Task<ResolvedClone> PrepareLinkedAsync(ResolvedClone clone, RollbackScope scope, CancellationToken cancellationToken)
    {
        session.Log.LinkedSourceMustRest(clone.Source.Vm.Name);
        return Task.FromResult(clone);
    }

    public Task<Vm> CloneAsync(ResolvedClone clone, VmCreation creation) => new DiskCopyClone(session, clone, creation).RunAsync();

    public Task<IReadOnlyList<VmTemplate>> GetTemplatesAsync(CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<VmTemplate>>([]);

    public void RequireTemplates(string name, ErrorHint hint) => throw new VmDeployException(ErrorCodes.NotSupportedByHost,
        $"{session.Server} is a standalone host, which has no templates.", name, hint: hint);

    public XElement? OvfProperties(IReadOnlyDictionary<string, string> properties) =>
        properties.Count == 0 ? null : ConfigSpec.Extra(OvfEnvironment.Key, OvfEnvironment.Write(session.Content, properties));

    public Task<VmRemoval> PlanRemovalAsync(MoRef vm, string name, CancellationToken cancellationToken) =>
        VmRemoval.PlanAsync(session, vm, name, cancellationToken);
}
