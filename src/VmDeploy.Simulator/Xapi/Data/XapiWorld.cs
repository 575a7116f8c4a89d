using System.Text;

namespace VmDeploy.Simulator.Xapi;

/// <summary>The objects at the start: one host, its networks, storage and templates.</summary>
internal sealed class XapiWorld
{
    private const long Gibibyte = 1L << 30;
    private const long HostMemory = 64 * Gibibyte;

    private readonly XapiHost _host;

    public XapiWorld(XapiHost host)
    {
        _host = host;
        var database = host.Database;
        var metrics = database.Create("host_metrics", ("memory_total", HostMemory), ("memory_free", HostMemory), ("live", true));
        Host = database.Create("host", ("name_label", "xenserver-sim"), ("hostname", "xenserver-sim"), ("address", host.Options.Address),
            ("API_version_major", 2L), ("API_version_minor", 21L), ("API_version_vendor", "XenSource"), ("enabled", true), ("metrics", metrics.Ref),
            ("software_version", Strings(("product_brand", "XenServer"), ("product_version", host.Options.ProductVersion),
                ("product_version_text", host.Options.ProductVersion[0].ToString()), ("build_number", "stream"), ("platform_version", "3.4.0"))),
            ("cpu_info", Strings(("cpu_count", "16"), ("socket_count", "2"), ("modelname", "Simulated CPU"))));

        var local = Sr("Local storage", host.Options.LocalSrType, "user", shared: false, canStore: true);
        Sr("NFS virtual disk storage", "nfs", "user", shared: true, canStore: true);
        IsoSr = Sr("ISO library", "iso", "iso", shared: true, canStore: true);
        var tools = Sr("XenServer Tools", "iso", "iso", shared: true, canStore: false);
        database.Set(tools, "is_tools_sr", true);
        Sr("DVD drives", "udev", "iso", shared: false, canStore: false);
        Pool = database.Create("pool", ("name_label", "sim-pool"), ("master", Host.Ref), ("default_SR", host.Options.HasDefaultSr ? local.Ref : XapiType.NullRef));

        Network = Physical("eth0", 0);
        Physical("eth1", 1);
        database.Create("network", ("name_label", "Host internal management network"), ("bridge", "xenapi"), ("MTU", 1500L),
            ("other_config", Strings(("is_host_internal_management_network", "true"), ("is_guest_installer_network", "true"))));

        ControlDomain = Vm("Control domain on host: xenserver-sim", 4 * Gibibyte, 4, ("is_control_domain", true));
        database.Set(ControlDomain, "power_state", "Running");
        database.Set(ControlDomain, "resident_on", Host.Ref);

        Template("Other install media", 128 << 20, Strings(("install-methods", "cdrom"), ("mac_seed", Guid.NewGuid().ToString())));
        Template("Debian Bookworm 12", Gibibyte, Strings(("install-methods", "cdrom,nfs,http,ftp"), ("mac_seed", Guid.NewGuid().ToString()),
            ("disks", """<provision><disk device="0" size="10737418240" sr="" bootable="true" type="system"/></provision>""")));
        Alpine(local);
        AddIso("tiny.iso", TinyIso());
        AddIso("debian-12.iso", new byte[128 * 1024]);
        for (var i = 1; i <= host.Options.VmCount; i++)
            Vm(FormattableString.Invariant($"vm-{i:D5}"), Gibibyte, 1);
    }

    public XapiObject Host { get; }

    public XapiObject Pool { get; }

    public XapiObject Network { get; }

    public XapiObject IsoSr { get; }

    public XapiObject ControlDomain { get; }

    public long FreeMemory() => HostMemory - _host.Database.All("VM")
        .Where(vm => vm.Text("power_state") is "Running" or "Paused").Sum(vm => vm.Number("memory_dynamic_max"));

    /// <summary>An ISO in the library.</summary>
    public XapiObject AddIso(string name, byte[] content)
    {
        var vdi = VdiCalls.Create(_host, new Dictionary<string, object>
        {
            ["SR"] = IsoSr.Ref,
            ["virtual_size"] = (long)content.Length,
            ["type"] = "user",
            ["sharable"] = true,
            ["read_only"] = true,
            ["name_label"] = name,
            ["other_config"] = new Dictionary<string, object>(),
        });
        _host.Files.Write(vdi.Uuid, 0, content);
        return vdi;
    }

    // The ISO of the examples, so that a new user gets the same file by sending it and by naming the one in the library.
    private static byte[] TinyIso()
    {
        using var resource = typeof(XapiWorld).Assembly.GetManifestResourceStream("tiny.iso")!;
        var content = new byte[resource.Length];
        resource.ReadExactly(content);
        return content;
    }

