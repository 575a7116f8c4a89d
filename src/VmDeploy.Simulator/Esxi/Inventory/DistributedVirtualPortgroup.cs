using VmDeploy.Simulator.Esxi.Core;
using VmDeploy.Simulator.Esxi.Data;

namespace VmDeploy.Simulator.Esxi.Inventory;

/// <summary>A port group of a distributed switch, to which an adapter connects by key, not by name.</summary>
[VimUnset("portKeys", "string*")]
internal sealed class DistributedVirtualPortgroup(EsxiHost host, string id, Folder owner, string name, DistributedVirtualSwitch dvs, bool isUplink = false, bool isTagged = true)
    : Network(host, id, owner, name)
{
    public DistributedVirtualSwitch Switch => dvs;

    /// <summary>It is the uplink port group of the switch, to which no adapter can be connected.</summary>
    public bool IsUplink => isUplink;

    public override IEnumerable<object> Tag => isUplink && isTagged ? [new DataObject("Tag") { ["key"] = "SYSTEM/DVS.UPLINKPG" }] : [];

    [VimProperty("string")]
    public string Key => Self.Value;

    [VimProperty("DVPortgroupConfigInfo")]
    public DataObject Config => new("DVPortgroupConfigInfo")
    {
        ["key"] = Key,
        ["name"] = Name,
        ["numPorts"] = 8,
        ["distributedVirtualSwitch"] = dvs.Self,
        ["type"] = "earlyBinding",
        ["policy"] = new DataObject("VMwareDVSPortgroupPolicy")
        {
            ["blockOverrideAllowed"] = true,
            ["shapingOverrideAllowed"] = false,
            ["vendorConfigOverrideAllowed"] = false,
            ["livePortMovingAllowed"] = false,
            ["portConfigResetAtDisconnect"] = true,
            ["vlanOverrideAllowed"] = false,
            ["uplinkTeamingOverrideAllowed"] = false,
            ["securityPolicyOverrideAllowed"] = false,
        },
        ["configVersion"] = "1",
        ["uplink"] = isUplink,
    };

    public override DataObject Backing => new("VirtualEthernetCardDistributedVirtualPortBackingInfo")
    {
        ["port"] = new DataObject("DistributedVirtualSwitchPortConnection") { ["switchUuid"] = dvs.Uuid, ["portgroupKey"] = Key },
    };
}
