namespace VmDeploy.Ova;

/// <summary>A descriptor that is being edited, and the list of the edits.</summary>
internal sealed class OvfDraft(XElement envelope)
{
    public static readonly XNamespace Ovf = "http://schemas.dmtf.org/ovf/envelope/1";
    public static readonly XNamespace Rasd = "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData";
    public static readonly XNamespace Vssd = "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_VirtualSystemSettingData";
    public static readonly XNamespace Vmw = "http://www.vmware.com/schema/ovf";

    // A package with a thousand adapters doesn't need a thousand lines.
    private const int MostEdits = 100;

    private readonly List<OvfIncompatibility> _edits = [];

    public XElement Envelope { get; } = envelope;

    public IReadOnlyList<OvfIncompatibility> Edits => _edits;

    /// <summary>The namespace in which this descriptor has its elements.</summary>
    public XNamespace Own => Envelope.Name.Namespace;

    /// <summary>The virtual systems, one or those of a group.</summary>
    public IReadOnlyList<XElement> Systems => Envelope.Descendants(Own + "VirtualSystem").ToList();

    public IReadOnlyList<XElement> Hardware => Systems.Elements(Own + "VirtualHardwareSection").ToList();

    public IReadOnlyList<XElement> Items => Hardware.Elements(Own + "Item").ToList();

    public void Note(string problem, string edit)
    {
        if (_edits.Count < MostEdits && !_edits.Exists(known => known.Problem == problem && known.Edit == edit))
            _edits.Add(new OvfIncompatibility(problem, edit));
    }

    public string ToXml() => "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + Envelope.ToString(SaveOptions.DisableFormatting);

    public IEnumerable<XElement> ItemsOf(XElement hardware) => hardware.Elements(Own + "Item");

    public string? Attribute(XElement element, string name) => (string?)(element.Attribute(Own + name) ?? element.Attribute(name));

    public bool IsRequired(XElement element) => Attribute(element, "required")?.Trim() is not ("false" or "0");

    /// <summary>A field of a hardware item; null when it is absent or blank.</summary>
    public static string? Value(XElement item, string name) => item.Element(Rasd + name)?.Value.Trim() is { Length: > 0 } value ? value : null;

    public static int TypeOf(XElement item) => Number(item, "ResourceType") ?? 0;

    public static int? Number(XElement item, string name) =>
        int.TryParse(Value(item, name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>The name of an item for messages.</summary>
    public static string NameOf(XElement item) => Value(item, "ElementName") ?? Value(item, "Caption") ?? $"item {Value(item, "InstanceID")}";

    /// <summary>Sets a field; the schema requires the fields in alphabetical order.</summary>
    public static void Set(XElement item, string name, string value)
    {
        if (item.Element(Rasd + name) is { } field)
            field.Value = value;
        else if (item.Elements().FirstOrDefault(other => string.CompareOrdinal(other.Name.LocalName, name) > 0) is { } next)
            next.AddBeforeSelf(new XElement(Rasd + name, value));
        else
            item.Add(new XElement(Rasd + name, value));
    }

    /// <summary>Adds an item after the others of a hardware section, and returns its id.</summary>
    public string AddItem(XElement hardware, int type, string name, params (string Name, string Value)[] fields)
    {
        var ids = new HashSet<string>(ItemsOf(hardware).Select(item => Value(item, "InstanceID")).OfType<string>());
        var id = Enumerable.Range(ids.Count + 1, int.MaxValue >> 1).Select(number => number.ToString(CultureInfo.InvariantCulture)).First(free => !ids.Contains(free));
        var added = new XElement(Own + "Item");
        foreach (var (field, value) in fields.Concat([("ElementName", name), ("InstanceID", id), ("ResourceType", type.ToString(CultureInfo.InvariantCulture))]))
            Set(added, field, value);
        if (ItemsOf(hardware).LastOrDefault() is { } last)
            last.AddAfterSelf(added);
        else if (hardware.Element(Own + "System") is { } system)
            system.AddAfterSelf(added);
        else
            hardware.Add(added);
        return id;
    }
}
