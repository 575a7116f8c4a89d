namespace VmDeploy.Vsphere;

internal static class NetworkBacking
{
    /// <summary>The <c>backing</c> element for a network (standard, distributed port group or opaque).</summary>
    public static async Task<XElement> CreateAsync(VsphereSession session, ObjectContent network, CancellationToken cancellationToken)
    {
        switch (network.Object.Type)
        {
            case "DistributedVirtualPortgroup":
                var group = await session.Properties.ReadAsync(network.Object, cancellationToken, "key", "config.distributedVirtualSwitch");
                var dvs = await session.Properties.ReadAsync(group.Reference("config.distributedVirtualSwitch")!.Value, cancellationToken, "uuid");
                return VimXml.Typed("backing", "VirtualEthernetCardDistributedVirtualPortBackingInfo",
                    VimXml.El("port", VimXml.El("switchUuid", dvs.Text("uuid")), VimXml.El("portgroupKey", group.Text("key"))));
            case "OpaqueNetwork":
                var summary = (await session.Properties.ReadAsync(network.Object, cancellationToken, "summary"))["summary"]!;
                return VimXml.Typed("backing", "VirtualEthernetCardOpaqueNetworkBackingInfo",
                    VimXml.El("opaqueNetworkId", summary.Value("opaqueNetworkId")), VimXml.El("opaqueNetworkType", summary.Value("opaqueNetworkType")));
            default:
                return VimXml.Typed("backing", "VirtualEthernetCardNetworkBackingInfo", VimXml.El("deviceName", Inventory.NameOf(network)));
        }
    }

    public static ObjectContent Find(Placement placement, string name, string purpose = "") => Find(placement.Networks, placement.HostName, name, purpose);

    public static ObjectContent Find(IReadOnlyList<ObjectContent> networks, string hostName, string name, string purpose = "") =>
        networks.FirstOrDefault(n => Inventory.NameOf(n) == name)
        ?? networks.FirstOrDefault(n => string.Equals(Inventory.NameOf(n), name, StringComparison.OrdinalIgnoreCase))
        ?? throw Placement.Missing(ErrorCodes.NetworkNotFound, "network", name, $"on '{hostName}'{purpose}", networks.Select(Inventory.NameOf));
}
