using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace VmDeploy.PowerShell;

/// <summary>Writes a deployment's file for VMs that exist.</summary>
internal static class DeploymentWriter
{
    /// <summary>The file's text: JSON with comments.</summary>
    public static string Write(string name, IReadOnlyList<Vm> vms)
    {
        var hosts = vms.Select(vm => vm.Session).Distinct().Select((session, i) => (session, Name: $"host{i + 1}")).ToDictionary(one => one.session, one => one.Name);
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        using var json = new JsonTextWriter(text) { Formatting = Formatting.Indented };
        new JObject
        {
            ["name"] = name,
            ["hosts"] = new JObject(hosts.Select(one => new JProperty(one.Value, Host(one.Key)))),
            ["machines"] = new JObject(vms.GroupBy(vm => vm.Name, StringComparer.OrdinalIgnoreCase).SelectMany(same => same.Select((vm, i) => Entry(vm, i, hosts)))),
        }.WriteTo(json);
        json.Flush();
        return text + "\n";
    }

    private static JObject Host(VmSession session)
    {
        var host = new JObject
        {
            ["server"] = session.Server,
            ["kind"] = session.Hypervisor switch { HypervisorKind.XenServer => "xenserver", HypervisorKind.VCenter => "vcenter", _ => "esxi" },
        };
        if (session.Port != 443)
            host["port"] = session.Port;
        if (session.ViaSsh is { } ssh)
            host["via_ssh"] = ssh;
        if (session.CertificateThumbprint is { } thumbprint)
            host["thumbprint"] = thumbprint;
        return host;
    }

    // Several VMs can have one name.
    private static JProperty Entry(Vm vm, int number, Dictionary<VmSession, string> hosts)
    {
        var machine = Machine(vm, hosts);
        if (number > 0)
            machine["name_pattern"] = vm.Name;
        return new(number == 0 ? vm.Name : $"{vm.Name} ({number + 1})", machine);
    }

    private static JObject Machine(Vm vm, Dictionary<VmSession, string> hosts)
    {
        var machine = new JObject
        {
            ["_comment"] = "ovf_path is a guess: Export-VmOva writes such a package. source, template or iso_path may take its place.",
            ["host"] = hosts[vm.Session],
            ["ovf_path"] = $"{vm.Name}.ova",
            ["cpu"] = vm.CpuCount,
            ["memory"] = vm.MemoryMB,
            ["disk"] = new JArray(vm.Disks.Select(disk => Math.Round(disk.CapacityBytes / (double)(1L << 30), 6))),
            ["state"] = vm.PowerState switch { nameof(PowerState.On) => "running", nameof(PowerState.Off) => "stopped", _ => "present" },
        };
        if (vm.NetworkAdapters.All(adapter => !string.IsNullOrEmpty(adapter.NetworkName)))
            machine["network"] = new JArray(vm.NetworkAdapters.Select(adapter => adapter.NetworkName));
        if (vm.Session.Hypervisor == HypervisorKind.VCenter && !string.IsNullOrEmpty(vm.HostName))
            machine["host_name"] = vm.HostName;
        if (!string.IsNullOrEmpty(vm.Annotation))
            machine["annotation"] = vm.Annotation;
        if (!string.IsNullOrEmpty(vm.Datacenter))
            machine["datacenter"] = vm.Datacenter;
        if (!string.IsNullOrEmpty(vm.Folder))
            machine["folder"] = vm.Folder;
        if (vm.Path is { } path && path.StartsWith("[", StringComparison.Ordinal) && path.IndexOf(']') is > 1 and var end)
            machine["datastore"] = path.Substring(1, end - 1);
        return machine;
    }
}
