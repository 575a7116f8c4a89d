namespace VmDeploy.Simulator.Xapi;

/// <summary>The power of VMs, and how their guests react.</summary>
internal static class PowerCalls
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(20);

    public static void Register(XapiHost host)
    {
        host.On("VM.start", call => Start(host, call.Object(0), (bool)call.Arguments[1]!));
        host.On("VM.start_on", call => Start(host, call.Object(0), (bool)call.Arguments[2]!));
        host.OnLater("VM.clean_shutdown", call => CleanShutdownAsync(host, call));
        host.OnLater("VM.shutdown", call => ShutdownAsync(host, call));
        host.On("VM.hard_shutdown", call => HardShutdown(host, call.Object(0)));
        host.On("VM.hard_reboot", call => Reboot(host, call.Object(0)));
        host.On("VM.clean_reboot", call => CleanReboot(host, call.Object(0)));
        host.On("VM.pause", call => Change(host, call.Object(0), "pause", "Running", "Paused"));
        host.On("VM.unpause", call => Change(host, call.Object(0), "unpause", "Paused", "Running"));
        host.On("VM.suspend", call => SuspendCalls.Suspend(host, call.Object(0)));
        host.On("VM.resume", call => SuspendCalls.Resume(host, call.Object(0), (bool)call.Arguments[1]!));
        host.On("VM.resume_on", call => SuspendCalls.Resume(host, call.Object(0), (bool)call.Arguments[2]!));
    }

    public static string StateForFailure(XapiObject vm) => vm.Text("power_state").ToLowerInvariant();

    public static void Require(XapiObject vm, string operation, params string[] states)
    {
        if (vm.Map("blocked_operations").TryGetValue(operation, out var reason))
            throw new XapiFailure("OPERATION_BLOCKED", vm.Ref, $"{reason}");
        if (!states.Contains(vm.Text("power_state")))
            throw new XapiFailure("VM_BAD_POWER_STATE", vm.Ref, string.Join(", ", states).ToLowerInvariant(), StateForFailure(vm));
    }

    private static void Start(XapiHost host, XapiObject vm, bool paused)
    {
        RefuseTemplate(vm);
        Require(vm, "start", "Halted");
        CheckPlatform(vm);
        var database = host.Database;
        var free = host.World.FreeMemory();
        if (vm.Number("memory_dynamic_min") > free)
            throw new XapiFailure("HOST_NOT_ENOUGH_FREE_MEMORY", $"{vm.Number("memory_dynamic_min")}", $"{free}");
        var vbds = vm.Refs("VBDs").Select(r => database.Get("VBD", r)).ToList();
        foreach (var vbd in vbds)
            VbdCalls.RefuseIfInUse(host, vbd);
        foreach (var vbd in vbds)
            VbdCalls.SetAttached(database, vbd, true);
        foreach (var vif in vm.Refs("VIFs").Select(r => database.Get("VIF", r)))
            database.Set(vif, "currently_attached", true);
        vm.Fields["domid"] = (long)(database.Generation % 30000);
        vm.Fields["resident_on"] = host.World.Host.Ref;
        database.Set(vm, "power_state", paused ? "Paused" : "Running");
        Boot(host, vm);
    }

    private static void CheckPlatform(XapiObject vm)
    {
        var platform = vm.Map("platform");
        if (platform.TryGetValue("cores-per-socket", out var cores) && (!long.TryParse((string)cores, out var number) || number <= 0 || vm.Number("VCPUs_max") % number != 0))
            throw new XapiFailure("INVALID_VALUE", "platform:cores-per-socket", "VCPUs_max must be a multiple of this field");
        var isUefi = vm.Map("HVM_boot_params").TryGetValue("firmware", out var firmware) && firmware is "uefi";
        if (platform.TryGetValue("device-model", out var model) && isUefi != model is "qemu-upstream-uefi")
            throw new XapiFailure("INVALID_VALUE", "platform:device-model", "The device model does not fit the firmware");
    }

    // The tools report some time after the start, if the VM is still running.
    public static void Boot(XapiHost host, XapiObject vm)
    {
        var guest = host.Options.Guest(vm.Name);
        if (!guest.HasTools)
            return;
        var domain = vm.Number("domid");
        _ = Task.Delay(guest.BootTime, host.Stopped).ContinueWith(_ =>
        {
            lock (host.Database.Gate)
            {
                if (vm.IsGone || vm.Text("power_state") != "Running" || vm.Number("domid") != domain)
                    return;
                var address = 10 + (domain % 240);
                var metrics = host.Database.Create("VM_guest_metrics",
                    ("os_version", new Dictionary<string, object> { ["name"] = "Debian GNU/Linux 12 (bookworm)", ["distro"] = "debian" }),
                    ("PV_drivers_version", new Dictionary<string, object> { ["major"] = "8", ["minor"] = "2", ["micro"] = "0", ["build"] = "1" }),
                    ("PV_drivers_detected", true),
                    ("networks", vm.Refs("VIFs").Count == 0 ? [] : new Dictionary<string, object>
                    {
                        ["0/ip"] = $"192.0.2.{address}",
                        ["0/ipv4/0"] = $"192.0.2.{address}",
                        ["0/ipv6/0"] = "fe80:0000:0000:0000:0000:0000:0000:0001",
                    }),
                    ("live", true), ("last_updated", DateTime.UtcNow));
                host.Database.Set(vm, "guest_metrics", metrics.Ref);
            }
        }, TaskContinuationOptions.OnlyOnRanToCompletion);
    }

    private static async Task<object?> ShutdownAsync(XapiHost host, XapiCall call)
    {
        try
        {
            return await CleanShutdownAsync(host, call);
        }
        catch (XapiFailure failure) when (failure.Code is "VM_LACKS_FEATURE" or "VM_SHUTDOWN_TIMEOUT")
        {
            lock (host.Database.Gate)
                HardShutdown(host, call.Object(0));
            return null;
        }
    }

    private static async Task<object?> CleanShutdownAsync(XapiHost host, XapiCall call)
    {
        XapiObject vm;
        XapiGuest guest;
        lock (host.Database.Gate)
        {
            vm = call.Object(0);
            RefuseTemplate(vm);
            Require(vm, "clean_shutdown", "Running");
            guest = RequireTools(host, vm);
        }
        var obeys = guest.ShutdownTime is { } time ? DateTime.UtcNow + time : DateTime.MaxValue;
        var gives = DateTime.UtcNow + s_patience;
        while (true)
        {
            Task changed;
            lock (host.Database.Gate)
            {
                if (vm.Text("power_state") != "Running")
                    return null;
                if (DateTime.UtcNow >= obeys)
                {
                    Halt(host, vm);
                    return null;
                }
                if (DateTime.UtcNow >= gives)
                    throw new XapiFailure("VM_SHUTDOWN_TIMEOUT", vm.Ref, $"{s_patience.TotalSeconds}");
                changed = host.Database.Changed;
            }
            var left = (obeys < gives ? obeys : gives) - DateTime.UtcNow;
            if (left > TimeSpan.Zero)
                await Task.WhenAny(changed, Task.Delay(left, call.Cancellation));
            call.Cancellation.ThrowIfCancellationRequested();
        }
    }

    private static void HardShutdown(XapiHost host, XapiObject vm)
    {
        RefuseTemplate(vm);
        Require(vm, "hard_shutdown", "Running", "Paused", "Suspended");
        Halt(host, vm);
    }

    private static void Reboot(XapiHost host, XapiObject vm)
    {
        Require(vm, "hard_reboot", "Running", "Paused");
        Halt(host, vm);
        Start(host, vm, false);
    }

    private static void CleanReboot(XapiHost host, XapiObject vm)
    {
        Require(vm, "clean_reboot", "Running");
        RequireTools(host, vm);
        Reboot(host, vm);
    }

    private static void Change(XapiHost host, XapiObject vm, string operation, string from, string to)
    {
        Require(vm, operation, from);
        host.Database.Set(vm, "power_state", to);
    }

    public static XapiGuest RequireTools(XapiHost host, XapiObject vm)
    {
        var guest = host.Options.Guest(vm.Name);
        return guest.HasTools && vm.Text("guest_metrics") != XapiType.NullRef ? guest : throw new XapiFailure("VM_LACKS_FEATURE", vm.Ref);
    }

    public static void Halt(XapiHost host, XapiObject vm)
    {
        SuspendCalls.DropImage(host, vm);
        var database = host.Database;
        foreach (var vbd in vm.Refs("VBDs").Select(r => database.Get("VBD", r)))
            VbdCalls.SetAttached(database, vbd, false);
        foreach (var vif in vm.Refs("VIFs").Select(r => database.Get("VIF", r)))
            database.Set(vif, "currently_attached", false);
        if (database.Find(vm.Text("guest_metrics")) is { } metrics)
            database.Destroy(metrics);
        vm.Fields["guest_metrics"] = XapiType.NullRef;
        vm.Fields["domid"] = -1L;
        vm.Fields["resident_on"] = XapiType.NullRef;
        database.Set(vm, "power_state", "Halted");
    }

    /// <summary>Refuses to plug or unplug a device if the guest has no drivers for it, or does not release it.</summary>
    public static void RequireHotPlug(XapiHost host, XapiObject vm, XapiObject device, bool attaches)
    {
        if (vm.Text("power_state") != "Running")
            throw new XapiFailure("VM_BAD_POWER_STATE", vm.Ref, "running", StateForFailure(vm));
        if (device.Flag("currently_attached") == attaches)
            throw new XapiFailure(attaches ? "DEVICE_ALREADY_ATTACHED" : "DEVICE_ALREADY_DETACHED", device.Ref);
        if (vm.Flag("is_control_domain"))
            return;
        if (host.Database.Find(vm.Text("guest_metrics")) is not { } metrics || !metrics.Flag("PV_drivers_detected"))
            throw new XapiFailure("VM_MISSING_PV_DRIVERS", vm.Ref);
        if (!attaches && host.Options.Guest(vm.Name).HoldsDevices)
            throw new XapiFailure("DEVICE_DETACH_REJECTED", device.Class, device.Ref, "the guest is using it");
    }

    private static void RefuseTemplate(XapiObject vm)
    {
        if (vm.Flag("is_a_template"))
            throw new XapiFailure("VM_IS_TEMPLATE", vm.Ref);
    }
}
