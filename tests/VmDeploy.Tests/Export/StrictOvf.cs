using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;

namespace VmDeploy.Tests.Export;

/// <summary>A file of a package.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Length">Its length in bytes.</param>
/// <param name="Text">What is in it, of a descriptor.</param>
internal sealed record PackagedFile(string Name, long Length, string? Text);

/// <summary>
/// The rules of OVF 1.1 (DMTF DSP0243 and its schemas DSP8023 and DSP8027) for the package of one VM, as far as exports can break them:
/// names, order and number of elements, attributes, types of values, and ids. What the rules don't name is an error.
/// </summary>
internal sealed partial class StrictOvf
{
    private const int ProcessorType = 3;
    private const int MemoryType = 4;
    private const int AdapterType = 10;
    private const int DriveType = 15;
    private const int DiskType = 17;

    private static readonly XNamespace s_ovf = "http://schemas.dmtf.org/ovf/envelope/1";
    private static readonly XNamespace s_rasd = "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData";
    private static readonly XNamespace s_vssd = "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_VirtualSystemSettingData";
    private static readonly int[] s_controllerTypes = [5, 6, 20];

    // The properties of the two CIM classes in the order of their schemas; + needs one, * allows several.
    private static readonly string[] s_item =
    [
        "Address", "AddressOnParent", "AllocationUnits", "AutomaticAllocation", "AutomaticDeallocation", "Caption", "Connection*", "ConsumerVisibility",
        "Description", "ElementName+", "HostResource*", "InstanceID+", "Limit", "MappingBehavior", "OtherResourceType", "Parent", "PoolID", "Reservation",
        "ResourceSubType", "ResourceType+", "VirtualQuantity", "VirtualQuantityUnits", "Weight",
    ];

    private static readonly string[] s_system =
    [
        "AutomaticRecoveryAction", "AutomaticShutdownAction", "AutomaticStartupAction", "AutomaticStartupActionDelay", "AutomaticStartupActionSequenceNumber",
        "Caption", "ConfigurationDataRoot", "ConfigurationFile", "ConfigurationID", "CreationTime", "Description", "ElementName+", "InstanceID+", "LogDataRoot",
        "Notes", "RecoveryFile", "SnapshotDataRoot", "SuspendDataRoot", "SwapFileDataRoot", "VirtualSystemIdentifier", "VirtualSystemType",
    ];

    private static readonly string[] s_numbers = ["Limit", "Reservation", "ResourceType", "VirtualQuantity", "Weight"];
    private static readonly string[] s_flags = ["AutomaticAllocation", "AutomaticDeallocation"];

    private readonly HashSet<string> _files = [];
    private readonly HashSet<string> _disks = [];
    private readonly HashSet<string> _networks = [];
    private readonly HashSet<string> _used = [];

    /// <summary>Fails for a package that breaks a rule.</summary>
    /// <param name="package">Its files, the descriptor first.</param>
    /// <exception cref="XmlException">What is wrong, and where.</exception>
    public static void Check(IReadOnlyList<PackagedFile> package)
    {
        var descriptor = package[0].Text ?? throw new XmlException($"'{package[0].Name}' is before the descriptor.");
        var envelope = XDocument.Parse(descriptor, LoadOptions.SetLineInfo).Root!;
        new StrictOvf().CheckEnvelope(envelope, package.Skip(1).ToDictionary(file => file.Name, file => file.Length));
    }

