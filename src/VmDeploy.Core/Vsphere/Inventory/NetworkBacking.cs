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
                // The host leaves out one or the other for an account without read access to the switch.
                var uuid = group.Reference("config.distributedVirtualSwitch") is { } dvs ? (await session.Properties.ReadAsync(dvs, cancellationToken, "uuid")).Text("uuid") : null;
                if (uuid is null)
                    throw new VmDeployException(ErrorCodes.NoPermission, $"The distributed switch of port group '{Inventory.NameOf(network)}' can't be read.", Inventory.NameOf(network));
                return VimXml.Typed("backing", "VirtualEthernetCardDistributedVirtualPortBackingInfo",
                    VimXml.El("port", VimXml.El("switchUuid", uuid), VimXml.El("portgroupKey", group.Text("key"))));
            case "OpaqueNetwork":
                var summary = (await session.Properties.ReadAsync(network.Object, cancellationToken, "summary"))["summary"]!;
                return VimXml.Typed("backing", "VirtualEthernetCardOpaqueNetworkBackingInfo",
                    VimXml.El("opaqueNetworkId", summary.Value("opaqueNetworkId")), VimXml.El("opaqueNetworkType", summary.Value("opaqueNetworkType")));
            default:
                return VimXml.Typed("backing", "VirtualEthernetCardNetworkBackingInfo", VimXml.El("deviceName", Inventory.NameOf(network)));
        }
    }

    /// <summary>Whether an adapter with the first backing, which the host has completed, is on the network of the second.</summary>
    public static bool IsOn(XElement? present, XElement network) => present?.TypeName() == network.TypeName()
        && network.Descendants().Where(e => !e.HasElements).All(e => present!.Descendants().Any(own => own.Name == e.Name && own.Value == e.Value));

    public static ObjectContent Find(Placement placement, string name, string purpose = "") => Find(placement.Networks, placement.HostName, name, purpose);

    /// <summary>The network with this name, or with this id, where several have the name.</summary>
    public static ObjectContent Find(IReadOnlyList<ObjectContent> networks, string hostName, string name, string purpose = "")
    {
        if (networks.FirstOrDefault(n => n.Object.Value == name) is { } known)
            return known;
        var found = networks.Where(n => Inventory.NameOf(n) == name).ToList();
        if (found.Count == 0)
            found = networks.Where(n => Placement.Matches(n, name)).ToList();
        return found.Count switch
        {
            1 => found[0],
            0 => throw Placement.Missing(ErrorCodes.NetworkNotFound, "network", name, $"on '{hostName}'{purpose}", networks.Select(Inventory.NameOf)),
            _ => throw Placement.Ambiguous($"network '{name}'", $"on '{hostName}'{purpose}", found.Select(n => n.Object.Value)),
        };
    }

    /// <summary>The backing of a device as one for another device: a port of a distributed switch, and the key to it, belong to one.</summary>
    public static XElement WithoutPort(XElement backing)
    {
        var copy = new XElement(backing);
        copy.Child("network")?.Remove();
        copy.Child("port")?.Child("portKey")?.Remove();
        copy.Child("port")?.Child("connectionCookie")?.Remove();
        return copy;
    }
}
