using System.Text.RegularExpressions;

namespace VmDeploy.Ova;

internal sealed class OvfReader
{
    private static readonly Regex s_propertyReference = new(@"^\$\{(.+)\}$", RegexOptions.CultureInvariant);

    // No host accepts a VM with this many; the bound limits the work for a hostile descriptor.
    private const int MaxFiles = 1000;

    private readonly string _name;
    private readonly XElement _envelope;
    private readonly OvfElements _ovf;

    public OvfReader(string xml, string name)
        : this(new OvfXml(name).Load(xml), name)
    {
    }

    public OvfReader(XElement envelope, string name)
    {
        _name = name;
        _envelope = envelope;
        if (!OvfElements.IsEnvelope(_envelope))
            throw Malformed($"its root is '{_envelope.Name.LocalName}' of the namespace '{_envelope.Name.NamespaceName}', not an OVF envelope");
        _ovf = new OvfElements(_envelope);
    }

    public OvfDescriptor Read()
    {
        var collection = _ovf.Child(_envelope, "VirtualSystemCollection");
        var system = collection ?? _ovf.Child(_envelope, "VirtualSystem")
            ?? throw Malformed(IsVersion09 ? "OVF 0.9 is not supported" : "it has no VirtualSystem");
        var references = ReadReferences();
        var products = _ovf.Descendants(system, "ProductSection").ToList();
        var properties = products.SelectMany(section => OvfPropertyReader.Read(_ovf, section)).ToList();
        var product = products.FirstOrDefault(section => _ovf.Text(section, "Product") is not null);
        var os = _ovf.Child(system, "OperatingSystemSection");
        var hardware = collection is null ? _ovf.Child(system, "VirtualHardwareSection") : null;

        return new OvfDescriptor(_name, hardware is null ? null : new OvfHardwareReader(_ovf, hardware, system, _name))
        {
            References = references,
            Disks = ReadDisks(references, properties),
            Networks = ReadNetworks(),
            Properties = properties,
            DeploymentOptions = ReadOptions(),
            Eulas = _ovf.Descendants(system, "EulaSection").Select(section => _ovf.Text(section, "License")).OfType<string>().ToList(),
            Group = collection is null ? null : new OvfGroupReader(_ovf, _envelope, _name).Read(collection),
            SystemId = _ovf.Attribute(system, "id"),
            Name = _ovf.Text(system, "Name"),
            Annotation = _ovf.Child(system, "AnnotationSection") is { } annotation ? _ovf.Text(annotation, "Annotation") : null,
            Product = product is null ? null : _ovf.Text(product, "Product"),
            Vendor = product is null ? null : _ovf.Text(product, "Vendor"),
            Version = product is null ? null : _ovf.Text(product, "Version") ?? _ovf.Text(product, "FullVersion"),
            OsId = os is not null && int.TryParse(_ovf.Attribute(os, "id"), NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : null,
            OsType = os is null ? null : OvfElements.VmwareAttribute(os, "osType"),
            OsDescription = os is null ? null : _ovf.Text(os, "Description"),
        };
    }

    private bool IsVersion09 => _envelope.Name.NamespaceName.StartsWith("http://www.vmware.com/", StringComparison.Ordinal)
        || _ovf.Attribute(_envelope, "version")?.StartsWith("0.", StringComparison.Ordinal) == true;

    private List<OvfFileReference> ReadReferences()
    {
        var references = new List<OvfFileReference>();
        var ids = new HashSet<string>();
        foreach (var file in _ovf.Children(_envelope, "References").SelectMany(section => _ovf.Children(section, "File")))
        {
            string id = Required(file, "id"), href = Required(file, "href");
            if (!ids.Add(id))
                throw Malformed($"two files have the id '{id}'");
            if (ids.Count > MaxFiles)
                throw Malformed($"it references more than {MaxFiles} files");
            var compression = _ovf.Attribute(file, "compression")?.Trim().ToLowerInvariant();
            references.Add(new OvfFileReference(id, href, Number(file, "size"), Number(file, "chunkSize"),
                compression is "" or "identity" ? null : compression));
        }
        return references;
    }

    private List<OvfDisk> ReadDisks(List<OvfFileReference> references, List<OvfProperty> properties)
    {
        var disks = new List<OvfDisk>();
        var ids = new HashSet<string>();
        var files = new HashSet<string>(references.Select(reference => reference.Id));
        var defaults = DefaultsByKey(properties);
        var shared = _ovf.Children(_envelope, "SharedDiskSection").SelectMany(section => _ovf.Children(section, "SharedDisk")).ToList();
        foreach (var disk in _ovf.Children(_envelope, "DiskSection").SelectMany(section => _ovf.Children(section, "Disk")).Concat(shared))
        {
            var id = Required(disk, "diskId");
            var file = FileOf(_ovf, disk);
            if (file is not null && !files.Contains(file))
                throw Malformed($"the disk '{id}' is in the file '{file}', which References does not list");
            if (!ids.Add(id))
                throw Malformed($"two disks have the id '{id}'");
            disks.Add(new OvfDisk(id, file, ReadCapacity(disk, id, defaults))
            {
                PopulatedBytes = Number(disk, "populatedSize"),
                Format = _ovf.Attribute(disk, "format"),
                ParentRef = _ovf.Attribute(disk, "parentRef"),
                IsShared = _ovf.Is(disk, "SharedDisk"),
            });
        }
        return disks;
    }

    /// <summary>The id of a disk's file; null for an empty disk.</summary>
    public static string? FileOf(OvfElements ovf, XElement disk)
    {
        var file = ovf.Attribute(disk, "fileRef");
        // Version 0.9 writes addresses.
        return file?.Substring(file.LastIndexOf('/') + 1) is { Length: > 0 } id ? id : null;
    }

    // If several properties have the key, full or bare, the first one counts.
    private static Dictionary<string, string?> DefaultsByKey(List<OvfProperty> properties)
    {
        var defaults = new Dictionary<string, string?>();
        foreach (var property in properties)
        {
            foreach (var key in new[] { property.FullKey, property.Key })
            {
                if (!defaults.ContainsKey(key))
                    defaults[key] = property.DefaultValue;
            }
        }
        return defaults;
    }

    private long? ReadCapacity(XElement disk, string id, Dictionary<string, string?> defaults)
    {
        if (_ovf.Attribute(disk, "capacity") is not { } capacity)
            return null;
        // The capacity can come from a property (DSP0243 section 9.1).
        if (s_propertyReference.Match(capacity) is { Success: true } reference)
        {
            if (!defaults.TryGetValue(reference.Groups[1].Value, out var value) || string.IsNullOrEmpty(value))
                return null;
            capacity = value!;
        }
        var units = _ovf.Attribute(disk, "capacityAllocationUnits");
        return OvfUnits.ToBytes(capacity, units)
            ?? throw Malformed($"the disk '{id}' has a capacity of '{capacity}' in units of '{units ?? "byte"}'");
    }

    private List<OvfNetwork> ReadNetworks() => _ovf.Children(_envelope, "NetworkSection").SelectMany(section => _ovf.Children(section, "Network"))
        .Select(network => new OvfNetwork(Required(network, "name"), _ovf.Text(network, "Description"))).ToList();

    private List<OvfDeploymentOption> ReadOptions() =>
        _ovf.Children(_envelope, "DeploymentOptionSection").SelectMany(section => _ovf.Children(section, "Configuration"))
        .Select(option => new OvfDeploymentOption(
            Required(option, "id"), _ovf.Text(option, "Label"), _ovf.Text(option, "Description"), _ovf.Flag(option, "default"))).ToList();

    private string Required(XElement element, string attribute) => _ovf.Attribute(element, attribute) is { Length: > 0 } value
        ? value
        : throw Malformed($"a {element.Name.LocalName} element has no {attribute}");

    private long? Number(XElement element, string attribute) =>
        long.TryParse(_ovf.Attribute(element, attribute), NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value > 0 ? value : null;

    private VmDeployException Malformed(string what) => new(ErrorCodes.OvfMalformed, $"'{_name}' is not a valid OVF: {what}.", _name);
}
