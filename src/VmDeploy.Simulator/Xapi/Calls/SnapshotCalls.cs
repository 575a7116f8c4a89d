namespace VmDeploy.Simulator.Xapi;

/// <summary>Snapshots: separate VMs, which are templates too, with copies of the disks.</summary>
internal static class SnapshotCalls
{
    // The fields that a revert copies from the snapshot besides its devices.
    private static readonly string[] s_reverted =
    [
        "memory_static_min", "memory_dynamic_min", "memory_dynamic_max", "memory_static_max", "VCPUs_max", "VCPUs_at_startup",
        "HVM_boot_params", "platform", "other_config", "xenstore_data",
    ];

    public static void Register(XapiHost host)
    {
        host.On("VM.snapshot", call => Take(host, call.Object(0), call.Text(1)).Ref);
        host.On("VM.checkpoint", call => Checkpoint(host, call.Object(0), call.Text(1)).Ref);
        host.On("VM.revert", call => Revert(host, call.Object(0)));
    }

    /// <summary>The children of a removed snapshot become children of its parent.</summary>
    public static void Forget(XapiHost host, XapiObject snapshot)
    {
        var parent = snapshot.Text("parent");
        foreach (var child in host.Database.All("VM").Where(vm => vm.Text("parent") == snapshot.Ref))
            SetParent(host, child, parent);
        if (host.Database.Find(parent) is { } above)
            host.Database.Remove(above, "children", snapshot.Ref);
        if (host.Database.Find(snapshot.Text("snapshot_of")) is { } vm)
            host.Database.Remove(vm, "snapshots", snapshot.Ref);
    }

    private static XapiObject Take(XapiHost host, XapiObject vm, string name)
    {
        PowerCalls.Require(vm, "snapshot", "Halted", "Running", "Paused", "Suspended");
        return Take(host, vm, name, "Halted");
    }

    // The guest helps to save the memory, and continues to run.
    private static XapiObject Checkpoint(XapiHost host, XapiObject vm, string name)
    {
        PowerCalls.Require(vm, "checkpoint", "Running", "Paused", "Suspended");
        if (vm.Text("power_state") == "Running")
            PowerCalls.RequireTools(host, vm);
        var image = host.Database.Find(vm.Text("suspend_VDI")) is { } saved ? VdiCalls.Copy(host, saved, null) : SuspendCalls.SaveMemory(host, vm);
        try
        {
            var snapshot = Take(host, vm, name, "Suspended");
            host.Database.Set(snapshot, "suspend_VDI", image.Ref);
            return snapshot;
        }
        catch (XapiFailure)
        {
            VdiCalls.Destroy(host, image);
            throw;
        }
    }

    private static XapiObject Take(XapiHost host, XapiObject vm, string name, string state)
    {
        if (vm.Flag("is_a_snapshot"))
            throw new XapiFailure("OPERATION_NOT_ALLOWED", "A snapshot can't be snapshotted");
        var snapshot = VmCalls.Duplicate(host, vm, name, vdi => VdiCalls.Snapshot(host, vdi), keepsAddresses: true);
        snapshot.Fields["is_a_template"] = true;
        snapshot.Fields["is_a_snapshot"] = true;
        snapshot.Fields["snapshot_of"] = vm.Ref;
        snapshot.Fields["snapshot_time"] = DateTime.UtcNow;
        // Of a checkpoint, only that of a running VM says how it was.
        snapshot.Fields["snapshot_info"] = state == "Suspended" && vm.Text("power_state") != "Running" ? [] : new Dictionary<string, object>
        {
            ["power-state-at-snapshot"] = vm.Text("power_state"),
            ["disk-snapshot-type"] = "crash_consistent",
        };
        // The server keeps the whole record there.
        snapshot.Fields["snapshot_metadata"] = $"{vm.Name}\n{vm.Text("name_description")}";
        host.Database.Set(snapshot, "power_state", state);
        host.Database.Add(vm, "snapshots", snapshot.Ref);
        SetParent(host, snapshot, vm.Text("parent"));
        SetParent(host, vm, snapshot.Ref);
        return snapshot;
    }

    // In the order of the server: it deletes the current disks before it checks the space for the others.
    private static void Revert(XapiHost host, XapiObject snapshot)
    {
        var database = host.Database;
        if (!snapshot.Flag("is_a_snapshot"))
            throw new XapiFailure("OPERATION_NOT_ALLOWED", "Only a snapshot can be reverted to");
        var vm = database.Get("VM", snapshot.Text("snapshot_of"));
        PowerCalls.Require(vm, "revert", "Halted", "Running", "Paused", "Suspended");
        if (vm.Text("power_state") != "Halted")
            PowerCalls.Halt(host, vm);
        foreach (var field in s_reverted)
            vm.Fields[field] = snapshot.Fields[field];
        (vm.Fields["name_label"], vm.Fields["name_description"]) = snapshot.Text("snapshot_metadata").Split('\n', 2) switch { var texts => (texts[0], texts[1]) };
        var drives = snapshot.Refs("VBDs").Select(r => database.Get("VBD", r)).ToList();
        var originals = drives.Where(d => d.Text("type") == "Disk").ToDictionary(d => d.Ref, d => database.Get("VDI", d.Text("VDI")).Text("snapshot_of"));
        var current = vm.Refs("VBDs").Select(r => database.Get("VBD", r)).ToList();
        var old = current.Where(d => d.Text("type") == "Disk").Select(d => d.Text("VDI")).Where(originals.ContainsValue).Select(r => database.Get("VDI", r)).ToList();
        foreach (var vbd in current)
            VbdCalls.Destroy(database, vbd);
        foreach (var vdi in old)
            VdiCalls.Destroy(host, vdi);
        // From here on a failure leaves a VM without disks.
        foreach (var drive in drives)
        {
            var record = VmCalls.Constructor(drive);
            record["VM"] = vm.Ref;
            if (originals.TryGetValue(drive.Ref, out var original))
            {
                var clone = VdiCalls.Copy(host, database.Get("VDI", drive.Text("VDI")), null);
                foreach (var one in database.All("VDI").Where(v => v.Flag("is_a_snapshot") && v.Text("snapshot_of") == original).ToList())
                {
                    database.Set(one, "snapshot_of", clone.Ref);
                    database.Add(clone, "snapshots", one.Ref);
                }
                record["VDI"] = clone.Ref;
            }
            VbdCalls.Create(host, record);
        }
        foreach (var vif in vm.Refs("VIFs").ToList())
            NetworkCalls.DestroyVif(database, database.Get("VIF", vif));
        foreach (var vif in snapshot.Refs("VIFs").Select(r => database.Get("VIF", r)))
            NetworkCalls.CopyVif(host, vif, vm, keepsAddress: true);
        if (database.Find(snapshot.Text("suspend_VDI")) is { } memory)
            vm.Fields["suspend_VDI"] = VdiCalls.Copy(host, memory, null).Ref;
        SetParent(host, vm, snapshot.Ref);
        database.Set(vm, "power_state", snapshot.Text("power_state"));
    }

    private static void SetParent(XapiHost host, XapiObject vm, string parent)
    {
        if (host.Database.Find(vm.Text("parent")) is { } before)
            host.Database.Remove(before, "children", vm.Ref);
        host.Database.Set(vm, "parent", parent);
        if (host.Database.Find(parent) is { } above)
            host.Database.Add(above, "children", vm.Ref);
    }
}
