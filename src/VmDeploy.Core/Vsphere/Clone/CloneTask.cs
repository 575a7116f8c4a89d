using System;
using System.Threading;
using System.Threading.Tasks;
using System.Xml.Linq;

namespace VmDeploy.Vsphere;

/// <summary><c>CloneVM_Task</c>, which only a vCenter has. Of a clone that fails, also after the task, nothing is left.</summary>
internal sealed class CloneTask
{
    private readonly VsphereSession _session;
    private readonly CloneSource _source;
    private readonly Placement _placement;
    private readonly bool _movesDisks;

    /// <param name="session">The session.</param>
    /// <param name="source">The VM or template.</param>
    /// <param name="placement">Where the clone goes.</param>
    /// <param name="movesDisks">Put all disks on the placement's datastore; else each stays on its source's.</param>
    public CloneTask(VsphereSession session, CloneSource source, Placement placement, bool movesDisks)
    {
        _session = session;
        _source = source;
        _placement = placement;
        _movesDisks = movesDisks;
    }

    /// <summary>The snapshot that a linked clone hangs on; null for a full clone.</summary>
    public MoRef? Snapshot { get; init; }

    /// <summary>Makes a clone, powered off.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="config">Makes the <c>config</c> of the clone spec, which carries this <c>instanceUuid</c>.</param>
    /// <param name="finish">What is done to the clone before it counts as made; gets its <c>instanceUuid</c>.</param>
    /// <param name="percent">Told how far the task is, 0..100.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task<Vm> RunAsync(
        string name, Func<string, XElement> config, Func<Vm, string, Task> finish, Action<int> percent, CancellationToken cancellationToken)
    {
        MoRef source = new("VirtualMachine", _source.Vm.Id);
        var instanceUuid = Guid.NewGuid().ToString();
        try
        {
            var made = await _session.Tasks.RunAsync(source, "CloneVM_Task", name, percent, cancellationToken,
                VimXml.Ref("folder", _placement.Folder),
                VimXml.El("name", name),
                VimXml.El("spec", Location(), VimXml.El("template", false), config(instanceUuid), VimXml.El("powerOn", false),
                    VimXml.Ref("snapshot", Snapshot)));
            var id = made!.ToMoRef().Value;
            var vm = new Vm(_session, id, await _session.ReadVmAsync(id, CancellationToken.None));
            await finish(vm, instanceUuid);
            return vm;
        }
        catch
        {
            await VmLeftovers.RemoveAsync(_session, source, instanceUuid, name);
            throw;
        }
    }

    // A cluster without DRS does not choose a host by itself.
    private XElement Location() => VimXml.El("location",
        _movesDisks ? VimXml.Ref("datastore", _placement.Datastore.Object) : null,
        VimXml.Optional("diskMoveType", Snapshot is null ? null : "createNewChildDiskBacking"),
        VimXml.Ref("pool", _placement.ResourcePool),
        VimXml.Ref("host", _placement.Host?.Object));
}
