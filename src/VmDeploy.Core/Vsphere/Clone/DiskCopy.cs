namespace VmDeploy.Vsphere;

/// <summary>One disk of a clone on a standalone host.</summary>
internal sealed class DiskCopy(XElement source, DatastorePath target)
{
    private readonly XElement _backing = source.Child("backing") ?? throw new VmDeployException(ErrorCodes.NotSupportedByHost, "A disk without a backing can't be cloned.");

    public string Source => _backing.Value("fileName")!;
    public DatastorePath Target { get; } = target;

    /// <summary>The <c>VirtualDiskSpec</c> that keeps the disk as thin or thick as its source; without it the copy of a thin disk is thick.</summary>
    public XElement ToDiskSpec(string controllerType) => VimXml.El("destSpec",
        VimXml.El("diskType", _backing.Value("thinProvisioned") == "true" ? "thin"
            : _backing.Value("eagerlyScrub") == "true" ? "eagerZeroedThick" : "preallocated"),
        VimXml.El("adapterType", controllerType switch
        {
            "VirtualIDEController" => "ide",
            "VirtualBusLogicController" => "busLogic",
            _ => "lsiLogic",
        }));

    /// <summary>The <c>deviceChange</c> that attaches the copied file.</summary>
    public XElement ToChange() => ConfigSpec.Change("add", Device(parent: null));

    /// <summary>The <c>deviceChange</c> that creates a child disk of the source's.</summary>
    public XElement ToLinkedChange() => ConfigSpec.Change("add",
        Device(VimXml.Typed("parent", "VirtualDiskFlatVer2BackingInfo", VimXml.El("fileName", Source), VimXml.El("diskMode", "persistent"))),
        fileOperation: "create");

    private XElement Device(XElement? parent)
    {
        var device = new XElement(source);
        foreach (var own in new[] { "diskObjectId", "vDiskId", "vDiskVersion", "virtualDiskFormat", "nativeUnmanagedLinkedClone", "iofilter", "diskChainBrokenIssue" })
            device.Child(own)?.Remove();
        var mode = _backing.Value("diskMode") ?? "persistent";
        device.Child("backing")!.ReplaceWith(VimXml.Typed("backing", "VirtualDiskFlatVer2BackingInfo",
            VimXml.El("fileName", Target.ToString()),
            VimXml.El("diskMode", mode),
            parent is null ? _backing.Child("thinProvisioned") : VimXml.El("thinProvisioned", true),
            parent is null ? _backing.Child("eagerlyScrub") : null,
            parent));
        return device;
    }
}