    private void CheckEnvelope(XElement envelope, IReadOnlyDictionary<string, long> package)
    {
        Must(envelope.Name == s_ovf + "Envelope", envelope, "is not an envelope of OVF 1");
        Attributes(envelope, required: [], optional: []);
        Sequence(envelope, "References+", "DiskSection", "NetworkSection", "VirtualSystem+");
        CheckReferences(Child(envelope, "References"), package);
        if (envelope.Element(s_ovf + "DiskSection") is { } disks)
            CheckDisks(disks);
        if (envelope.Element(s_ovf + "NetworkSection") is { } networks)
            CheckNetworks(networks);
        CheckSystem(Child(envelope, "VirtualSystem"));
        foreach (var id in _files.Select(id => "ovf:/file/" + id).Concat(_disks.Select(id => "ovf:/disk/" + id)).Concat(_networks.Select(name => "network " + name)))
            Must(_used.Contains(id), envelope, $"declares {id}, which nothing uses");
    }

    private void CheckReferences(XElement references, IReadOnlyDictionary<string, long> package)
    {
        Attributes(references, [], []);
        Sequence(references, "File*");
        var names = new HashSet<string>();
        foreach (var file in references.Elements())
        {
            Attributes(file, ["href", "id"], ["size", "compression", "chunkSize"]);
            Empty(file);
            Declare(_files, file, "id");
            var name = Value(file, "href")!;
            Must(names.Add(name), file, "is the second of its name");
            Must(package.TryGetValue(name, out var length), file, "is not in the package");
            Must(Value(file, "size") is null || Number(file, Value(file, "size")!) == length, file, $"has {length} bytes");
        }
    }

    private void CheckDisks(XElement section)
    {
        CheckSection(section, [], "Disk*");
        foreach (var disk in section.Elements(s_ovf + "Disk"))
        {
            Attributes(disk, ["diskId", "capacity", "format"], ["capacityAllocationUnits", "fileRef", "parentRef", "populatedSize"]);
            Empty(disk);
            Must(Number(disk, Value(disk, "capacity")!) > 0, disk, "has no capacity");
            Must(Value(disk, "capacityAllocationUnits") is not { } units || Units().IsMatch(units), disk, "has a unit that is none");
            Must(Value(disk, "populatedSize") is not { } size || Number(disk, size) >= 0, disk, "has a size that is none");
            Must(Uri.IsWellFormedUriString(Value(disk, "format"), UriKind.Absolute), disk, "has a format that is no URI");
            if (Value(disk, "parentRef") is { } parent)
                Must(_disks.Contains(parent), disk, "refers to a parent that is not declared before it");
            if (Value(disk, "fileRef") is { } file)
            {
                Must(_files.Contains(file), disk, "refers to a file that is not declared");
                _used.Add("ovf:/file/" + file);
            }
            Declare(_disks, disk, "diskId");
        }
    }

    private void CheckNetworks(XElement section)
    {
        CheckSection(section, [], "Network*");
        foreach (var network in section.Elements(s_ovf + "Network"))
        {
            Attributes(network, ["name"], []);
            Sequence(network, "Description");
            Declare(_networks, network, "name");
        }
    }

    private void CheckSystem(XElement system)
    {
        Attributes(system, ["id"], []);
        var children = system.Elements().ToList();
        Must(children.Count > 0 && children[0].Name == s_ovf + "Info", system, "does not begin with its Info");
        Text(children[0]);
        var hasName = children.Count > 1 && children[1].Name == s_ovf + "Name";
        if (hasName)
            Text(children[1]);
        var seen = new HashSet<XName>();
        foreach (var section in children.Skip(hasName ? 2 : 1))
        {
            Must(seen.Add(section.Name), section, "is the second of its kind");
            switch (section.Name.LocalName)
            {
                case "OperatingSystemSection":
                    CheckSection(section, ["id"], "Description");
                    Must(Number(section, Value(section, "id")!) <= ushort.MaxValue, section, "has an id that CIM does not know");
                    break;
                case "VirtualHardwareSection":
                    CheckHardware(section);
                    break;
                case "AnnotationSection":
                    CheckSection(section, [], "Annotation+");
                    Text(Child(section, "Annotation"));
                    break;
                default:
                    Must(section.Name.Namespace != s_ovf, section, "is not a section that an export has");
                    CheckRequired(section);
                    break;
            }
        }
        Must(seen.Contains(s_ovf + "VirtualHardwareSection"), system, "has no hardware");
    }

