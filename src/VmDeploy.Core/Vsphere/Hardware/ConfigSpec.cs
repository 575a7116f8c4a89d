namespace VmDeploy.Vsphere;

internal static class ConfigSpec
{
    /// <summary>Its children in schema order, from the first one that we ever insert.</summary>
    public static readonly string[] Order =
    [
        "name", "version", "createDate", "uuid", "instanceUuid", "npivNodeWorldWideName", "npivPortWorldWideName", "npivWorldWideNameType",
        "npivDesiredNodeWwns", "npivDesiredPortWwns", "npivTemporaryDisabled", "npivOnNonRdmDisks", "npivWorldWideNameOp", "locationId",
        "guestId", "alternateGuestName", "annotation", "files", "tools", "flags", "consolePreferences", "powerOpInfo", "rebootPowerOff",
        "numCPUs", "vcpuConfig", "numCoresPerSocket", "memoryMB", "memoryHotAddEnabled", "cpuHotAddEnabled", "cpuHotRemoveEnabled",
        "virtualICH7MPresent", "virtualSMCPresent", "deviceChange", "cpuAllocation", "memoryAllocation", "latencySensitivity",
        "cpuAffinity", "memoryAffinity", "networkShaper", "cpuFeatureMask", "extraConfig", "swapPlacement", "bootOptions", "vAppConfig",
        "ftInfo", "repConfig", "vAppConfigRemoved", "vAssertsEnabled", "changeTrackingEnabled", "firmware", "maxMksConnections",
        "guestAutoLockEnabled", "managedBy", "memoryReservationLockedToMax", "nestedHVEnabled", "vPMCEnabled",
        "scheduledHardwareUpgradeInfo", "vmProfile", "messageBusTunnelEnabled", "crypto", "migrateEncryption", "sgxInfo",
        "ftEncryptionMode", "guestMonitoringModeInfo", "sevEnabled", "virtualNuma", "motherboardLayout", "pmemFailoverEnabled",
        "vmxStatsCollectionEnabled", "vmOpNotificationToAppEnabled", "vmOpNotificationTimeout", "deviceSwap", "simultaneousThreads",
        "pmem", "deviceGroups", "fixedPassthruHotPlugEnabled", "metroFtEnabled", "metroFtHostGroup", "tdxEnabled", "sevSnpEnabled",
    ];

    /// <summary>A spec of these children, brought into schema order; null ones are left out.</summary>
    public static XElement Create(string element, params object?[] children)
    {
        var spec = VimXml.El(element, children);
        spec.ReplaceNodes(spec.Elements().OrderBy(e => Array.IndexOf(Order, e.Name.LocalName)).ToList());
        return spec;
    }

    /// <summary>Sets one of a spec's children.</summary>
    public static void Set(XElement config, string name, object value)
    {
        config.Child(name)?.Remove();
        config.InsertInOrder(VimXml.El(name, value), Order);
    }

    public static XElement Change(string operation, XElement device, string? fileOperation = null) => VimXml.El("deviceChange",
        VimXml.El("operation", operation), VimXml.Optional("fileOperation", fileOperation), Named(device, "device"));

    public static XElement Extra(string key, string value) =>
        VimXml.El("extraConfig", VimXml.El("key", key), VimXml.Typed("value", "xsd:string", value));

    /// <summary>A copy under another element name; arrays name their members by type, specs by role.</summary>
    public static XElement Named(XElement element, string name) => new(element) { Name = VimXml.Vim + name };

    public static IReadOnlyList<XElement> Devices(XElement? array) => array?.Elements().Select(d => Named(d, "device")).ToList() ?? [];
}
