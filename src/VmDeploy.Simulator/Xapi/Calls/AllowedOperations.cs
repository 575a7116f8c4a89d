namespace VmDeploy.Simulator.Xapi;

/// <summary>The fields that depend on the state of other objects.</summary>
internal static class AllowedOperations
{
    public static object? Derive(XapiHost host, XapiObject target, string field) => (target.Class, field) switch
    {
        ("VM", "allowed_operations") => OfVm(target),
        ("VDI", "allowed_operations") => OfVdi(host, target),
        ("VBD", "allowed_operations") => target.Text("type") == "CD" ? List("attach", target.Flag("empty") ? "insert" : "eject") : List("attach"),
        ("SR", "virtual_allocation") => Disks(host, target).Sum(vdi => vdi.Number("virtual_size")),
        ("SR", "physical_utilisation") => Disks(host, target).Sum(vdi => Used(host, vdi)),
        ("VDI", "physical_utilisation") => Used(host, target),
        _ => null,
    };

    public static bool IsAttached(XapiHost host, XapiObject vdi) =>
        vdi.Refs("VBDs").Select(host.Database.Find).Any(vbd => vbd is not null && vbd.Flag("currently_attached"));

    private static long Used(XapiHost host, XapiObject vdi) =>
        host.Database.Get("SR", vdi.Text("SR")).Text("type").StartsWith("lvm", StringComparison.Ordinal) ? vdi.Number("virtual_size") : host.Files.Used(vdi.Uuid);

    private static List<object> OfVdi(XapiHost host, XapiObject vdi) =>
        IsAttached(host, vdi) ? List("snapshot", "clone") : List("update", "resize", "destroy", "clone", "copy", "snapshot");

    private static List<object> OfVm(XapiObject vm) => vm.Text("power_state") switch
    {
        _ when vm.Flag("is_control_domain") => List(),
        _ when vm.Flag("is_a_snapshot") => List("revert", "clone", "copy", "export", "metadata_export", "destroy", "hard_shutdown"),
        _ when vm.Flag("is_a_template") => List("changing_VCPUs", "changing_memory_limits", "provision", "clone", "copy", "destroy", "export"),
        "Halted" => List("changing_VCPUs", "changing_memory_limits", "changing_dynamic_range", "start", "start_on", "clone", "copy", "snapshot", "make_into_template", "destroy", "export"),
        "Running" => List("changing_VCPUs_live", "changing_dynamic_range", "clean_shutdown", "hard_shutdown", "clean_reboot", "hard_reboot", "pause", "suspend", "snapshot", "checkpoint"),
        "Paused" => List("unpause", "hard_shutdown", "snapshot", "checkpoint"),
        _ => List("resume", "hard_shutdown", "snapshot", "checkpoint", "copy"),
    };

    private static IEnumerable<XapiObject> Disks(XapiHost host, XapiObject sr) => host.Database.All("VDI").Where(vdi => vdi.Text("SR") == sr.Ref);

    private static List<object> List(params string[] operations) => [.. operations];
}