    private void CheckHardware(XElement section)
    {
        CheckSection(section, [], "System", "Item*");
        if (section.Element(s_ovf + "System") is { } system)
            CheckProperties(system, s_vssd, s_system);
        var types = new Dictionary<string, int>();
        var items = section.Elements(s_ovf + "Item").ToList();
        foreach (var item in items)
        {
            Attributes(item, [], ["required", "configuration", "bound"]);
            CheckProperties(item, s_rasd, s_item);
            Must(types.TryAdd(Property(item, "InstanceID")!, int.Parse(Property(item, "ResourceType")!, CultureInfo.InvariantCulture)), item, "has an InstanceID that another has");
        }
        foreach (var type in new[] { ProcessorType, MemoryType })
            Must(types.Values.Count(one => one == type) == 1, section, $"has not exactly one item of type {type}");
        var places = new HashSet<(string, string)>();
        foreach (var item in items)
            CheckItem(item, types, places);
        foreach (var setting in section.Elements().Where(element => element.Name.Namespace != s_ovf))
        {
            CheckRequired(setting);
            Use(setting, setting.Attributes().Where(attribute => attribute.Name.LocalName == "value").Select(attribute => attribute.Value).Where(value => value.StartsWith("ovf:/", StringComparison.Ordinal)));
        }
    }

    private void CheckItem(XElement item, Dictionary<string, int> types, HashSet<(string, string)> places)
    {
        var type = types[Property(item, "InstanceID")!];
        if (Property(item, "Parent") is { } parent)
        {
            Must(types.TryGetValue(parent, out var controller) && s_controllerTypes.Contains(controller), item, "has a parent that is no controller");
            Must(Property(item, "AddressOnParent") is { } place && places.Add((parent, place)), item, "has no place of its own at its parent");
        }
        else
        {
            Must(type is not DiskType and not DriveType, item, "has no parent");
        }
        if (type is ProcessorType or MemoryType)
            Must(Number(item, Property(item, "VirtualQuantity") ?? "") > 0, item, "has no quantity");
        if (Property(item, "AllocationUnits") is { } units)
            Must(Units().IsMatch(units), item, "has a unit that is none");
        var resources = item.Elements(s_rasd + "HostResource").Select(element => element.Value).ToList();
        Must(type != DiskType || (resources.Count == 1 && resources[0].StartsWith("ovf:/disk/", StringComparison.Ordinal)), item, "has not exactly one disk");
        Use(item, resources);
        foreach (var connection in item.Elements(s_rasd + "Connection"))
        {
            Must(type == AdapterType && _networks.Contains(connection.Value), connection, "is not a network of the package");
            _used.Add("network " + connection.Value);
        }
    }

    private void Use(XElement user, IEnumerable<string> references)
    {
        foreach (var reference in references)
        {
            Must((reference.StartsWith("ovf:/disk/", StringComparison.Ordinal) && _disks.Contains(reference[10..]))
                || (reference.StartsWith("ovf:/file/", StringComparison.Ordinal) && _files.Contains(reference[10..])), user, $"refers to '{reference}', which is not declared");
            _used.Add(reference);
        }
    }

    // Elements of other namespaces may follow.
    private static void CheckProperties(XElement parent, XNamespace ns, string[] properties)
    {
        Sequence(parent, ns, properties);
        foreach (var property in parent.Elements().Where(element => element.Name.Namespace == ns))
        {
            Text(property);
            var name = property.Name.LocalName;
            Must(property.Value.Length > 0, property, "is empty");
            Must(!s_numbers.Contains(name) || Number(property, property.Value) >= 0, property, "is no number");
            Must(!s_flags.Contains(name) || IsFlag(property.Value), property, "is neither true nor false");
        }
        foreach (var extension in parent.Elements().Where(element => element.Name.Namespace != ns))
            CheckRequired(extension);
    }

