using System.Globalization;
using System.Xml;
using System.Xml.Linq;
using VmDeploy.Simulator.Esxi.Soap;

namespace VmDeploy.Simulator.Esxi.Import;

/// <summary>An OVF descriptor as a host reads it. Errors are collected, as far as reading can go on.</summary>
internal sealed class OvfDescriptor
{
    public static readonly XNamespace Ovf = "http://schemas.dmtf.org/ovf/envelope/1";
    public static readonly XNamespace Rasd = "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData";
    public static readonly XNamespace Vssd = "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_VirtualSystemSettingData";
    public static readonly XNamespace Vmw = "http://www.vmware.com/schema/ovf";

    private static readonly string[] s_known =
    [
        "References", "DiskSection", "NetworkSection", "DeploymentOptionSection", "VirtualSystem", "VirtualSystemCollection", "Strings", "ResourceAllocationSection",
        "Info", "Name", "AnnotationSection", "EulaSection", "ProductSection", "OperatingSystemSection", "VirtualHardwareSection",
        "InstallSection", "StartupSection",
    ];

    private OvfDescriptor(XElement envelope, XElement? system)
    {
        Envelope = envelope;
        System = system ?? new XElement(Ovf + "VirtualSystem");
    }

    public XElement Envelope { get; }

    public XElement System { get; }

    /// <summary>The group of systems, which only vCenter takes.</summary>
    public XElement? Collection => Envelope.Element(Ovf + "VirtualSystemCollection");

    public List<VimFault> Errors { get; } = [];

    public List<VimFault> Warnings { get; } = [];

    public string Name => System.Element(Ovf + "Name")?.Value ?? (string?)System.Attribute(Ovf + "id") ?? "";

    public string Annotation => System.Element(Ovf + "AnnotationSection")?.Element(Ovf + "Annotation")?.Value ?? "";

    public IEnumerable<string> Eulas => Sections("EulaSection").Select(s => s.Element(Ovf + "License")?.Value ?? "");

    public XElement? Hardware => System.Element(Ovf + "VirtualHardwareSection");

    public IEnumerable<XElement> Networks => Envelope.Elements(Ovf + "NetworkSection").Elements(Ovf + "Network");

    public IEnumerable<XElement> Configurations => Envelope.Elements(Ovf + "DeploymentOptionSection").Elements(Ovf + "Configuration");

    public IEnumerable<XElement> Disks => Envelope.Elements(Ovf + "DiskSection").Elements(Ovf + "Disk");

    public IEnumerable<XElement> Products => System.Elements(Ovf + "ProductSection");

    public IEnumerable<XElement> OwnItems => Hardware?.Elements(Ovf + "Item") ?? [];

    public string DefaultConfiguration =>
        (string?)(Configurations.FirstOrDefault(c => (string?)c.Attribute(Ovf + "default") is "true" or "1") ?? Configurations.FirstOrDefault())?.Attribute(Ovf + "id") ?? "";

    /// <summary>Reads the text. Always returns a descriptor, with errors if the text could not be read.</summary>
    public static OvfDescriptor Read(string text)
    {
        XElement envelope;
        try
        {
            using var reader = XmlReader.Create(new StringReader(text), new() { DtdProcessing = DtdProcessing.Prohibit });
            envelope = XDocument.Load(reader, LoadOptions.SetLineInfo).Root!;
        }
        catch (XmlException e)
        {
            return new(new(Ovf + "Envelope"), null)
            {
                Errors = { VimFault.Of("OvfXmlFormat", $"XML format error: {e.Message}", ("lineNumber", e.LineNumber), ("description", e.Message)) },
            };
        }

        var result = new OvfDescriptor(envelope, envelope.Element(Ovf + "VirtualSystem"));
        result.CheckStructure();
        return result;
    }

    /// <summary>The same descriptor for a system or a collection in the group.</summary>
    public OvfDescriptor Of(XElement entity)
    {
        var result = new OvfDescriptor(Envelope, entity);
        if (entity.Name == Ovf + "VirtualSystem")
            result.CheckSystem();
        return result;
    }

    /// <summary>The items of a deployment option.</summary>
    public IEnumerable<XElement> Items(string configuration) => OwnItems.Where(item =>
        (string?)item.Attribute(Ovf + "configuration") is not { } names || names.Split(' ').Contains(configuration));

