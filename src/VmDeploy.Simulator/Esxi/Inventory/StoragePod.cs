using VmDeploy.Simulator.Esxi.Core;
using VmDeploy.Simulator.Esxi.Data;

namespace VmDeploy.Simulator.Esxi.Inventory;

/// <summary>A datastore cluster.</summary>
internal sealed class StoragePod(EsxiHost host, string id, Folder owner, string name) : Folder(host, id, owner, name, "Datastore")
{
    public IEnumerable<Datastore> Members => Children.OfType<Datastore>();

    [VimProperty("StoragePodSummary")]
    public DataObject Summary => new("StoragePodSummary")
    {
        ["name"] = Name,
        ["capacity"] = Members.Count() * Esx.Options.DatastoreCapacity,
        ["freeSpace"] = Members.Sum(m => m.FreeSpace),
    };

    [VimProperty("PodStorageDrsEntry")]
    public DataObject PodStorageDrsEntry => new("PodStorageDrsEntry")
    {
        ["storageDrsConfig"] = new DataObject("StorageDrsConfigInfo")
        {
            ["podConfig"] = new DataObject("StorageDrsPodConfigInfo")
            {
                ["enabled"] = Esx.Options.StorageDrs,
                ["ioLoadBalanceEnabled"] = false,
                ["defaultVmBehavior"] = "manual",
            },
        },
    };
}