    private static void CheckSection(XElement section, string[] required, params string[] content)
    {
        Attributes(section, required, ["required"]);
        Sequence(section, ["Info+", .. content]);
        Text(Child(section, "Info"));
    }

    // An extension that a reader may leave out says so.
    private static void CheckRequired(XElement extension)
    {
        Must(extension.Name.Namespace != s_ovf && extension.Name.Namespace != s_rasd && extension.Name.Namespace != s_vssd && extension.Name.Namespace != XNamespace.None, extension, "is not allowed here");
        Must(Value(extension, "required") is not { } required || IsFlag(required), extension, "has an ovf:required that is neither true nor false");
    }

    private static void Sequence(XElement parent, params string[] content) => Sequence(parent, s_ovf, content);

    // The children are in this order, and those of other namespaces follow.
    private static void Sequence(XElement parent, XNamespace ns, string[] content)
    {
        Must(parent.Nodes().OfType<XText>().All(text => string.IsNullOrWhiteSpace(text.Value)), parent, "has text between its elements");
        var children = parent.Elements().ToList();
        var at = 0;
        foreach (var rule in content)
        {
            var name = ns + rule.TrimEnd('+', '*');
            var first = at;
            while (at < children.Count && children[at].Name == name)
                at++;
            Must(at > first || !rule.EndsWith('+'), parent, $"has no {name.LocalName} where one must be");
            Must(at <= first + 1 || rule.EndsWith('*'), parent, $"has more than one {name.LocalName}");
        }
        foreach (var rest in children.Skip(at))
            Must(rest.Name.Namespace != ns, rest, $"is not allowed here in {parent.Name.LocalName}");
    }

    private static void Attributes(XElement element, string[] required, string[] optional)
    {
        foreach (var name in required)
            Must(!string.IsNullOrEmpty(Value(element, name)), element, $"has no ovf:{name}");
        foreach (var attribute in element.Attributes().Where(attribute => !attribute.IsNamespaceDeclaration))
        {
            Must(attribute.Name.Namespace != XNamespace.None, element, $"has the attribute {attribute.Name} without a namespace");
            Must(attribute.Name.Namespace != s_ovf || required.Contains(attribute.Name.LocalName) || optional.Contains(attribute.Name.LocalName), element, $"has the attribute {attribute.Name}");
        }
        Must(Value(element, "required") is not { } flag || IsFlag(flag), element, "has an ovf:required that is neither true nor false");
    }

    private static void Declare(HashSet<string> names, XElement element, string attribute) =>
        Must(names.Add(Value(element, attribute)!), element, $"has an ovf:{attribute} that another has");

    private static void Empty(XElement element) => Must(!element.Nodes().Any(), element, "is not empty");

    private static void Text(XElement element) => Must(!element.HasElements, element, "has elements");

    private static XElement Child(XElement parent, string name) => parent.Element(s_ovf + name)!;

    private static string? Property(XElement item, string name) => item.Element(s_rasd + name)?.Value;

    private static string? Value(XElement element, string attribute) => element.Attribute(s_ovf + attribute)?.Value;

    private static bool IsFlag(string text) => text is "true" or "false" or "1" or "0";

    private static long Number(XElement element, string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw Wrong(element, $"has '{text}' for a number");

    private static void Must(bool holds, XElement element, string otherwise)
    {
        if (!holds)
            throw Wrong(element, otherwise);
    }

    private static XmlException Wrong(XElement element, string what) => new($"{element.Name.LocalName} in line {((IXmlLineInfo)element).LineNumber} {what}: {element}");

    // A programmatic unit of CIM (DSP0004), as far as sizes and frequencies need it.
    [GeneratedRegex(@"^(byte|hertz)( \* (2|10)\^[0-9]+)?$")]
    private static partial Regex Units();
}
