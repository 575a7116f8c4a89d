using System.Globalization;
using System.Xml.Linq;

namespace VmDeploy.Simulator.Xapi;

/// <summary>Creates, changes and deletes VMs.</summary>
internal static class VmCalls
{
    private static readonly string[] s_memoryLimits = ["memory_static_min", "memory_dynamic_min", "memory_dynamic_max", "memory_static_max"];

    public static void Register(XapiHost host)
    {
        host.On("VM.create", call => Create(host, call.Record(0)).Ref);
        host.On("VM.destroy", call => Destroy(host, call.Object(0)));
        host.On("VM.clone", call => Clone(host, call.Object(0), call.Text(1)).Ref);
        host.On("VM.copy", call => Copy(host, call.Object(0), call.Text(1), call.Text(2) == XapiType.NullRef ? null : call.Object(2)).Ref);
        host.On("VM.provision", call => Provision(host, call.Object(0)));
        host.On("VM.set_memory_limits", call => SetMemory(host, call.Object(0), call.Number(1), call.Number(3), call.Number(4), call.Number(2)));
        host.On("VM.set_memory", call => SetMemory(host, call.Object(0), call.Object(0).Number("memory_static_min"), call.Number(1), call.Number(1), call.Number(1)));
        for (var place = 0; place < s_memoryLimits.Length; place++)
            SetOneMemoryLimit(host, place);
        host.On("VM.set_VCPUs_max", call => SetCpus(host, call.Object(0), "VCPUs_max", call.Number(1), n => n >= call.Object(0).Number("VCPUs_at_startup")));
        host.On("VM.set_VCPUs_at_startup", call => SetCpus(host, call.Object(0), "VCPUs_at_startup", call.Number(1), n => n <= call.Object(0).Number("VCPUs_max")));
        host.On("VM.set_VCPUs_number_live", call => SetCpusLive(host, call.Object(0), call.Number(1)));
        host.On("VM.set_memory_dynamic_range", call => SetDynamicRange(host, call.Object(0), call.Number(1), call.Number(2)));
        host.On("VM.get_possible_hosts", call => (List<object>)[host.World.Host.Ref]);
        host.On("VM.set_is_a_template", SetIsTemplate);
    }

    public static XapiObject Create(XapiHost host, Dictionary<string, object> record)
    {
        CheckMemory((long)record["memory_static_min"], (long)record["memory_dynamic_min"], (long)record["memory_dynamic_max"], (long)record["memory_static_max"]);
        if ((long)record["VCPUs_at_startup"] < 1 || (long)record["VCPUs_at_startup"] > (long)record["VCPUs_max"])
            throw new XapiFailure("INVALID_VALUE", "VCPUs_at_startup", $"{record["VCPUs_at_startup"]}");
        var vm = host.Database.Create("VM", [.. record.Select(e => (e.Key, e.Value)).Where(e => e.Key is not ("power_state" or "suspend_VDI")),
            ("power_state", "Halted"), ("domid", -1L)]);
        host.Database.Set(vm, "metrics", host.Database.Create("VM_metrics").Ref);
        return vm;
    }

    private static void Destroy(XapiHost host, XapiObject vm)
    {
        if (vm.Flag("is_default_template"))
            throw new XapiFailure("VM_CANNOT_DELETE_DEFAULT_TEMPLATE", vm.Ref);
        if (vm.Flag("is_control_domain"))
            throw new XapiFailure("OPERATION_NOT_ALLOWED", "The control domain can't be destroyed");
        PowerCalls.Require(vm, "destroy", vm.Flag("is_a_snapshot") ? ["Halted", "Suspended"] : ["Halted"]);
        if (vm.Flag("is_a_snapshot"))
            SnapshotCalls.Forget(host, vm);
        foreach (var vbd in vm.Refs("VBDs"))
            VbdCalls.Destroy(host.Database, host.Database.Get("VBD", vbd));
        foreach (var vif in vm.Refs("VIFs"))
            NetworkCalls.DestroyVif(host.Database, host.Database.Get("VIF", vif));
        foreach (var metrics in new[] { vm.Text("metrics"), vm.Text("guest_metrics") }.Select(host.Database.Find).OfType<XapiObject>())
            host.Database.Destroy(metrics);
        host.Database.Destroy(vm);
    }

    private static XapiObject Clone(XapiHost host, XapiObject vm, string name)
    {
        PowerCalls.Require(vm, "clone", "Halted");
        return Duplicate(host, vm, name, vdi => VdiCalls.Copy(host, vdi, null));
    }

    private static XapiObject Copy(XapiHost host, XapiObject vm, string name, XapiObject? sr)
    {
        PowerCalls.Require(vm, "copy", "Halted", "Suspended");
        return Duplicate(host, vm, name, vdi => VdiCalls.Copy(host, vdi, sr));
    }

    // A failure half-way is rolled back, as the server does.
    public static XapiObject Duplicate(XapiHost host, XapiObject vm, string name, Func<XapiObject, XapiObject> copyDisk, bool keepsAddresses = false)
    {
        var database = host.Database;
        var vbds = vm.Refs("VBDs").Select(r => database.Get("VBD", r)).ToList();
        var disks = new Dictionary<string, XapiObject>();
        try
        {
            foreach (var vbd in vbds.Where(v => v.Text("type") == "Disk"))
                disks[vbd.Ref] = copyDisk(database.Get("VDI", vbd.Text("VDI")));
        }
        catch (XapiFailure)
        {
            foreach (var disk in disks.Values)
                VdiCalls.Destroy(host, disk);
            throw;
        }
        var copy = Create(host, Constructor(vm));
        copy.Fields["name_label"] = name;
        foreach (var vbd in vbds)
        {
            var record = Constructor(vbd);
            record["VM"] = copy.Ref;
            if (disks.TryGetValue(vbd.Ref, out var disk))
                record["VDI"] = disk.Ref;
            VbdCalls.Create(host, record);
        }
        foreach (var vif in vm.Refs("VIFs").Select(r => database.Get("VIF", r)))
            NetworkCalls.CopyVif(host, vif, copy, keepsAddresses);
        database.Touch(copy);
        return copy;
    }

