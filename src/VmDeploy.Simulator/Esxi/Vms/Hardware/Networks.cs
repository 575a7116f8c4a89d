using VmDeploy.Simulator.Esxi.Data;
using VmDeploy.Simulator.Esxi.Inventory;

namespace VmDeploy.Simulator.Esxi.Vms;

/// <summary>Finds the network that an adapter's backing names.</summary>
internal static class Networks
{
    /// <summary>Looks up a network in one datacenter; null if it does not exist or accepts no adapters, or if the backing is not a network.</summary>
    public static Func<DataObject, Network?> Of(Datacenter datacenter)
    {
        var all = datacenter.NetworkFolderObject.Children.OfType<Network>().Where(n => n is not DistributedVirtualPortgroup { IsUplink: true }).ToList();
        return backing =>
            backing.Is("VirtualEthernetCardNetworkBackingInfo")
                ? all.Find(n => n is not (DistributedVirtualPortgroup or OpaqueNetwork) && n.Name == backing.Text("deviceName"))
            : backing.Is("VirtualEthernetCardDistributedVirtualPortBackingInfo")
                ? all.OfType<DistributedVirtualPortgroup>().FirstOrDefault(n => n.Key == backing.Object("port")!.Text("portgroupKey") && n.Switch.Uuid == backing.Object("port")!.Text("switchUuid"))
            : backing.Is("VirtualEthernetCardOpaqueNetworkBackingInfo") ? all.OfType<OpaqueNetwork>().FirstOrDefault(n => n.Is(backing))
            : null;
    }
}
