using System.Globalization;
using System.Xml.Linq;
using VmDeploy.Simulator.Esxi.Core;
using VmDeploy.Simulator.Esxi.Data;
using VmDeploy.Simulator.Esxi.Inventory;
using VmDeploy.Simulator.Esxi.Soap;
using VmDeploy.Simulator.Esxi.Vms;

namespace VmDeploy.Simulator.Esxi.Import;

/// <summary>Creates the OvfCreateImportSpecResult for a descriptor.</summary>
internal sealed class ImportSpecBuilder(EsxiHost host, OvfDescriptor ovf, Datastore datastore, DataObject parameters)
{
    private static readonly string[] s_provisionings = ["thin", "thick", "eagerZeroedThick", "flat", "sparse"];

    public DataObject Build()
    {
        var networks = MapNetworks();
        var provisioning = parameters.Text("diskProvisioning") is { Length: > 0 } given ? given : null;
        if (provisioning is not null && !s_provisionings.Contains(provisioning))
        {
            ovf.Errors.Add(VimFault.Of("OvfUnsupportedDiskProvisioning", $"Unsupported disk provisioning '{provisioning}'.",
                ("diskProvisioning", provisioning), ("supportedDiskProvisioning", string.Join(", ", s_provisionings))));
        }

        var hardware = new OvfHardware(ovf, (name, item) => networks(name, item)?.Backing, provisioning, knowsIdeModels: !host.IsVCenter);
        hardware.Read(ovf.Items(Configuration()));
        var name = parameters.Text("entityName") is { Length: > 0 } wanted ? wanted : ovf.Name;
        var spec = BuildSpec(hardware, name);
        var items = hardware.Files
            .Select(file => FileItem(file.File, $"/{name}/{LeaseFile.DeviceName(hardware.Devices, file.Device)}", file.Device.Is("VirtualDisk")))
            .Concat(NvramItem(spec, name))
            .OrderBy(item => item.Bool("create"))
            .ToList();

        var result = new DataObject("OvfCreateImportSpecResult")
        {
            ["warning"] = ovf.Warnings.Select(f => f.ToLocalized()),
            ["error"] = ovf.Errors.Select(f => f.ToLocalized()),
        };
        if (ovf.Errors.Count > 0)
            return result;
        result["importSpec"] = new DataObject("VirtualMachineImportSpec") { ["configSpec"] = spec };
        result["fileItem"] = items;
        return result;
    }

    private string Configuration()
    {
        var wanted = parameters.Text("deploymentOption")!;
        if (wanted.Length == 0)
            return ovf.DefaultConfiguration;
        if (ovf.Configurations.All(c => (string?)c.Attribute(OvfDescriptor.Ovf + "id") != wanted))
            throw VimFault.InvalidArgument("cisp.deploymentOption", $"The descriptor has no deployment option '{wanted}'.");
        return wanted;
    }

    // A network that is not mapped is the one with the same name.
    private Func<string, XElement, Network?> MapNetworks()
    {
        var declared = ovf.Networks.Select(n => (string?)n.Attribute(OvfDescriptor.Ovf + "name")).ToHashSet();
        var center = datastore.Nearest<Datacenter>()!;
        var map = center.NetworkFolderObject.Children.OfType<Network>().ToDictionary(n => n.Name, StringComparer.Ordinal);
        foreach (var mapping in parameters.Objects("networkMapping"))
        {
            var network = host.Get<Network>(mapping.Ref("network")!);
            if (!declared.Contains(mapping.Text("name")))
                ovf.Errors.Add(VimFault.InvalidArgument("cisp.networkMapping", $"The descriptor has no network '{mapping.Text("name")}'."));
            map[mapping.Text("name")!] = network;
        }
        return (name, item) =>
        {
            if (!declared.Contains(name))
                ovf.Errors.Add(OvfDescriptor.Reference(item, "Connection", name));
            else if (map.TryGetValue(name, out var network))
                return network;
            else
                ovf.Errors.Add(VimFault.Of("OvfMissingHardware", $"The network '{name}' is not mapped.", ("name", name), ("resourceType", 10)));
            return null;
        };
    }

    private DataObject BuildSpec(OvfHardware hardware, string name)
    {
        var spec = hardware.Spec;
        spec["name"] = name;
        spec["version"] = PickHardwareVersion();
        spec["guestId"] = PickGuest();
        spec["annotation"] = ovf.Annotation.Length > 0 ? ovf.Annotation : null;
        spec["files"] = new DataObject("VirtualMachineFileInfo") { ["vmPathName"] = $"[{datastore.Name}]" };
        spec["deviceChange"] = hardware.Devices.Select(device => new DataObject("VirtualDeviceConfigSpec")
        {
            ["operation"] = "add",
            ["fileOperation"] = device.Is("VirtualDisk") ? "create" : null,
            ["device"] = device,
        });
        ReadVendorSettings(spec);
        var properties = new OvfProperties(ovf, parameters).Read();
        if (properties is not null)
            spec["vAppConfig"] = properties;
        return spec;
    }

