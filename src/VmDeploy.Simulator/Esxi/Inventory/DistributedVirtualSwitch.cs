using VmDeploy.Simulator.Esxi.Core;
using VmDeploy.Simulator.Esxi.Data;

namespace VmDeploy.Simulator.Esxi.Inventory;

/// <summary>A distributed switch.</summary>
[VimUnset("capability", "DVSCapability")]
[VimUnset("summary", "DVSSummary")]
[VimUnset("portgroup", "ManagedObjectReference*")]
internal class DistributedVirtualSwitch(EsxiHost host, string id, Folder owner, string name)
    : ManagedEntity(host, id, owner, name)
{
    [VimProperty("string")]
    public string Uuid { get; } = Guid.NewGuid().ToString();

    [VimProperty("DVSConfigInfo")]
    public DataObject Config => new("VMwareDVSConfigInfo")
    {
        ["uuid"] = Uuid,
        ["name"] = Name,
        ["numStandalonePorts"] = 0,
        ["numPorts"] = 8,
        ["maxPorts"] = int.MaxValue,
        ["uplinkPortPolicy"] = new DataObject("DVSNameArrayUplinkPortPolicy") { ["uplinkPortName"] = new List<object> { "Uplink 1" } },
        ["uplinkPortgroup"] = NetworksOfUplinks(),
        ["defaultPortConfig"] = new DataObject("VMwareDVSPortSetting"),
        ["productInfo"] = new DataObject("DistributedVirtualSwitchProductSpec"),
        ["configVersion"] = "1",
        ["contact"] = new DataObject("DVSContactInfo"),
        ["createTime"] = DateTime.UnixEpoch,
        ["maxMtu"] = 1500,
        ["linkDiscoveryProtocolConfig"] = null,
    };

    private List<object> NetworksOfUplinks() =>
        owner.Children.OfType<DistributedVirtualPortgroup>().Where(group => group.IsUplink && group.Switch == this).Select(group => (object)group.Self).ToList();
}

/// <summary>The switch that a vCenter has.</summary>
internal sealed class VmwareDistributedVirtualSwitch(EsxiHost host, string id, Folder owner, string name) : DistributedVirtualSwitch(host, id, owner, name);
