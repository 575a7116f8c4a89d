using System;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using System.Xml.Linq;

namespace VmDeploy.Vsphere;

/// <summary>Clones on vCenter: <c>CloneVM_Task</c>, which removes what it made when it fails.</summary>
internal sealed class CloneTaskCloner : IVmCloner
{
    private readonly VsphereSession _session;

    public CloneTaskCloner(VsphereSession session) => _session = session;

    public async Task<Vm> CloneAsync(ResolvedClone clone, string name, Action<int> percent, CancellationToken cancellationToken)
    {
        XElement? result = await _session.Tasks.RunAsync(new MoRef("VirtualMachine", clone.Source.Vm.Id), "CloneVM_Task", name, percent, cancellationToken,
            VimXml.Ref("folder", clone.Placement.Folder),
            VimXml.El("name", name),
            VimXml.El("spec", Location(clone), VimXml.El("template", false), Config(clone), VimXml.El("powerOn", false),
                VimXml.Ref("snapshot", clone.Snapshot)));
        string id = result!.ToMoRef().Value;
        return new Vm(_session, id, await _session.ReadVmAsync(id, CancellationToken.None));
    }

    // Only what was asked for: a disk whose datastore is not named stays on its source's.
    private static XElement Location(ResolvedClone clone) => VimXml.El("location",
        clone.Request.Datastore is null ? null : VimXml.Ref("datastore", clone.Placement.Datastore.Object),
        VimXml.Optional("diskMoveType", clone.Snapshot is null ? null : "createNewChildDiskBacking"),
        VimXml.Ref("pool", clone.Placement.ResourcePool),
        clone.Request.HostName is null ? null : VimXml.Ref("host", clone.Placement.Host?.Object));

    private static XElement? Config(ResolvedClone clone)
    {
        CloneRequest request = clone.Request;
        XElement config = ConfigSpec.Create("config",
            VimXml.Optional("annotation", request.Annotation),
            VimXml.Optional("numCPUs", request.CpuCount),
            VimXml.Optional("memoryMB", request.MemoryMB),
            clone.Source.Adapters.Where(a => clone.Networks.ContainsKey(a.Value("key")!)).Select(adapter =>
            {
                var edited = new XElement(adapter);
                edited.Child("backing")!.ReplaceWith(new XElement(clone.Networks[adapter.Value("key")!]));
                return ConfigSpec.Change("edit", edited);
            }));
        return config.HasElements ? config : null;
    }
}
