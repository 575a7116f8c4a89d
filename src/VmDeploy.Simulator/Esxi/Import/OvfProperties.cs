using System.Xml.Linq;
using VmDeploy.Simulator.Esxi.Data;
using VmDeploy.Simulator.Esxi.Soap;

namespace VmDeploy.Simulator.Esxi.Import;

/// <summary>The products and properties of a descriptor.</summary>
internal sealed class OvfProperties(OvfDescriptor ovf, DataObject parameters)
{
    /// <summary>Every property with its key, as VAppPropertyInfo.</summary>
    public static IEnumerable<DataObject> All(OvfDescriptor ovf)
    {
        var key = 0;
        foreach (var product in ovf.Products)
        {
            var category = "";
            foreach (var element in product.Elements())
            {
                if (element.Name == OvfDescriptor.Ovf + "Category")
                    category = element.Value;
                else if (element.Name == OvfDescriptor.Ovf + "Property")
                    yield return Property(product, element, category, key++);
            }
        }
    }

    /// <summary>The products, as VAppProductInfo.</summary>
    public static IEnumerable<DataObject> Products(OvfDescriptor ovf) => ovf.Products.Select((product, key) => new DataObject("VAppProductInfo")
    {
        ["key"] = key,
        ["classId"] = (string?)product.Attribute(OvfDescriptor.Ovf + "class") ?? "",
        ["instanceId"] = (string?)product.Attribute(OvfDescriptor.Ovf + "instance") ?? "",
        ["name"] = product.Element(OvfDescriptor.Ovf + "Product")?.Value ?? "",
        ["vendor"] = product.Element(OvfDescriptor.Ovf + "Vendor")?.Value ?? "",
        ["version"] = product.Element(OvfDescriptor.Ovf + "Version")?.Value ?? "",
        ["fullVersion"] = product.Element(OvfDescriptor.Ovf + "FullVersion")?.Value ?? "",
    });

    /// <summary>The entries for the spec with the caller's values, or null without properties.</summary>
    public DataObject? Read()
    {
        var products = Products(ovf).ToList();
        if (products.Count == 0)
            return null;
        var values = parameters.Objects("propertyMapping").ToDictionary(m => m.Text("key")!, m => m.Text("value")!);
        var properties = All(ovf).ToList();
        foreach (var property in properties)
        {
            if (values.Remove(FullId(property), out var value))
                property["value"] = value;
        }
        foreach (var (key, value) in values)
        {
            ovf.Errors.Add(VimFault.Of("OvfPropertyValue", $"The descriptor has no property '{key}'.", ("type", key), ("value", value)));
        }
        return new("VmConfigSpec")
        {
            ["product"] = products.Select(info => Added("VAppProductSpec", info)),
            ["property"] = properties.Select(info => Added("VAppPropertySpec", info)),
            ["ovfEnvironmentTransport"] = Transports(),
        };
    }

    private string[] Transports() =>
        ((string?)ovf.Hardware?.Attribute(OvfDescriptor.Ovf + "transport") ?? "").Split(' ', System.StringSplitOptions.RemoveEmptyEntries);

    private static string FullId(DataObject property) => string.Join('.',
        ((string[])[property.Text("classId")!, property.Text("id")!, property.Text("instanceId")!]).Where(part => part.Length > 0));

    private static DataObject Added(string type, DataObject info) => new(type) { ["operation"] = "add", ["info"] = info };

    private static DataObject Property(XElement product, XElement element, string category, int key) => new("VAppPropertyInfo")
    {
        ["key"] = key,
        ["classId"] = (string?)product.Attribute(OvfDescriptor.Ovf + "class") ?? "",
        ["instanceId"] = (string?)product.Attribute(OvfDescriptor.Ovf + "instance") ?? "",
        ["id"] = (string?)element.Attribute(OvfDescriptor.Ovf + "key") ?? "",
        ["category"] = category,
        ["label"] = element.Element(OvfDescriptor.Ovf + "Label")?.Value ?? "",
        ["type"] = (string?)element.Attribute(OvfDescriptor.Ovf + "type") ?? "string",
        ["userConfigurable"] = (string?)element.Attribute(OvfDescriptor.Ovf + "userConfigurable") is "true" or "1",
        ["defaultValue"] = (string?)element.Attribute(OvfDescriptor.Ovf + "value") ?? "",
        ["value"] = "",
        ["description"] = element.Element(OvfDescriptor.Ovf + "Description")?.Value ?? "",
    };
}