    private string? PickHardwareVersion()
    {
        var family = ovf.Hardware?.Element(OvfDescriptor.Ovf + "System")?.Element(OvfDescriptor.Vssd + "VirtualSystemType")?.Value;
        if (string.IsNullOrWhiteSpace(family))
            return null;
        var offered = family.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries);
        if (offered.LastOrDefault(v => HardwareVersion.IsSupported(host, v)) is { } supported)
            return supported;
        ovf.Errors.Add(VimFault.Of("OvfNoSupportedHardwareFamily",
            $"Line {OvfDescriptor.Line(ovf.Hardware!)}: Unsupported hardware family '{family}'.",
            ("version", family)));
        return null;
    }

    private string PickGuest()
    {
        if (ovf.System.Element(OvfDescriptor.Ovf + "OperatingSystemSection") is not { } section)
            return "otherGuest";
        if ((string?)section.Attribute(OvfDescriptor.Vmw + "osType") is { } id && Guests.FullName(id) is not null)
            return id;
        _ = int.TryParse((string?)section.Attribute(OvfDescriptor.Ovf + "id"), CultureInfo.InvariantCulture, out var number);
        if (Guests.OfCimId(number) is { } guest)
            return guest;
        ovf.Warnings.Add(VimFault.Of("OvfMappedOsId", $"The operating system {number} is mapped to 'Other (32-bit)'.",
            ("ovfId", number), ("ovfDescription", section.Element(OvfDescriptor.Ovf + "Description")?.Value ?? ""), ("targetDescription", "Other (32-bit)")));
        return "otherGuest";
    }

    private void ReadVendorSettings(DataObject spec)
    {
        var extra = new List<DataObject>();
        foreach (var setting in ovf.Hardware?.Elements() ?? [])
        {
            var key = (string?)setting.Attribute(OvfDescriptor.Vmw + "key") ?? "";
            var value = (string?)setting.Attribute(OvfDescriptor.Vmw + "value") ?? "";
            if (setting.Name == OvfDescriptor.Vmw + "Config")
                ReadConfig(spec, key, value);
            else if (setting.Name == OvfDescriptor.Vmw + "ExtraConfig" && IsKnown(key))
                extra.Add(new("OptionValue") { ["key"] = key, ["value"] = value });
            else if (setting.Name == OvfDescriptor.Vmw + "ExtraConfig")
                Unknown(setting, key);
        }
        spec["extraConfig"] = extra;
    }

    private static bool IsKnown(string key) => key is "nvram" or "virtualHW.productCompatibility" || key.StartsWith("pciBridge", StringComparison.Ordinal);

    private void Unknown(XElement setting, string key)
    {
        var isRequired = (string?)setting.Attribute(OvfDescriptor.Ovf + "required") is not ("false" or "0");
        (isRequired ? ovf.Errors : ovf.Warnings).Add(VimFault.Of("OvfUnsupportedAttributeValue",
            $"Line {OvfDescriptor.Line(setting)}: Unsupported value '{key}' for attribute 'key' on element 'ExtraConfig'.",
            ("lineNumber", OvfDescriptor.Line(setting)), ("elementName", "ExtraConfig"), ("attributeName", "key"), ("value", key)));
    }

    private static void ReadConfig(DataObject spec, string key, string value)
    {
        var parts = key.Split('.');
        var target = spec;
        foreach (var part in parts[..^1])
        {
            if (target.Type.IndexOf(part) < 0 || Schema.VimSchema.FindType(target.Type.Fields[target.Type.IndexOf(part)].Type) is not { } type)
                return;
            if (target.Object(part) is null)
                target[part] = new DataObject(type);
            target = target.Object(part)!;
        }
        var index = target.Type.IndexOf(parts[^1]);
        if (index >= 0 && Schema.Primitive.IsPrimitive(target.Type.Fields[index].Type))
            target[index] = Schema.Primitive.Read(target.Type.Fields[index].Type, value);
    }

    // The descriptor names a file of the archive; the VM gets its own file.
    private IEnumerable<DataObject> NvramItem(DataObject spec, string name)
    {
        var option = spec.Objects("extraConfig").FirstOrDefault(o => o.Text("key") == "nvram");
        if (option is null)
            yield break;
        var id = ((string)option["value"]!).Split('/')[^1];
        if (ovf.File(id) is { } file)
            yield return FileItem(file, $"/{name}/nvram", isDisk: false);
        else
            ovf.Errors.Add(OvfDescriptor.Reference(ovf.Hardware!, "nvram", id));
        option["value"] = $"{name}.nvram";
    }

    private static DataObject FileItem(XElement file, string deviceId, bool isDisk) => new("OvfFileItem")
    {
        ["deviceId"] = deviceId,
        ["path"] = (string?)file.Attribute(OvfDescriptor.Ovf + "href"),
        ["compressionMethod"] = (string?)file.Attribute(OvfDescriptor.Ovf + "compression"),
        ["chunkSize"] = (long?)file.Attribute(OvfDescriptor.Ovf + "chunkSize"),
        ["size"] = (long?)file.Attribute(OvfDescriptor.Ovf + "size"),
        ["cimType"] = isDisk ? 17 : deviceId.EndsWith("/nvram", StringComparison.Ordinal) ? 0 : 15,
        ["create"] = !isDisk,
    };
}
