using System.Globalization;
using System.Text;
using VmDeploy.Simulator.Esxi.Data;

namespace VmDeploy.Simulator.Esxi.Vms;

/// <summary>The configuration file of a VM, which a simulated host writes, and reads again on registration.</summary>
internal static class VmxFile
{
    private static readonly (string Prefix, string Type, int Key)[] s_buses =
    [
        ("scsi", "VirtualSCSIController", 1000), ("sata", "VirtualAHCIController", 15000),
        ("ide", "VirtualIDEController", 200), ("nvme", "VirtualNVMEController", 31000),
    ];

    private static readonly (string Word, string Type)[] s_types =
    [
        ("lsilogic", "VirtualLsiLogicController"), ("pvscsi", "ParaVirtualSCSIController"),
        ("lsisas1068", "VirtualLsiLogicSASController"), ("buslogic", "VirtualBusLogicController"),
        ("e1000", "VirtualE1000"), ("e1000e", "VirtualE1000e"), ("vmxnet3", "VirtualVmxnet3"), ("vlance", "VirtualPCNet32"),
    ];

    public static string Write(DataObject config)
    {
        var hardware = config.Object("hardware")!;
        var devices = hardware.Objects("device").ToList();
        var lines = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            [".encoding"] = "UTF-8",
            ["config.version"] = "8",
            ["virtualHW.version"] = config.Text("version")!["vmx-".Length..],
            ["displayName"] = config.Text("name")!,
            ["guestOS"] = config.Text("guestId")!,
            ["numvcpus"] = Text(hardware.Int("numCPU")),
            ["cpuid.coresPerSocket"] = Text(hardware.Int("numCoresPerSocket")),
            ["memSize"] = Text(hardware.Int("memoryMB")),
            ["firmware"] = config.Text("firmware")!,
            ["uuid.bios"] = config.Text("uuid")!,
            ["vc.uuid"] = config.Text("instanceUuid")!,
            ["annotation"] = config.Text("annotation") ?? "",
        };
        foreach (var device in devices)
        {
            foreach (var (key, value) in Lines(device, devices))
                lines[key] = value;
        }
        foreach (var option in config.Objects("extraConfig"))
            lines[option.Text("key")!] = (string)option["value"]!;

