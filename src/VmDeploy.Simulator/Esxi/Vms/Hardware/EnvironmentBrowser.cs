using VmDeploy.Simulator.Esxi.Core;
using VmDeploy.Simulator.Esxi.Data;
using VmDeploy.Simulator.Esxi.Inventory;
using VmDeploy.Simulator.Esxi.Soap;

namespace VmDeploy.Simulator.Esxi.Vms;

/// <summary>The options for VMs on a host or cluster.</summary>
[VimUnset("datastoreBrowser", "ManagedObjectReference")]
internal sealed class EnvironmentBrowser(EsxiHost host, string id, ComputeResource compute) : ManagedObject(host, id)
{
    [VimMethod]
    public object QueryConfigTarget(VimCall call)
    {
        var hosts = HostsOf(call.Arguments.Ref("host"));
        var datastores = hosts.SelectMany(h => h.Datastores).Distinct();
        var networks = hosts.SelectMany(h => h.Networks).Distinct().ToList();
        var target = Blank.Of("ConfigTarget");
        target["numCpus"] = HostSystem.CpuCores;
        target["numCpuCores"] = HostSystem.CpuCores;
        target["numNumaNodes"] = 1;
        target["maxMemMBOptimalPerf"] = (int)(HostSystem.MemoryBytes >> 20);
        target["datastore"] = datastores.Select(datastore => new DataObject("VirtualMachineDatastoreInfo")
        {
            ["name"] = datastore.Name,
            ["datastore"] = datastore.Summary,
            ["capability"] = datastore.Capability,
            ["maxFileSize"] = 64L << 40,
            ["mode"] = "readWrite",
        });
        target["network"] = networks.Where(n => n is not (DistributedVirtualPortgroup or OpaqueNetwork)).Select(network => new DataObject("VirtualMachineNetworkInfo")
        {
            ["name"] = network.Name,
            ["network"] = network.Summary,
        });
        target["distributedVirtualPortgroup"] = networks.OfType<DistributedVirtualPortgroup>().Select(group => new DataObject("DistributedVirtualPortgroupInfo")
        {
            ["switchName"] = group.Switch.Name,
            ["switchUuid"] = group.Switch.Uuid,
            ["portgroupName"] = group.Name,
            ["portgroupKey"] = group.Key,
            ["portgroupType"] = "earlyBinding",
            ["uplinkPortgroup"] = false,
            ["portgroup"] = group.Self,
        });
        target["cdRom"] = HostSystem.CdromDevices.Select(device => new DataObject("VirtualMachineCdromInfo") { ["name"] = device });
        return target;
    }

    [VimMethod]
    public object QueryConfigOptionDescriptor(VimCall call) => HardwareVersion.All(Esx).Select(version => new DataObject("VirtualMachineConfigOptionDescriptor")
    {
        ["key"] = version,
        ["description"] = $"ESXi virtual machine, {version}",
        ["host"] = compute.Hosts.Select(h => h.Self),
        ["createSupported"] = true,
        ["defaultConfigOption"] = version == HardwareVersion.Newest(Esx),
        ["runSupported"] = true,
        ["upgradeSupported"] = true,
    }).ToList();

    [VimMethod]
    public object? QueryConfigOption(VimCall call)
    {
        _ = HostsOf(call.Arguments.Ref("host"));
        return Option(call.Arguments.Text("key"), []);
    }

    [VimMethod]
    public object? QueryConfigOptionEx(VimCall call)
    {
        var spec = call.Arguments.Object("spec");
        _ = HostsOf(spec?.Ref("host"));
        List<string> guests = [.. spec?.Items("guestId").Cast<string>() ?? []];
        if (guests.Exists(id => Guests.FullName(id) is null))
            throw VimFault.InvalidArgument("spec.guestId");
        return Option(spec?.Text("key"), [.. guests]);
    }

    private List<HostSystem> HostsOf(Mor? reference)
    {
        if (reference is null)
            return compute.Hosts;
        var wanted = Esx.Get<HostSystem>(reference);
        return compute.Hosts.Contains(wanted) ? [wanted] : throw VimFault.InvalidArgument("host");
    }

    private DataObject? Option(string? version, HashSet<string> guests)
    {
        version ??= HardwareVersion.Newest(Esx);
        if (!HardwareVersion.IsSupported(Esx, version))
            return null;
        var option = Blank.Of("VirtualMachineConfigOption");
        option["version"] = version;
        option["description"] = $"ESXi virtual machine, {version}";
        option["guestOSDescriptor"] = Guests.All.Where(id => guests.Count == 0 || guests.Contains(id)).Select(Guests.Describe);
        var hardware = option.Object("hardwareOptions")!;
        hardware["hwVersion"] = int.Parse(version["vmx-".Length..], System.Globalization.CultureInfo.InvariantCulture);
        hardware["numCPU"] = Enumerable.Range(1, HostSystem.CpuCores).Select(n => (object)n);
        hardware["memoryMB"] = new DataObject("LongOption")
        {
            ["valueIsReadonly"] = false,
            ["min"] = 4L,
            ["max"] = HostSystem.MemoryBytes >> 20,
            ["defaultValue"] = 1024L,
        };
        option["supportedOvfEnvironmentTransport"] = new[] { "iso", "com.vmware.guestInfo" };
        return option;
    }
}
