using System.Text.RegularExpressions;

namespace VmDeploy.Ova;

/// <summary>Reads a VirtualHardwareSection: CIM resource allocation items, one or several per deployment option.</summary>
internal sealed class OvfHardwareReader(OvfElements ovf, XElement section, XElement system, string name)
{
    // ovf:/disk/vmdisk1, and in version 0.9 disk/vmdisk1.
    private static readonly Regex s_hostResource = new(@"^(?:ovf:)?/*(?<kind>disk|file)/(?<id>.+)$", RegexOptions.CultureInvariant);

    public static IEnumerable<string> SplitList(string? list) => (list ?? "").Split([' ', '\t', '\n', '\r', ','], StringSplitOptions.RemoveEmptyEntries);

    public OvfHardware Read(string? option, IReadOnlyList<OvfDisk> disks)
    {
        var items = SelectItems(option);
        var cpu = items.FirstOrDefault(item => Type(item) == 3);
        var memory = items.FirstOrDefault(item => Type(item) == 4);
        var controllers = items.Select(ReadController).OfType<OvfController>().ToList();
        var parents = controllers.GroupBy(controller => controller.InstanceId).ToDictionary(group => group.Key, group => group.First());
        Dictionary<string, string> config = ReadSettings("Config", option), extraConfig = ReadSettings("ExtraConfig", option);
        return new OvfHardware
        {
            SystemTypes = SplitList(ovf.Child(section, "System") is { } system ? Value(system, "VirtualSystemType") : null).ToList(),
            CpuCount = cpu is null ? 1 : Whole(cpu, "VirtualQuantity") ?? 1,
            CoresPerSocket = cpu is null ? null : Whole(cpu, "CoresPerSocket"),
            MemoryBytes = memory is null ? 0 : ReadMemory(memory),
            Controllers = controllers,
            Disks = ReadDisks(items, controllers, parents, disks),
            Drives = items.Where(item => Type(item) is 15 or 16).Select(item =>
                new OvfDrive(HostResource(item, "file"), Parent(item, parents), Whole(item, "AddressOnParent") ?? 0)).ToList(),
            Nics = items.Where(item => Type(item) == 10).Select(item =>
                new OvfNic(Value(item, "Connection"), Value(item, "ResourceSubType"), Value(item, "ElementName") ?? Value(item, "Caption"), Value(item, "Address"))).ToList(),
            IsEfi = Is(config, "firmware", "efi") || Is(extraConfig, "firmware", "efi") || IsVirtualBoxEfi(),
            IsSecureBoot = Is(config, "bootOptions.efiSecureBootEnabled", "true") || Is(extraConfig, "uefi.secureBoot.enabled", "true"),
            Config = config,
            ExtraConfig = extraConfig,
        };
    }

    /// <summary>The items of an option: one that names the option replaces a general one with the same id.</summary>
    private List<XElement> SelectItems(string? option)
    {
        var selected = new List<XElement>();
        var byId = new Dictionary<string, int>();
        foreach (var item in section.Elements().Where(item => item.Name.LocalName is "Item" or "StorageItem" or "EthernetPortItem"))
        {
            // Bounds limit what an administrator can choose; they are not devices.
            if (!Applies(item, option) || ovf.Attribute(item, "bound") is "min" or "max")
                continue;
            var id = Value(item, "InstanceID") ?? "";
            if (!byId.TryGetValue(id, out var general) || id.Length == 0)
            {
                byId[id] = selected.Count;
                selected.Add(item);
            }
            else if (ovf.Attribute(item, "configuration") is not null)
            {
                selected[general] = item;
            }
        }
        return selected;
    }

    private bool Applies(XElement element, string? option) =>
        ovf.Attribute(element, "configuration") is not { } options || (option is not null && SplitList(options).Contains(option));

