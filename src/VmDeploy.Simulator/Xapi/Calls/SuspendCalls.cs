namespace VmDeploy.Simulator.Xapi;

/// <summary>Suspended VMs, whose memory is on a disk.</summary>
internal static class SuspendCalls
{
    public static void Suspend(XapiHost host, XapiObject vm)
    {
        PowerCalls.Require(vm, "suspend", "Running");
        PowerCalls.RequireTools(host, vm);
        vm.Fields["suspend_VDI"] = SaveMemory(host, vm).Ref;
        // Its devices count as attached.
        vm.Fields["domid"] = -1L;
        vm.Fields["resident_on"] = XapiType.NullRef;
        host.Database.Set(vm, "power_state", "Suspended");
    }

    public static void Resume(XapiHost host, XapiObject vm, bool paused)
    {
        PowerCalls.Require(vm, "resume", "Suspended");
        if (host.Database.Find(vm.Text("suspend_VDI")) is null)
            throw new XapiFailure("VM_HAS_NO_SUSPEND_VDI", vm.Ref);
        foreach (var vbd in vm.Refs("VBDs").Select(r => host.Database.Get("VBD", r)))
        {
            if (!vbd.Flag("currently_attached"))
                VbdCalls.SetAttached(host.Database, vbd, true);
        }
        foreach (var vif in vm.Refs("VIFs").Select(r => host.Database.Get("VIF", r)))
            host.Database.Set(vif, "currently_attached", true);
        DropImage(host, vm);
        vm.Fields["domid"] = (long)(host.Database.Generation % 30000);
        vm.Fields["resident_on"] = host.World.Host.Ref;
        host.Database.Set(vm, "power_state", paused ? "Paused" : "Running");
        // The guest does not notice; its tools report again.
        if (vm.Text("guest_metrics") == XapiType.NullRef)
            PowerCalls.Boot(host, vm);
    }

    /// <summary>A disk with the memory of a VM.</summary>
    public static XapiObject SaveMemory(XapiHost host, XapiObject vm)
    {
        var sr = host.Database.Find(vm.Text("suspend_SR")) ?? host.Database.Find(host.World.Pool.Text("suspend_image_SR"))
            ?? host.Database.All("SR").FirstOrDefault(s => s.Text("content_type") == "user")
            ?? throw new XapiFailure("VM_NO_SUSPEND_SR", vm.Ref);
        return VdiCalls.Create(host, new Dictionary<string, object>
        {
            ["SR"] = sr.Ref,
            ["virtual_size"] = vm.Number("memory_dynamic_max"),
            ["type"] = "suspend",
            ["sharable"] = false,
            ["read_only"] = false,
            ["name_label"] = "Suspend image",
            ["name_description"] = $"Suspend image of {vm.Name}",
            ["other_config"] = new Dictionary<string, object>(),
        });
    }

    /// <summary>Deletes the saved memory of a VM, if there is any.</summary>
    public static void DropImage(XapiHost host, XapiObject vm)
    {
        if (host.Database.Find(vm.Text("suspend_VDI")) is { } image)
            VdiCalls.Destroy(host, image);
        vm.Fields["suspend_VDI"] = XapiType.NullRef;
    }
}
