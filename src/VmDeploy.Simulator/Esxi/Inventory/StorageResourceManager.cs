using VmDeploy.Simulator.Esxi.Core;
using VmDeploy.Simulator.Esxi.Data;
using VmDeploy.Simulator.Esxi.Soap;

namespace VmDeploy.Simulator.Esxi.Inventory;

/// <summary>Storage DRS: recommends where a new VM goes. Here it is the last member of the cluster, which distinguishes it from other choices.</summary>
internal sealed class StorageResourceManager(EsxiHost host, string id) : ManagedObject(host, id)
{
    private static readonly string[] s_ofClone = ["vm", "cloneSpec", "cloneName", "folder"];
    private static readonly string[] s_ofCreation = ["configSpec", "resourcePool", "folder"];

    // Each disk that the spec creates has its place in the selection, by its negative key.
    private static void CheckDisks(DataObject config, DataObject selection)
    {
        var created = config.Objects("deviceChange").Where(change => change.Text("fileOperation") == "create").Select(change => change.Object("device")!.Int("key"));
        var placed = selection.Objects("initialVmConfig").SelectMany(one => one.Objects("disk")).Select(disk => disk.Int("diskId"));
        if (!created.Order().SequenceEqual(placed.Order()))
            throw VimFault.InvalidArgument("storageSpec.podSelectionSpec.initialVmConfig");
    }

    [VimMethod(VCenterOnly = true)]
    public object RecommendDatastores(VimCall call)
    {
        var spec = call.Arguments.Object("storageSpec")!;
        var selection = spec.Object("podSelectionSpec")!;
        if (spec.Text("type") is not ("create" or "clone"))
            throw VimFault.InvalidArgument("storageSpec.type");
        var missing = Array.Find(spec.Text("type") == "clone" ? s_ofClone : s_ofCreation, field => !spec.Has(field));
        if (missing is not null)
            throw VimFault.InvalidArgument($"storageSpec.{missing}");
        var pod = Esx.Get<StoragePod>(selection.Ref("storagePod") ?? throw VimFault.InvalidArgument("storageSpec.podSelectionSpec.storagePod"));
        if (spec.Text("type") == "create")
            CheckDisks(spec.Object("configSpec")!, selection);
        return new DataObject("StoragePlacementResult")
        {
            ["recommendations"] = !Esx.Options.StorageDrs ? [] : pod.Members.Reverse().Select((member, index) => new DataObject("ClusterRecommendation")
            {
                ["key"] = $"{index + 1}",
                ["type"] = "V1",
                ["time"] = DateTime.UtcNow,
                ["rating"] = 5 - Math.Min(index, 4),
                ["reason"] = "storagePlacement",
                ["reasonText"] = "Satisfy storage initial placement requests",
                ["action"] = new[]
                {
                    new DataObject("StoragePlacementAction")
                    {
                        ["type"] = "StoragePlacementV1",
                        ["relocateSpec"] = new DataObject("VirtualMachineRelocateSpec") { ["datastore"] = member.Self },
                        ["destination"] = member.Self,
                    },
                },
            }).ToArray(),
        };
    }
}
