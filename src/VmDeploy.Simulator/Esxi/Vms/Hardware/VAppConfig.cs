using VmDeploy.Simulator.Esxi.Data;

namespace VmDeploy.Simulator.Esxi.Vms;

/// <summary>Product information and OVF properties of a VM, which only vCenter keeps.</summary>
internal static class VAppConfig
{
    /// <summary>Applies a VmConfigSpec and returns a VmConfigInfo.</summary>
    public static DataObject Apply(DataObject? current, DataObject spec)
    {
        var info = current?.Clone() ?? new("VmConfigInfo")
        {
            ["ipAssignment"] = new DataObject("VAppIPAssignmentInfo"),
            ["installBootRequired"] = false,
            ["installBootStopDelay"] = 0,
        };
        info["product"] = Update(info.Objects("product"), spec.Objects("product"));
        info["property"] = Update(info.Objects("property"), spec.Objects("property"));
        foreach (var field in (string[])["ipAssignment", "installBootRequired", "installBootStopDelay"])
            info[field] = spec[field] ?? info[field];
        foreach (var field in (string[])["eula", "ovfEnvironmentTransport"])
            info[field] = spec.Items(field).Count > 0 ? spec[field] : info[field];
        return info;
    }

    private static IEnumerable<DataObject> Update(IEnumerable<DataObject> items, IEnumerable<DataObject> changes)
    {
        var all = items.ToDictionary(i => i.Int("key")!.Value);
        foreach (var change in changes)
        {
            var info = change.Object("info");
            if (change.Text("operation") == "remove")
                all.Remove(Convert.ToInt32(change["removeKey"], System.Globalization.CultureInfo.InvariantCulture));
            else if (info is not null)
                all[info.Int("key")!.Value] = all.GetValueOrDefault(info.Int("key")!.Value)?.Clone().Merge(info) ?? info;
        }
        return all.Values.OrderBy(i => i.Int("key"));
    }
}