    public static Dictionary<string, object> Constructor(XapiObject source) =>
        XapiSchema.Instance.Classes[source.Class].Fields.Values.Where(f => f.IsConstructor).ToDictionary(f => f.Name, f => source.Fields[f.Name]);

    private static void Provision(XapiHost host, XapiObject vm)
    {
        if (!vm.Flag("is_a_template"))
            throw new XapiFailure("PROVISION_ONLY_ALLOWED_ON_TEMPLATE");
        PowerCalls.Require(vm, "provision", "Halted");
        // Before everything else, so that after a later failure the VM can't be provisioned again.
        host.Database.Set(vm, "is_a_template", false);
        if (!vm.Map("other_config").TryGetValue("disks", out var disks))
            return;
        foreach (var disk in XElement.Parse((string)disks).Elements("disk"))
        {
            var uuid = disk.Attribute("sr")?.Value ?? "";
            var sr = host.Database.All("SR").FirstOrDefault(s => s.Uuid == uuid) ?? throw new XapiFailure("UUID_INVALID", "SR", uuid);
            var device = disk.Attribute("device")?.Value ?? "autodetect";
            var vdi = VdiCalls.Create(host, new Dictionary<string, object>
            {
                ["SR"] = sr.Ref,
                ["virtual_size"] = long.Parse(disk.Attribute("size")!.Value, CultureInfo.InvariantCulture),
                ["type"] = disk.Attribute("type")?.Value ?? "user",
                ["sharable"] = false,
                ["read_only"] = false,
                ["name_label"] = $"{vm.Name} {device}",
                ["other_config"] = new Dictionary<string, object>(),
            });
            VbdCalls.Create(host, new Dictionary<string, object>
            {
                ["VM"] = vm.Ref,
                ["VDI"] = vdi.Ref,
                ["userdevice"] = device,
                ["bootable"] = disk.Attribute("bootable")?.Value == "true",
                ["mode"] = "RW",
                ["type"] = "Disk",
                ["empty"] = false,
                ["other_config"] = new Dictionary<string, object>(),
            });
        }
        host.Database.Set(vm, "other_config", vm.Map("other_config").Where(e => e.Key != "disks").ToDictionary());
    }

    private static void SetMemory(XapiHost host, XapiObject vm, long staticMin, long dynamicMin, long dynamicMax, long staticMax)
    {
        PowerCalls.Require(vm, "changing_memory_limits", "Halted");
        CheckMemory(staticMin, dynamicMin, dynamicMax, staticMax);
        vm.Fields["memory_static_min"] = staticMin;
        vm.Fields["memory_dynamic_min"] = dynamicMin;
        vm.Fields["memory_dynamic_max"] = dynamicMax;
        host.Database.Set(vm, "memory_static_max", staticMax);
    }

    private static void SetOneMemoryLimit(XapiHost host, int place) => host.On("VM.set_" + s_memoryLimits[place], call =>
    {
        var vm = call.Object(0);
        var limits = s_memoryLimits.Select(vm.Number).ToArray();
        limits[place] = call.Number(1);
        SetMemory(host, vm, limits[0], limits[1], limits[2], limits[3]);
    });

    private static void CheckMemory(long staticMin, long dynamicMin, long dynamicMax, long staticMax)
    {
        if (!(staticMin <= dynamicMin && dynamicMin <= dynamicMax && dynamicMax <= staticMax))
            throw new XapiFailure("MEMORY_CONSTRAINT_VIOLATION_ORDER");
    }

    private static void SetCpus(XapiHost host, XapiObject vm, string field, long count, Func<long, bool> fits)
    {
        PowerCalls.Require(vm, "changing_VCPUs", "Halted");
        if (count < 1 || !fits(count))
            throw new XapiFailure("INVALID_VALUE", field, $"{count}");
        host.Database.Set(vm, field, count);
    }

    private static void SetCpusLive(XapiHost host, XapiObject vm, long count)
    {
        PowerCalls.Require(vm, "changing_VCPUs_live", "Running");
        if (count < 1 || count > vm.Number("VCPUs_max"))
            throw new XapiFailure("INVALID_VALUE", "nvcpu", $"{count}");
        host.Database.Set(vm, "VCPUs_at_startup", count);
    }

    private static void SetDynamicRange(XapiHost host, XapiObject vm, long least, long most)
    {
        PowerCalls.Require(vm, "changing_dynamic_range", "Halted", "Running");
        if (least < vm.Number("memory_static_min") || most > vm.Number("memory_static_max"))
            throw new XapiFailure("MEMORY_CONSTRAINT_VIOLATION", "(memory_static_min <= memory_dynamic_min) && (memory_dynamic_max <= memory_static_max)");
        CheckMemory(vm.Number("memory_static_min"), least, most, vm.Number("memory_static_max"));
        vm.Fields["memory_dynamic_min"] = least;
        host.Database.Set(vm, "memory_dynamic_max", most);
    }

    private static void SetIsTemplate(XapiCall call)
    {
        PowerCalls.Require(call.Object(0), "make_into_template", "Halted");
        call.Database.Set(call.Object(0), "is_a_template", call.Arguments[1]!);
    }
}