        var text = new StringBuilder();
        foreach (var (key, value) in lines)
            text.Append(CultureInfo.InvariantCulture, $"{key} = \"{Escape(value)}\"\n");
        return text.ToString();
    }

    /// <summary>A ConfigSpec for the VM of such a file.</summary>
    /// <param name="text">The file.</param>
    /// <param name="folder">Datastore path of its folder, for the disks that are named without one.</param>
    public static DataObject Read(string text, string folder)
    {
        var lines = text.Split('\n')
            .Select(line => line.Split('=', 2))
            .Where(parts => parts.Length == 2)
            .ToDictionary(parts => parts[0].Trim(), parts => Unescape(parts[1].Trim().Trim('"')), StringComparer.Ordinal);
        string? Get(string key) => lines.GetValueOrDefault(key);

        var spec = new DataObject("VirtualMachineConfigSpec")
        {
            ["name"] = Get("displayName"),
            ["version"] = Get("virtualHW.version") is { } version ? $"vmx-{version}" : null,
            ["guestId"] = Get("guestOS"),
            ["numCPUs"] = Number(Get("numvcpus")),
            ["numCoresPerSocket"] = Number(Get("cpuid.coresPerSocket")),
            ["memoryMB"] = (long?)Number(Get("memSize")),
            ["firmware"] = Get("firmware"),
            ["uuid"] = Get("uuid.bios"),
            ["instanceUuid"] = Get("vc.uuid"),
            ["annotation"] = Get("annotation"),
        };
        var changes = new List<DataObject>();
        foreach (var (prefix, type, key) in s_buses)
        {
            for (var bus = 0; bus < 4; bus++)
                changes.AddRange(ReadBus(lines, prefix, type, key, bus, folder));
        }
        for (var i = 0; Get($"ethernet{i}.present") is not null; i++)
        {
            changes.Add(Added(new(TypeOf(Get($"ethernet{i}.virtualDev")) ?? "VirtualE1000")
            {
                ["key"] = -100 - i,
                ["backing"] = new DataObject("VirtualEthernetCardNetworkBackingInfo") { ["deviceName"] = Get($"ethernet{i}.networkName") ?? "" },
                ["addressType"] = Get($"ethernet{i}.addressType"),
                ["macAddress"] = Get($"ethernet{i}.generatedAddress"),
            }));
        }
        spec["deviceChange"] = changes;
        return spec;
    }

    private static IEnumerable<(string, string)> Lines(DataObject device, List<DataObject> all)
    {
        if (device.Is("VirtualEthernetCard"))
        {
            var name = $"ethernet{device.Int("key") - 4000}";
            yield return ($"{name}.present", "TRUE");
            yield return ($"{name}.virtualDev", WordOf(device) ?? "e1000");
            yield return ($"{name}.networkName", device.Object("deviceInfo")!.Text("summary")!);
            yield return ($"{name}.addressType", device.Text("addressType") ?? "generated");
            yield return ($"{name}.generatedAddress", device.Text("macAddress")!);
        }
        else if (PrefixOf(device) is { } own)
        {
            yield return ($"{own}{device.Int("busNumber")}.present", "TRUE");
            if (WordOf(device) is { } word)
                yield return ($"{own}{device.Int("busNumber")}.virtualDev", word);
        }
        else if (all.Find(c => c.Int("key") == device.Int("controllerKey")) is { } controller && PrefixOf(controller) is { } prefix)
        {
            var name = $"{prefix}{controller.Int("busNumber")}:{device.Int("unitNumber")}";
            var backing = device.Object("backing")!;
            yield return ($"{name}.present", "TRUE");
            yield return ($"{name}.deviceType", device.Is("VirtualDisk") ? "disk" : backing.Is("VirtualCdromIsoBackingInfo") ? "cdrom-image" : "atapi-cdrom");
            yield return ($"{name}.fileName", (backing.Type.IndexOf("fileName") >= 0 ? backing.Text("fileName") : backing.Text("deviceName"))!);
            if (device.Object("connectable") is { } connectable)
                yield return ($"{name}.startConnected", connectable.Bool("startConnected") == true ? "TRUE" : "FALSE");
        }
    }

    private static IEnumerable<DataObject> ReadBus(
        Dictionary<string, string> lines, string prefix, string type, int key, int bus, string folder)
    {
        var name = $"{prefix}{bus}";
        if (!lines.ContainsKey($"{name}.present"))
            yield break;
        var controller = new DataObject(TypeOf(lines.GetValueOrDefault($"{name}.virtualDev")) ?? (prefix == "scsi" ? "VirtualLsiLogicController" : type))
        {
            ["key"] = key + bus,
            ["busNumber"] = bus,
        };
        if (prefix == "scsi")
            controller["sharedBus"] = "noSharing";
        yield return Added(controller);
        for (var unit = 0; unit < 30; unit++)
        {
            var slot = $"{name}:{unit}";
            if (!lines.ContainsKey($"{slot}.present") || !lines.TryGetValue($"{slot}.fileName", out var file))
                continue;
            var path = file.StartsWith('[') || file.StartsWith('/') ? file : $"{folder}/{file}";
            yield return Added(lines.GetValueOrDefault($"{slot}.deviceType") switch
            {
                "cdrom-image" => Cdrom(key + bus, unit, new("VirtualCdromIsoBackingInfo") { ["fileName"] = path }),
                "atapi-cdrom" => Cdrom(key + bus, unit, new("VirtualCdromRemotePassthroughBackingInfo") { ["deviceName"] = "", ["exclusive"] = false }),
                _ => new("VirtualDisk")
                {
                    ["key"] = -1 - unit,
                    ["controllerKey"] = key + bus,
                    ["unitNumber"] = unit,
                    ["capacityInKB"] = 0L,
                    ["backing"] = new DataObject("VirtualDiskFlatVer2BackingInfo") { ["fileName"] = path, ["diskMode"] = "persistent" },
                },
            });
        }
    }

    private static DataObject Cdrom(int controller, int unit, DataObject backing) => new("VirtualCdrom")
    {
        ["key"] = -50 - unit,
        ["controllerKey"] = controller,
        ["unitNumber"] = unit,
        ["backing"] = backing,
    };

    private static DataObject Added(DataObject device) => new("VirtualDeviceConfigSpec") { ["operation"] = "add", ["device"] = device };

    private static string? PrefixOf(DataObject controller) => s_buses.FirstOrDefault(b => controller.Is(b.Type)).Prefix;

    private static string? WordOf(DataObject device) => s_types.FirstOrDefault(t => device.Type.Name == t.Type).Word;

    private static string? TypeOf(string? word) => s_types.FirstOrDefault(t => t.Word == word).Type;

    private static string Text(int? number) => (number ?? 1).ToString(CultureInfo.InvariantCulture);

    private static int? Number(string? text) => text is null ? null : int.Parse(text, CultureInfo.InvariantCulture);

    // VMware's escapes for characters that can't be between the quotes.
    private static string Escape(string value) =>
        string.Concat(value.Select(c => c is '"' or '|' or < ' ' ? $"|{(int)c:X2}" : c.ToString()));

    private static string Unescape(string value)
    {
        var text = new StringBuilder();
        for (var i = 0; i < value.Length; i++)
        {
            if (value[i] == '|' && i + 2 < value.Length && int.TryParse(value.AsSpan(i + 1, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var code))
            {
                text.Append((char)code);
                i += 2;
            }
            else
            {
                text.Append(value[i]);
            }
        }
        return text.ToString();
    }
}
