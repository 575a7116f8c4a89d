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

    public Task<Vm> CloneAsync(ResolvedClone clone, string name, Action<int> percent, CancellationToken cancellationToken) =>
        new CloneTask(_session, clone.Source, clone.Placement, clone.Request.Datastore is not null) { Snapshot = clone.Snapshot }.RunAsync(
            name, instanceUuid => Config(clone, instanceUuid), (_, _) => Task.CompletedTask, percent, cancellationToken);

    private static XElement Config(ResolvedClone clone, string instanceUuid) => ConfigSpec.Create("config",
        VimXml.El("instanceUuid", instanceUuid),
        VimXml.Optional("annotation", clone.Request.Annotation),
        HardwareChange.Create(clone.Source.Config, clone.Request.CpuCount, clone.Request.MemoryMB),
        clone.Source.Adapters.Where(a => clone.Networks.ContainsKey(a.Value("key")!)).Select(adapter =>
        {
            var edited = new XElement(adapter);
            edited.Child("backing")!.ReplaceWith(new XElement(clone.Networks[adapter.Value("key")!]));
            return ConfigSpec.Change("edit", edited);
        }));
}
