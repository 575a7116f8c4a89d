using VmDeploy.Simulator.Esxi.Core;
using VmDeploy.Simulator.Esxi.Datastores;
using VmDeploy.Simulator.Esxi.Vms;

namespace VmDeploy.Simulator.Esxi.Inventory;

/// <summary>Finds entities by path, name, uuid or address.</summary>
internal sealed class SearchIndex(EsxiHost host, string id, Folder root) : ManagedObject(host, id)
{
    [VimMethod]
    public object? FindByInventoryPath(VimCall call)
    {
        ManagedEntity? found = root;
        foreach (var name in call.Arguments.Text("inventoryPath")!.Split('/', StringSplitOptions.RemoveEmptyEntries))
            found = found?.Children.FirstOrDefault(c => c.Name == Uri.UnescapeDataString(name));
        return found?.Self;
    }

    [VimMethod]
    public object? FindChild(VimCall call) =>
        Esx.Get<ManagedEntity>(call.Arguments.Ref("entity")!).Children.FirstOrDefault(c => c.Name == call.Arguments.Text("name"))?.Self;

    [VimMethod]
    public object? FindByUuid(VimCall call)
    {
        var uuid = call.Arguments.Text("uuid");
        var field = call.Arguments.Bool("instanceUuid") == true ? "instanceUuid" : "uuid";
        return call.Arguments.Bool("vmSearch") == true
            ? Machines(call).FirstOrDefault(vm => vm.Config.Text(field) == uuid)?.Self
            : Esx.All<HostSystem>().FirstOrDefault(h => h.Summary.Object("hardware")!.Text("uuid") == uuid)?.Self;
    }

    [VimMethod]
    public object? FindByDatastorePath(VimCall call)
    {
        var path = DatastorePath.Parse(call.Arguments.Text("path")!, Esx.Get<Datacenter>(call.Arguments.Ref("datacenter")!));
        return Esx.All<VirtualMachine>().FirstOrDefault(vm => vm.VmxPath == path)?.Self;
    }

    [VimMethod]
    public object? FindByIp(VimCall call) =>
        call.Arguments.Bool("vmSearch") == true
            ? Machines(call).FirstOrDefault(vm => vm.Guest.Text("ipAddress") == call.Arguments.Text("ip"))?.Self
            : null;

    [VimMethod]
    public object? FindByDnsName(VimCall call)
    {
        var name = call.Arguments.Text("dnsName");
        return call.Arguments.Bool("vmSearch") == true
            ? Machines(call).FirstOrDefault(vm => vm.Guest.Text("hostName") == name)?.Self
            : Esx.All<HostSystem>().FirstOrDefault(h => h.Name == name)?.Self;
    }

    private IEnumerable<VirtualMachine> Machines(VimCall call)
    {
        var center = call.Arguments.Ref("datacenter") is { } reference ? Esx.Get<Datacenter>(reference) : null;
        return Esx.All<VirtualMachine>().Where(vm => center is null || vm.Center == center);
    }
}