    /// <summary>A file of the references, or null.</summary>
    public XElement? File(string id) => Envelope.Elements(Ovf + "References").Elements(Ovf + "File").FirstOrDefault(f => (string?)f.Attribute(Ovf + "id") == id);

    /// <summary>A disk, or null.</summary>
    public XElement? Disk(string id) => Disks.FirstOrDefault(d => (string?)d.Attribute(Ovf + "diskId") == id);

    /// <summary>A number of bytes in the units of DSP0004, for example 16 in <c>byte * 2^30</c>.</summary>
    /// <exception cref="FormatException">Unknown units.</exception>
    public static long Bytes(string number, string? units)
    {
        var value = long.Parse(number, NumberStyles.None, CultureInfo.InvariantCulture);
        switch (units?.Trim())
        {
            case null or "" or "byte" or "bytes":
                return value;
            case "KiloBytes" or "KB":
                return value << 10;
            case "MegaBytes" or "MB":
                return value << 20;
            case "GigaBytes" or "GB":
                return value << 30;
        }
        foreach (var factor in units.Split('*').Skip(1))
        {
            var power = factor.Split('^');
            var part = long.Parse(power[0].Trim(), NumberStyles.None, CultureInfo.InvariantCulture);
            var exponent = power.Length > 1 ? int.Parse(power[1].Trim(), NumberStyles.None, CultureInfo.InvariantCulture) : 1;
            for (; exponent > 0; exponent--)
                value = checked(value * part);
        }
        return value;
    }

    public static int Line(XObject node) => ((IXmlLineInfo)node).LineNumber;

    private IEnumerable<XElement> Sections(string name) => Envelope.Elements(Ovf + name).Concat(System.Elements(Ovf + name));

    private void CheckStructure()
    {
        if (Envelope.Name != Ovf + "Envelope")
        {
            Errors.Add(VimFault.Of("OvfWrongNamespace", $"Unsupported namespace '{Envelope.Name.NamespaceName}'.",
                ("lineNumber", Line(Envelope)), ("namespaceName", Envelope.Name.NamespaceName)));
            return;
        }
        if (Envelope.Element(Ovf + "VirtualSystem") is null)
        {
            var what = Envelope.Element(Ovf + "VirtualSystemCollection") is null ? "OvfMissingElement" : "OvfUnsupportedElement";
            Errors.Add(VimFault.Of(what, "The descriptor has no single VirtualSystem.", ("name", "VirtualSystem")));
            return;
        }
        CheckSystem();
    }

    private void CheckSystem()
    {
        foreach (var section in Envelope.Elements().Concat(System.Elements()))
        {
            if (section.Name.Namespace == Ovf && s_known.Contains(section.Name.LocalName))
                continue;
            var isRequired = (string?)section.Attribute(Ovf + "required") is not ("false" or "0");
            (isRequired ? Errors : Warnings).Add(VimFault.Of("OvfUnsupportedSection", $"Line {Line(section)}: Unsupported section '{section.Name}'.",
                ("lineNumber", Line(section)), ("name", section.Name.LocalName), ("info", section.Element(Ovf + "Info")?.Value ?? "")));
        }
        foreach (var item in Hardware?.Elements().Where(e => e.Name.Namespace == Ovf && e.Name.LocalName is not ("Info" or "System" or "Item")) ?? [])
        {
            Errors.Add(VimFault.Of("OvfUnsupportedElement", $"Line {Line(item)}: Unsupported element '{item.Name.LocalName}'.",
                ("lineNumber", Line(item)), ("name", item.Name.LocalName)));
        }
        if (Hardware is null)
            Errors.Add(VimFault.Of("OvfMissingElement", "The descriptor has no VirtualHardwareSection.", ("name", "VirtualHardwareSection")));
        foreach (var disk in Disks)
        {
            if ((string?)disk.Attribute(Ovf + "fileRef") is { } file && File(file) is null)
                Errors.Add(Reference(disk, "fileRef", file));
        }
    }

    /// <summary>A reference to nothing.</summary>
    public static VimFault Reference(XElement element, string attribute, string value) => VimFault.Of("OvfInvalidValueReference",
        $"Line {Line(element)}: Unable to find '{value}' that the attribute '{attribute}' of {element.Name.LocalName} refers to.",
        ("lineNumber", Line(element)), ("elementName", element.Name.LocalName), ("attributeName", attribute), ("value", value));
}