    private List<OvfHardwareDisk> ReadDisks(
        List<XElement> items, List<OvfController> controllers, Dictionary<string, OvfController> parents, IReadOnlyList<OvfDisk> disks)
    {
        var disksById = disks.ToDictionary(disk => disk.DiskId);
        var found = new List<OvfHardwareDisk>();
        foreach (var item in items.Where(item => Type(item) == 17))
        {
            if (HostResource(item, "disk") is not { } id)
                continue;
            if (!disksById.TryGetValue(id, out var disk))
                throw Malformed($"the hardware has the disk '{id}', which the DiskSection does not list");
            found.Add(new OvfHardwareDisk(disk, Parent(item, parents), Whole(item, "AddressOnParent") ?? 0, Value(item, "ElementName") ?? Value(item, "Caption")));
        }
        // Writers list controllers in any order (IDE 1 before IDE 0), so within a bus their address counts.
        var order = new Dictionary<OvfController, int>();
        foreach (var controller in controllers.GroupBy(controller => controller.Bus).SelectMany(bus => bus.OrderBy(controller => controller.Address ?? 0)))
            order[controller] = order.Count;
        return found.OrderBy(disk => disk.Controller is null ? int.MaxValue : order[disk.Controller]).ThenBy(disk => disk.Unit).ToList();
    }

    private OvfController? ReadController(XElement item)
    {
        var subType = Value(item, "ResourceSubType");
        OvfBus? bus = Type(item) switch
        {
            5 => OvfBus.Ide,
            6 or 7 or 8 => OvfBus.Scsi,
            20 => subType?.IndexOf("nvme", StringComparison.OrdinalIgnoreCase) >= 0 ? OvfBus.Nvme : OvfBus.Sata,
            _ => null,
        };
        return bus is null ? null : new OvfController(Value(item, "InstanceID") ?? "", bus.Value, subType, Whole(item, "Address"));
    }

    private long ReadMemory(XElement item)
    {
        var quantity = Value(item, "VirtualQuantity") ?? "";
        var units = Value(item, "AllocationUnits") ?? "byte * 2^20";
        return OvfUnits.ToBytes(quantity, units) ?? throw Malformed($"the memory is '{quantity}' in units of '{units}'");
    }

    private Dictionary<string, string> ReadSettings(string element, string? option)
    {
        var settings = new Dictionary<string, string>();
        foreach (var setting in OvfElements.VmwareChildren(section, element).Where(setting => Applies(setting, option)))
        {
            if (OvfElements.VmwareAttribute(setting, "key") is { } key)
                settings[key] = OvfElements.VmwareAttribute(setting, "value") ?? "";
        }
        return settings;
    }

    private bool IsVirtualBoxEfi() => system.Descendants(XName.Get("Firmware", "http://www.virtualbox.org/ovf/machine"))
        .Any(firmware => ((string?)firmware.Attribute("type"))?.StartsWith("EFI", StringComparison.OrdinalIgnoreCase) == true);

    private static OvfController? Parent(XElement item, Dictionary<string, OvfController> controllers) =>
        Value(item, "Parent") is { } id && controllers.TryGetValue(id, out var controller) ? controller : null;

    private static string? HostResource(XElement item, string kind) =>
        Value(item, "HostResource") is { } resource && ReferenceOf(resource) is { } reference && reference.Kind == kind ? reference.Id : null;

    /// <summary>The disk or file that a text refers to; null if it is not a reference.</summary>
    public static (string Kind, string Id)? ReferenceOf(string text) =>
        s_hostResource.Match(text) is { Success: true } match ? (match.Groups["kind"].Value, match.Groups["id"].Value) : null;

    private static bool Is(Dictionary<string, string> settings, string key, string value) =>
        settings.TryGetValue(key, out var found) && string.Equals(found, value, StringComparison.OrdinalIgnoreCase);

    private static int Type(XElement item) => Whole(item, "ResourceType") ?? 0;

    private static int? Whole(XElement item, string name) =>
        int.TryParse(Value(item, name), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;

    // Items take their elements from three CIM namespaces, and 0.9 writes InstanceId.
    private static string? Value(XElement item, string name) =>
        item.Elements().FirstOrDefault(element => string.Equals(element.Name.LocalName, name, StringComparison.OrdinalIgnoreCase))?.Value.Trim() is { Length: > 0 } value ? value : null;

    private VmDeployException Malformed(string what) => new(ErrorCodes.OvfMalformed, $"'{name}' is not a valid OVF: {what}.", name);
}
