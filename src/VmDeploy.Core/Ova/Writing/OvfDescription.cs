using VmDeploy.Export;

namespace VmDeploy.Ova;

/// <summary>A VM to be described in OVF 1.1, for hosts that don't do that themselves; ESXi, VirtualBox and XenServer accept it.</summary>
internal sealed record OvfDescription(string Name, int CpuCount, long MemoryBytes)
{
    // Of ESXi 5.5, the oldest host that this module knows.
    private const string OldestHardware = "vmx-10";
    private const string SecureBootHardware = "vmx-13";
    private const int CpusOfOldest = 64;
    private const long MemoryOfOldest = 1011L << 30;
    private const int DisksPerController = 15;

    // ESXi accepts no other sizes.
    private const long MemoryStep = 4 << 20;
    private const int ScsiUnitOfController = 7;
    private const int DrivesPerController = 2;

    private static readonly XNamespace s_ovf = "http://schemas.dmtf.org/ovf/envelope/1";
    private static readonly XNamespace s_rasd = "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData";
    private static readonly XNamespace s_vssd = "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_VirtualSystemSettingData";
    private static readonly XNamespace s_vmw = "http://www.vmware.com/schema/ovf";

    public string Annotation { get; init; } = "";
    public int? CoresPerSocket { get; init; }
    public bool IsEfi { get; init; }
    public bool IsSecureBoot { get; init; }

    /// <summary>The guest: its number in CIM, and VMware's id.</summary>
    public (int Cim, string Id) Guest { get; init; } = (102, "otherGuest64");

    /// <summary>The network of each adapter.</summary>
    public IReadOnlyList<string> Adapters { get; init; } = [];

    public int CdDrives { get; init; }

    public string Write(IReadOnlyList<PackageFile> files)
    {
        var items = new List<XElement>();
        Add(items, 3, $"{CpuCount} virtual CPU(s)", ("AllocationUnits", "hertz * 10^6"), ("Description", "Number of Virtual CPUs"), ("VirtualQuantity", CpuCount));
        if (CoresPerSocket is { } cores)
            items[0].Add(new XElement(s_vmw + "CoresPerSocket", new XAttribute(s_ovf + "required", "false"), cores));
        var memory = (MemoryBytes + MemoryStep - 1) / MemoryStep * MemoryStep >> 20;
        Add(items, 4, $"{memory}MB of memory", ("AllocationUnits", "byte * 2^20"), ("Description", "Memory Size"), ("VirtualQuantity", memory));
        // Systems of all kinds come with a driver for this one, and so do VirtualBox and other importers.
        for (int i = 0, parent = 0; i < files.Count; i++)
        {
            var unit = i % DisksPerController;
            if (unit == 0)
                parent = Add(items, 6, $"SCSI Controller {i / DisksPerController}", ("Address", i / DisksPerController), ("Description", "SCSI Controller"), ("ResourceSubType", "lsilogicsas"));
            Add(items, 17, $"Hard Disk {i + 1}", ("AddressOnParent", unit < ScsiUnitOfController ? unit : unit + 1), ("HostResource", $"ovf:/disk/vmdisk{i + 1}"), ("Parent", parent));
        }
        for (int i = 0, parent = 0; i < CdDrives; i++)
        {
            if (i % DrivesPerController == 0)
                parent = Add(items, 5, $"IDE Controller {i / DrivesPerController}", ("Address", i / DrivesPerController), ("Description", "IDE Controller"));
            Add(items, 15, $"CD/DVD Drive {i + 1}", ("AddressOnParent", i % DrivesPerController), ("AutomaticAllocation", "false"), ("Parent", parent), ("ResourceSubType", "vmware.cdrom.remotepassthrough"));
        }
        for (var i = 0; i < Adapters.Count; i++)
            Add(items, 10, $"Network Adapter {i + 1}", ("AddressOnParent", 7 + i), ("AutomaticAllocation", "true"), ("Connection", Adapters[i]), ("Description", $"E1000 adapter on {Adapters[i]}"), ("ResourceSubType", "E1000"));

        var envelope = new XElement(s_ovf + "Envelope",
            new XAttribute("xmlns", s_ovf), new XAttribute(XNamespace.Xmlns + "ovf", s_ovf), new XAttribute(XNamespace.Xmlns + "rasd", s_rasd),
            new XAttribute(XNamespace.Xmlns + "vssd", s_vssd), new XAttribute(XNamespace.Xmlns + "vmw", s_vmw),
            new XElement(s_ovf + "References", files.Select((file, i) => new XElement(s_ovf + "File", Ovf("href", file.Name), Ovf("id", $"file{i + 1}"), Ovf("size", file.Length)))),
            Section("DiskSection", "Virtual disk information", files.Select((file, i) => new XElement(s_ovf + "Disk",
                Ovf("capacity", file.Capacity!), Ovf("capacityAllocationUnits", "byte"), Ovf("diskId", $"vmdisk{i + 1}"), Ovf("fileRef", $"file{i + 1}"),
                Ovf("format", "http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized")))),
            Section("NetworkSection", "The list of logical networks", Adapters.Distinct().Select(network =>
                new XElement(s_ovf + "Network", Ovf("name", network), new XElement(s_ovf + "Description", $"The {network} network")))),
            new XElement(s_ovf + "VirtualSystem", Ovf("id", Name),
                new XElement(s_ovf + "Info", "A virtual machine"),
                new XElement(s_ovf + "Name", Name),
                Section("OperatingSystemSection", "The kind of installed guest operating system", [Ovf("id", Guest.Cim), new XAttribute(s_vmw + "osType", Guest.Id)]),
                Section("VirtualHardwareSection", "Virtual hardware requirements", [
                    new XElement(s_ovf + "System",
                        new XElement(s_vssd + "ElementName", "Virtual Hardware Family"), new XElement(s_vssd + "InstanceID", 0),
                        new XElement(s_vssd + "VirtualSystemIdentifier", Name), new XElement(s_vssd + "VirtualSystemType", HardwareVersion)),
                    .. items,
                    Setting("firmware", IsEfi ? "efi" : "bios"),
                    .. IsSecureBoot ? new[] { Setting("bootOptions.efiSecureBootEnabled", "true") } : [],
                ]),
                Annotation.Length > 0 ? Section("AnnotationSection", "A human-readable annotation", [new XElement(s_ovf + "Annotation", Annotation)]) : null));
        return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + envelope + "\n";
    }

    private string HardwareVersion => IsSecureBoot || CpuCount > CpusOfOldest || MemoryBytes > MemoryOfOldest ? SecureBootHardware : OldestHardware;

    // The elements of an item are in the order of their names.
    private static int Add(List<XElement> items, int type, string name, params (string Name, object Value)[] values)
    {
        var id = items.Count + 1;
        items.Add(new XElement(s_ovf + "Item", values.Append(("ElementName", name)).Append(("InstanceID", id)).Append(("ResourceType", type))
            .OrderBy(value => value.Name, StringComparer.Ordinal).Select(value => new XElement(s_rasd + value.Name, value.Value))));
        return id;
    }

    private static XElement Section(string name, string info, IEnumerable<object> content)
    {
        var all = content.ToList();
        return new XElement(s_ovf + name, all.OfType<XAttribute>(), new XElement(s_ovf + "Info", info), all.OfType<XElement>());
    }

    private static XElement Setting(string key, string value) => new(s_vmw + "Config", Ovf("required", "false"), new XAttribute(s_vmw + "key", key), new XAttribute(s_vmw + "value", value));

    private static XAttribute Ovf(string name, object value) => new(s_ovf + name, value);
}
