using VmDeploy.Simulator.Esxi.Core;
using VmDeploy.Simulator.Esxi.Data;
using VmDeploy.Simulator.Esxi.Soap;

namespace VmDeploy.Simulator.Esxi.Properties;

/// <summary>Reads the properties of one object that a filter asks for.</summary>
internal static class PropertyReader
{
    /// <summary>An ObjectContent.</summary>
    public static DataObject Read(ManagedObject target, FilterSpec spec)
    {
        var set = new List<DataObject>();
        var missing = new List<DataObject>();
        foreach (var path in spec.PathsOf(target))
        {
            if (Unreadable(target, path) is { } reason)
                missing.Add(reason);
            else if (path.Read(target) is { } value)
                set.Add(new("DynamicProperty") { ["name"] = path.Text, ["val"] = value });
        }
        return new("ObjectContent") { ["obj"] = target.Self, ["propSet"] = set, ["missingSet"] = missing };
    }

    /// <summary>A MissingProperty, if a test has ordered that the property is unreadable.</summary>
    public static DataObject? Unreadable(ManagedObject target, PropertyPath path) =>
        target.Esx.Faults.IsUnreadable(target.Self.Type, path.Text)
            ? new("MissingProperty")
            {
                ["path"] = path.Text,
                ["fault"] = VimFault.Of("NoPermission", null, ("object", target.Self), ("privilegeId", "System.Read")).ToLocalized(),
            }
            : null;
}
