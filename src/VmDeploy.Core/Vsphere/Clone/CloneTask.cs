namespace VmDeploy.Vsphere;

/// <summary><c>CloneVM_Task</c>, which only a vCenter has. Disks that it doesn't move remain on their source's datastores.</summary>
internal sealed class CloneTask(VsphereSession session, CloneSource source, Placement placement)
{
    /// <summary>Changes of devices that the move needs.</summary>
    public IEnumerable<XElement> Moves { get; init; } = [];

    /// <summary>The snapshot that a linked clone depends on; null for a full clone.</summary>
    public MoRef? Snapshot { get; init; }

    /// <summary>Creates a clone, powered off. The functions create its <c>config</c> and finish it; both get its <c>instanceUuid</c>.</summary>
    public async Task<Vm> RunAsync(VmCreation creation, Func<string, XElement> config, Func<Vm, string, Task> finish)
    {
        var template = source.Content.Object;
        var created = CreatedVm.Track(session, creation, template);
        var result = await session.Tasks.RunAsync(template, "CloneVM_Task", creation.Name, creation.ReportPercent, creation.CancellationToken,
            VimXml.Ref("folder", placement.Folder),
            VimXml.El("name", creation.Name),
            VimXml.El("spec", Location(), VimXml.El("template", false), config(created.InstanceUuid), VimXml.El("powerOn", false),
                VimXml.Ref("snapshot", Snapshot)));
        var vm = await session.ReadCreatedVmAsync(result!.ToMoRef(), creation.Name);
        await finish(vm, created.InstanceUuid);
        return vm;
    }

    // A cluster without DRS does not choose a host.
    private XElement Location() => VimXml.El("location",
        placement.MovesDisks ? VimXml.Ref("datastore", placement.Datastore.Object) : null,
        VimXml.Optional("diskMoveType", Snapshot is null ? null : "createNewChildDiskBacking"),
        VimXml.Ref("pool", placement.ResourcePool),
        VimXml.Ref("host", placement.Host?.Object),
        Moves);
}
