using System;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using System.Xml.Linq;

namespace VmDeploy.Vsphere;

/// <summary>Clones on vCenter: <c>CloneVM_Task</c>.</summary>
internal sealed class CloneTaskCloner : IVmCloner
{
    private readonly VsphereSession _session;

    public CloneTaskCloner(VsphereSession session) => _session = session;

    public async Task<Vm> CloneAsync(ResolvedClone clone, string name, Action<int> percent, CancellationToken cancellationToken)
    {
        MoRef source = new("VirtualMachine", clone.Source.Vm.Id);
        string instanceUuid = Guid.NewGuid().ToString();
        try
        {
            XElement? result = await _session.Tasks.RunAsync(source, "CloneVM_Task", name, percent, cancellationToken,
                VimXml.Ref("folder", clone.Placement.Folder),
                VimXml.El("name", name),
                VimXml.El("spec", Location(clone), VimXml.El("template", false), Config(clone, instanceUuid), VimXml.El("powerOn", false),
                    VimXml.Ref("snapshot", clone.Snapshot)));
            string id = result!.ToMoRef().Value;
            return new Vm(_session, id, await _session.ReadVmAsync(id, CancellationToken.None));
        }
        catch
        {
            await VmLeftovers.RemoveAsync(_session, source, instanceUuid, name);
            throw;
        }
    }

    // Only what was asked for: a disk whose datastore is not named stays on its source's.
    private static XElement Location(ResolvedClone clone) => VimXml.El("location",
        clone.Request.Datastore is null ? null : VimXml.Ref("datastore", clone.Placement.Datastore.Object),
        VimXml.Optional("diskMoveType", clone.Snapshot is null ? null : "createNewChildDiskBacking"),
        VimXml.Ref("pool", clone.Placement.ResourcePool),
        clone.Request.HostName is null ? null : VimXml.Ref("host", clone.Placement.Host?.Object));

    private static XElement Config(ResolvedClone clone, string instanceUuid) => ConfigSpec.Create("config",
        VimXml.El("instanceUuid", instanceUuid),
        VimXml.Optional("annotation", clone.Request.Annotation),
        VimXml.Optional("numCPUs", clone.Request.CpuCount),
        VimXml.Optional("memoryMB", clone.Request.MemoryMB),
        clone.Source.Adapters.Where(a => clone.Networks.ContainsKey(a.Value("key")!)).Select(adapter =>
        {
            var edited = new XElement(adapter);
            edited.Child("backing")!.ReplaceWith(new XElement(clone.Networks[adapter.Value("key")!]));
            return ConfigSpec.Change("edit", edited);
        }));
}
