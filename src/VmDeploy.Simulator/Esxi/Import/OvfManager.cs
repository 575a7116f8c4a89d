using System.Xml.Linq;
using VmDeploy.Simulator.Esxi.Core;
using VmDeploy.Simulator.Esxi.Data;
using VmDeploy.Simulator.Esxi.Inventory;
using VmDeploy.Simulator.Esxi.Snapshots;
using VmDeploy.Simulator.Esxi.Soap;
using VmDeploy.Simulator.Esxi.Vms;

namespace VmDeploy.Simulator.Esxi.Import;

/// <summary>Reads OVF descriptors, and writes those of VMs.</summary>
[VimUnset("ovfImportOption", "OvfOptionInfo*")]
[VimUnset("ovfExportOption", "OvfOptionInfo*")]
internal sealed class OvfManager(EsxiHost host, string id) : ManagedObject(host, id)
{
    [VimMethod]
    public object CreateImportSpec(VimCall call)
    {
        var arguments = call.Arguments;
        var pool = Esx.Get<ResourcePool>(arguments.Ref("resourcePool")!);
        var datastore = Esx.Get<Datastore>(arguments.Ref("datastore")!);
        var parameters = arguments.Object("cisp")!;
        if (parameters.Ref("hostSystem") is { } reference && !pool.Compute.Hosts.Contains(Esx.Get<HostSystem>(reference)))
            throw VimFault.InvalidArgument("cisp.hostSystem", "The host does not belong to the resource pool.");
        if (!pool.Compute.Hosts.Any(h => h.Datastores.Contains(datastore)))
            throw VimFault.InvalidArgument("datastore", "No host of the resource pool reaches the datastore.");
        var ovf = OvfDescriptor.Read(arguments.Text("ovfDescriptor")!);
        return Esx.IsVCenter && ovf.Collection is not null
            ? new VirtualAppSpecBuilder(Esx, ovf, datastore, parameters).Build()
            : new ImportSpecBuilder(Esx, ovf, datastore, parameters).Build();
    }

    [VimMethod]
    public object CreateDescriptor(VimCall call)
    {
        var vm = Esx.Get<VirtualMachine>(call.Arguments.Ref("obj")!);
        var parameters = call.Arguments.Object("cdp")!;
        var snapshot = parameters.Ref("snapshot") is { } reference ? Esx.Get<VirtualMachineSnapshot>(reference) : null;
        if (snapshot is not null && snapshot.Machine != vm)
            throw VimFault.InvalidArgument("cdp.snapshot");
        if (Esx.Faults.TakeTaskFault(call.Method) is { } order)
            return new DataObject("OvfCreateDescriptorResult") { ["ovfDescriptor"] = "", ["error"] = new[] { VimFault.Of(order.Fault, order.Message).ToLocalized() } };
        return new DescriptorBuilder(vm, snapshot?.Config ?? vm.ConfigData, parameters).Build();
    }

    [VimMethod]
    public object ParseDescriptor(VimCall call)
    {
        var ovf = OvfDescriptor.Read(call.Arguments.Text("ovfDescriptor")!);
        return new DataObject("OvfParseDescriptorResult")
        {
            ["eula"] = ovf.Eulas,
            ["network"] = ovf.Networks.Select(network => new DataObject("OvfNetworkInfo")
            {
                ["name"] = (string?)network.Attribute(OvfDescriptor.Ovf + "name") ?? "",
                ["description"] = network.Element(OvfDescriptor.Ovf + "Description")?.Value ?? "",
            }),
            ["property"] = OvfProperties.All(ovf),
            ["productInfo"] = OvfProperties.Products(ovf).FirstOrDefault(),
            ["annotation"] = ovf.Annotation,
            ["approximateFlatDeploymentSize"] = ovf.Disks.Sum(Capacity),
            ["defaultEntityName"] = ovf.Name,
            ["virtualApp"] = ovf.Collection is not null,
            ["deploymentOption"] = ovf.Configurations.Select(configuration => new DataObject("OvfDeploymentOption")
            {
                ["key"] = (string?)configuration.Attribute(OvfDescriptor.Ovf + "id") ?? "",
                ["label"] = configuration.Element(OvfDescriptor.Ovf + "Label")?.Value ?? "",
                ["description"] = configuration.Element(OvfDescriptor.Ovf + "Description")?.Value ?? "",
            }),
            ["defaultDeploymentOption"] = ovf.DefaultConfiguration,
            ["error"] = ovf.Errors.Select(f => f.ToLocalized()),
            ["warning"] = ovf.Warnings.Select(f => f.ToLocalized()),
        };
    }

    private static long Capacity(XElement disk)
    {
        try
        {
            return OvfDescriptor.Bytes((string?)disk.Attribute(OvfDescriptor.Ovf + "capacity") ?? "0", (string?)disk.Attribute(OvfDescriptor.Ovf + "capacityAllocationUnits"));
        }
        catch (Exception e) when (e is FormatException or OverflowException)
        {
            return 0;
        }
    }
}
