namespace VmDeploy.Vsphere;

/// <summary>The managers that every other call starts from (<c>ServiceContent</c>), and what the product reports about itself.</summary>
internal sealed class ServiceContent(XElement xml)
{
    private readonly XElement _about = xml.Child("about") ?? throw new VmDeployException(ErrorCodes.NotAHypervisor, "The server's ServiceContent has no AboutInfo.");

    public MoRef RootFolder => Get("rootFolder");
    public MoRef PropertyCollector => Get("propertyCollector");
    public MoRef ViewManager => Get("viewManager");
    public MoRef SessionManager => Get("sessionManager");
    public MoRef OvfManager => Get("ovfManager");
    public MoRef FileManager => Get("fileManager");
    public MoRef VirtualDiskManager => Get("virtualDiskManager");
    public MoRef StorageResourceManager => Get("storageResourceManager");
    public MoRef TaskManager => Get("taskManager");

    /// <summary>For example <c>VMware ESXi 8.0.2 build-22380479</c>.</summary>
    public string FullName => _about.Value("fullName") ?? "vSphere";

    public string Version => _about.Value("version") ?? "";

    public HypervisorKind Kind => _about.Value("apiType") == "VirtualCenter" ? HypervisorKind.VCenter : HypervisorKind.Esxi;

    private MoRef Get(string name) => xml.Child(name)?.ToMoRef()
        ?? throw new VmDeployException(ErrorCodes.NotSupportedByHost, $"{FullName} has no {name}.");
}