    private XapiObject Sr(string name, string type, string contentType, bool shared, bool canStore)
    {
        var sr = _host.Database.Create("SR", ("name_label", name), ("type", type), ("content_type", contentType), ("shared", shared),
            ("physical_size", contentType == "iso" && !canStore ? 0L : _host.Options.SrSize),
            ("allowed_operations", canStore ? (List<object>)["scan", "vdi_create", "vdi_destroy", "vdi_resize", "vdi_clone", "plug", "unplug"] : (List<object>)["scan", "plug", "unplug"]));
        var pbd = _host.Database.Create("PBD", ("host", Host.Ref), ("SR", sr.Ref), ("currently_attached", true));
        _host.Database.Add(sr, "PBDs", pbd.Ref);
        _host.Database.Add(Host, "PBDs", pbd.Ref);
        return sr;
    }

    private XapiObject Physical(string device, int number)
    {
        var network = _host.Database.Create("network", ("name_label", $"Pool-wide network associated with {device}"), ("bridge", $"xenbr{number}"), ("MTU", 1500L));
        var pif = _host.Database.Create("PIF", ("device", device), ("host", Host.Ref), ("network", network.Ref), ("VLAN", -1L), ("physical", true),
            ("management", number == 0), ("currently_attached", true), ("managed", true), ("MAC", $"00:16:3e:00:00:0{number}"), ("MTU", 1500L));
        _host.Database.Add(network, "PIFs", pif.Ref);
        _host.Database.Add(Host, "PIFs", pif.Ref);
        return network;
    }

    private void Template(string name, long memory, Dictionary<string, object> otherConfig)
    {
        var template = Vm(name, memory, 1, ("is_a_template", true), ("is_default_template", true), ("other_config", otherConfig));
        _host.Database.Touch(template);
    }

    // A user's template, which vm_deploy.json names: one disk with data, an empty CD drive, one interface.
    private void Alpine(XapiObject sr)
    {
        var template = Vm("alpine-template", Gibibyte / 2, 1, ("is_a_template", true), ("name_description", "Alpine Linux with cloud-init"));
        var vdi = VdiCalls.Create(_host, new Dictionary<string, object>
        {
            ["SR"] = sr.Ref,
            ["virtual_size"] = Gibibyte,
            ["type"] = "user",
            ["sharable"] = false,
            ["read_only"] = false,
            ["name_label"] = "alpine-template disk 0",
            ["other_config"] = new Dictionary<string, object>(),
        });
        _host.Files.Write(vdi.Uuid, 0, Encoding.ASCII.GetBytes("Alpine".PadRight(4096, '.')));
        Vbd(template, vdi, "Disk", "0");
        Vbd(template, null, "CD", "3");
        NetworkCalls.CreateVif(_host, new Dictionary<string, object>
        {
            ["VM"] = template.Ref,
            ["network"] = Network.Ref,
            ["device"] = "0",
            ["MAC"] = "",
            ["MTU"] = 1500L,
            ["other_config"] = new Dictionary<string, object>(),
        });
    }

    private void Vbd(XapiObject vm, XapiObject? vdi, string type, string device) => VbdCalls.Create(_host, new Dictionary<string, object>
    {
        ["VM"] = vm.Ref,
        ["VDI"] = vdi?.Ref ?? XapiType.NullRef,
        ["userdevice"] = device,
        ["bootable"] = true,
        ["mode"] = type == "CD" ? "RO" : "RW",
        ["type"] = type,
        ["empty"] = vdi is null,
        ["other_config"] = new Dictionary<string, object>(),
    });

    private XapiObject Vm(string name, long memory, long cpus, params (string Field, object Value)[] more)
    {
        var record = XapiSchema.Instance.Classes["VM"].Fields.Values.Where(f => f.IsConstructor).ToDictionary(f => f.Name, f => f.Default ?? f.Type.Zero);
        foreach (var (field, value) in new (string, object)[]
        {
            ("name_label", name), ("memory_static_min", Math.Min(memory, 128 << 20)), ("memory_dynamic_min", memory), ("memory_dynamic_max", memory),
            ("memory_static_max", memory), ("VCPUs_max", cpus), ("VCPUs_at_startup", cpus), ("actions_after_shutdown", "destroy"),
            ("actions_after_reboot", "restart"), ("actions_after_crash", "restart"), ("HVM_boot_policy", "BIOS order"),
            ("HVM_boot_params", Strings(("order", "dc"), ("firmware", "bios"))), ("domain_type", "hvm"),
            ("platform", Strings(("acpi", "1"), ("apic", "true"), ("pae", "true"), ("viridian", "true"), ("nx", "true"), ("device-model", "qemu-upstream-compat"))),
        })
            record[field] = value;
        foreach (var (field, value) in more)
            record[field] = value;
        return VmCalls.Create(_host, record);
    }

    private static Dictionary<string, object> Strings(params (string Key, string Value)[] entries) =>
        entries.ToDictionary(e => e.Key, e => (object)e.Value);
}
