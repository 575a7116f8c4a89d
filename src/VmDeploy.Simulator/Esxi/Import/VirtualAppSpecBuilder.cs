using System.Globalization;
using System.Xml.Linq;
using VmDeploy.Simulator.Esxi.Core;
using VmDeploy.Simulator.Esxi.Data;
using VmDeploy.Simulator.Esxi.Inventory;

namespace VmDeploy.Simulator.Esxi.Import;

/// <summary>Creates the OvfCreateImportSpecResult for a descriptor with a VirtualSystemCollection.</summary>
internal sealed class VirtualAppSpecBuilder(EsxiHost host, OvfDescriptor ovf, Datastore datastore, DataObject parameters)
{
    private readonly List<object> _errors = [];
    private readonly List<object> _warnings = [];
    private readonly List<object> _files = [];

    public DataObject Build()
    {
        var spec = Group(ovf.Collection!, parameters.Text("entityName") is { Length: > 0 } name ? name : NameOf(ovf.Collection!));
        var result = new DataObject("OvfCreateImportSpecResult") { ["warning"] = _warnings, ["error"] = _errors };
        if (_errors.Count > 0)
            return result;
        result["importSpec"] = spec;
        result["fileItem"] = _files;
        return result;
    }

    private static string NameOf(XElement entity) => entity.Element(OvfDescriptor.Ovf + "Name")?.Value ?? (string)entity.Attribute(OvfDescriptor.Ovf + "id")!;

    private DataObject Group(XElement collection, string name)
    {
        var config = new DataObject("VAppConfigSpec");
        config.Merge(new OvfProperties(ovf.Of(collection), parameters).Read());
        var items = collection.Elements(OvfDescriptor.Ovf + "StartupSection").Elements(OvfDescriptor.Ovf + "Item")
            .ToLookup(item => (string?)item.Attribute(OvfDescriptor.Ovf + "id"));
        var children = new List<object>();
        foreach (var child in collection.Elements())
        {
            var spec = child.Name == OvfDescriptor.Ovf + "VirtualSystem" ? Machine(child)
                : child.Name == OvfDescriptor.Ovf + "VirtualSystemCollection" ? Group(child, NameOf(child)) : null;
            if (spec is null)
                continue;
            spec["entityConfig"] = Entity(items[(string?)child.Attribute(OvfDescriptor.Ovf + "id")].FirstOrDefault());
            children.Add(spec);
        }
        return new("VirtualAppImportSpec")
        {
            ["name"] = name,
            ["vAppConfigSpec"] = config,
            ["resourcePoolSpec"] = new DataObject("ResourceConfigSpec") { ["cpuAllocation"] = ResourcePool.Unlimited(), ["memoryAllocation"] = ResourcePool.Unlimited() },
            ["child"] = children,
        };
    }

    private DataObject? Machine(XElement system)
    {
        var own = parameters.Clone();
        own["entityName"] = "";
        var result = new ImportSpecBuilder(host, ovf.Of(system), datastore, own).Build();
        _errors.AddRange(result.Items("error"));
        _warnings.AddRange(result.Items("warning"));
        _files.AddRange(result.Items("fileItem"));
        return result.Object("importSpec");
    }

    private static DataObject Entity(XElement? item) => new("VAppEntityConfigInfo")
    {
        ["startOrder"] = Number(item, "order"),
        ["startDelay"] = Number(item, "startDelay"),
        ["waitingForGuest"] = Text(item, "waitingForGuest") is "true" or "1",
        ["startAction"] = Text(item, "startAction") ?? "powerOn",
        ["stopAction"] = Text(item, "stopAction") ?? "powerOff",
    };

    private static string? Text(XElement? item, string name) => (string?)item?.Attribute(OvfDescriptor.Ovf + name);

    private static int Number(XElement? item, string name) => int.TryParse(Text(item, name), CultureInfo.InvariantCulture, out var number) ? number : 0;
}
