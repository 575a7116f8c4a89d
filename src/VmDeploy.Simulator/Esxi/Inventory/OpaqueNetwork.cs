using VmDeploy.Simulator.Esxi.Core;
using VmDeploy.Simulator.Esxi.Data;

namespace VmDeploy.Simulator.Esxi.Inventory;

/// <summary>A network that something outside of vSphere manages, such as NSX; an adapter connects to it by its foreign id.</summary>
[VimUnset("capability", "OpaqueNetworkCapability")]
[VimUnset("extraConfig", "OptionValue*")]
internal sealed class OpaqueNetwork(EsxiHost host, string id, Folder owner, string name) : Network(host, id, owner, name)
{
    private const string Kind = "nsx.LogicalSwitch";

    private readonly string _foreignId = Guid.NewGuid().ToString();

    [VimProperty("NetworkSummary")]
    public override DataObject Summary => new("OpaqueNetworkSummary")
    {
        ["network"] = Self,
        ["name"] = Name,
        ["accessible"] = true,
        ["opaqueNetworkId"] = _foreignId,
        ["opaqueNetworkType"] = Kind,
    };

    public override DataObject Backing => new("VirtualEthernetCardOpaqueNetworkBackingInfo") { ["opaqueNetworkId"] = _foreignId, ["opaqueNetworkType"] = Kind };

    /// <summary>Whether a backing names it.</summary>
    public bool Is(DataObject backing) => backing.Text("opaqueNetworkId") == _foreignId && backing.Text("opaqueNetworkType") == Kind;
}
