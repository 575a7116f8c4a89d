using VmDeploy.Simulator.Esxi.Core;
using VmDeploy.Simulator.Esxi.Data;
using VmDeploy.Simulator.Esxi.Vms;

namespace VmDeploy.Simulator.Esxi.Inventory;

/// <summary>A port group.</summary>
internal class Network(EsxiHost host, string id, Folder owner, string name) : ManagedEntity(host, id, owner, name)
{
    [VimProperty("NetworkSummary")]
    public virtual DataObject Summary => new("NetworkSummary") { ["network"] = Self, ["name"] = Name, ["accessible"] = true };

    [VimProperty("ManagedObjectReference*")]
    public IEnumerable<Mor> Host => References(Esx.All<HostSystem>().Where(h => h.Networks.Contains(this)));

    [VimProperty("ManagedObjectReference*")]
    public IEnumerable<Mor> Vm => References(Esx.All<VirtualMachine>().Where(vm => vm.Network.Contains(Self)));

    /// <summary>The backing of a network adapter on it.</summary>
    public virtual DataObject Backing => new("VirtualEthernetCardNetworkBackingInfo")
    {
        ["deviceName"] = Name,
        ["useAutoDetect"] = false,
        ["network"] = Self,
    };
}
