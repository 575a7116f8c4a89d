namespace VmDeploy.Vsphere;

/// <summary><c>VirtualEthernetCard</c>, read and written.</summary>
internal static class NetworkCard
{
    /// <summary>Children of <c>VirtualEthernetCard</c> in schema order.</summary>
    public static readonly string[] Order = ["key", "deviceInfo", "backing", "connectable", "slotInfo", "controllerKey", "unitNumber",
        "numaNode", "deviceGroupInfo", "addressType", "macAddress", "wakeOnLanEnabled"];

    private const string Default = "VirtualE1000";
    private const string Manual = "manual";
    private const string Generated = "generated";

    /// <summary>The vim25 type of a model; for null the one that the guest recommends.</summary>
    public static string TypeOf(NicModel? model, XElement? guest) => model switch
    {
        NicModel.Vmxnet3 => "VirtualVmxnet3",
        NicModel.E1000 => "VirtualE1000",
        NicModel.E1000e => "VirtualE1000e",
        null => guest?.Value("recommendedEthernetCard") is { Length: > 0 } recommended ? recommended : Default,
        _ => throw new ArgumentOutOfRangeException(nameof(model)),
    };

    /// <summary>The model of an adapter: the vim25 type without its prefix.</summary>
    public static string? ModelOf(XElement adapter) =>
        adapter.TypeName() is { } type && type.StartsWith("Virtual", StringComparison.Ordinal) ? type.Substring("Virtual".Length) : adapter.TypeName();

    /// <summary>Whether a device is a network adapter of any model.</summary>
    public static bool Is(XElement device) => device.Child("macAddress") is not null;

    /// <summary>The adapters of a VM in the order of their places, whatever their order in the record.</summary>
    public static IReadOnlyList<XElement> In(IEnumerable<XElement> devices) => devices.Where(Is).OrderBy(adapter => adapter.Number("unitNumber") ?? int.MaxValue).ToList();

    /// <summary>Whether an adapter has an address that the host didn't generate.</summary>
    public static bool HasFixedAddress(XElement adapter) => adapter.Value("addressType") == Manual;

    /// <summary>Gives an adapter a MAC address; null is one that the host generates.</summary>
    public static void SetAddress(XElement adapter, string? macAddress)
    {
        adapter.Child("addressType")?.Remove();
        adapter.Child("macAddress")?.Remove();
        adapter.InsertInOrder(VimXml.El("addressType", macAddress is null ? Generated : Manual), Order);
        if (macAddress is not null)
            adapter.InsertInOrder(VimXml.El("macAddress", macAddress), Order);
    }

    /// <summary>An adapter as that of a copy of its VM: all settings, but not what belongs to one VM, which are its address and its port.</summary>
    public static XElement ForCopy(XElement adapter)
    {
        var copy = new XElement(adapter);
        copy.Child("externalId")?.Remove();
        copy.Child("backing")!.ReplaceWith(NetworkBacking.WithoutPort(copy.Child("backing")!));
        SetAddress(copy, null);
        return copy;
    }

    /// <summary>A new adapter.</summary>
    /// <param name="type">The vim25 type.</param>
    /// <param name="key">A negative key.</param>
    /// <param name="backing">Its network.</param>
    /// <param name="macAddress">Its MAC address; null for one that the host generates.</param>
    public static XElement Create(string type, int key, XElement backing, string? macAddress = null) => VimXml.Typed("device", type,
        VimXml.El("key", key),
        new XElement(backing),
        VimXml.El("connectable", VimXml.El("startConnected", true), VimXml.El("allowGuestControl", true), VimXml.El("connected", false)),
        VimXml.El("addressType", macAddress is null ? Generated : Manual),
        VimXml.Optional("macAddress", macAddress));

    /// <summary>An adapter of another type with the settings of one; a device keeps its type for ever.</summary>
    public static XElement CreateLike(XElement present, string type, int key)
    {
        var created = Create(type, key, NetworkBacking.WithoutPort(present.Child("backing")!), HasFixedAddress(present) ? present.Value("macAddress") : null);
        if (present.Child("connectable")?.Value("startConnected") is { } connected)
            created.Child("connectable")!.Child("startConnected")!.Value = connected;
        created.Add(present.Child("wakeOnLanEnabled"), present.Child("resourceAllocation"));
        return created;
    }
}
