using System.Globalization;
using VmDeploy.Simulator.Esxi.Core;
using VmDeploy.Simulator.Esxi.Data;
using VmDeploy.Simulator.Esxi.Datastores;
using VmDeploy.Simulator.Esxi.Import;
using VmDeploy.Simulator.Esxi.Sessions;
using VmDeploy.Simulator.Esxi.Tasks;
using VmDeploy.Simulator.Esxi.Views;
using VmDeploy.Simulator.Esxi.Vms;

namespace VmDeploy.Simulator.Esxi.Inventory;

/// <summary>Creates the objects that a new host has from the start.</summary>
internal static class InventoryBuilder
{
    public static void Build(EsxiHost host)
    {
        var root = host.IsVCenter ? BuildVCenter(host) : BuildEsxi(host);
        BuildServices(host, root);
        SeedFolders(host);
        SeedVms(host);
    }

    private static Folder BuildEsxi(EsxiHost host)
    {
        var root = host.Add(new Folder(host, "ha-folder-root", null, "ha-folder-root", "Datacenter"));
        var center = root.Take(host.Add(new Datacenter(host, "ha-datacenter", root, "ha-datacenter",
            new("ha-folder-vm", "ha-folder-host", "ha-folder-datastore", "ha-folder-network"))));
        var compute = center.HostFolderObject.Take(host.Add(
            new ComputeResource(host, "ha-compute-res", center.HostFolderObject, "localhost.localdomain", "ha-root-pool")));
        Datastore[] stores = [AddDatastore(center, "5f3e1a20-0c1d2e3f-4a5b-000c29000001", "datastore1"), AddDatastore(center, "5f3e1a20-0c1d2e3f-4a5b-000c29000002", "datastore2")];
        Network[] networks = [AddNetwork(center, "HaNetwork-VM Network", "VM Network"), AddNetwork(center, "HaNetwork-Lab", "Lab")];
        AddHost(compute, "ha-host", "localhost.localdomain", stores, networks);
        return root;
    }

    private static Folder BuildVCenter(EsxiHost host)
    {
        var root = host.Add(new Folder(host, "group-d1", null, "Datacenters", "Folder", "Datacenter"));

        var main = AddDatacenter(root, "ha-datacenter");
        var folder = main.HostFolderObject;
        var cluster = folder.Take(host.Add(new ClusterComputeResource(host, Id(host, "domain-c"), folder, "cluster1", Id(host, "resgroup-"))));
        var shared = AddDatastore(main, Id(host, "datastore-"), "datastore1");
        var local = AddDatastore(main, Id(host, "datastore-"), "datastore2");
        var networkFolder = main.NetworkFolderObject;
        var dvs = networkFolder.Take(host.Add(new VmwareDistributedVirtualSwitch(host, Id(host, "dvs-"), networkFolder, "dvs1")));
        Network[] networks =
        [
            AddNetwork(main, Id(host, "network-"), "VM Network"),
            AddNetwork(main, Id(host, "network-"), "Lab"),
            networkFolder.Take(host.Add(new DistributedVirtualPortgroup(host, Id(host, "dvportgroup-"), networkFolder, "dvs1-production", dvs))),
            networkFolder.Take(host.Add(new DistributedVirtualPortgroup(host, Id(host, "dvportgroup-"), networkFolder, "dvs1-DVUplinks-1", dvs, isUplink: true))),
            networkFolder.Take(host.Add(new DistributedVirtualPortgroup(host, Id(host, "dvportgroup-"), networkFolder, "dvs1-DVUplinks-2", dvs, isUplink: true, isTagged: false))),
            .. host.Options.OpaqueNetworks.Select(name => networkFolder.Take(host.Add(new OpaqueNetwork(host, Id(host, "network-o"), networkFolder, name)))),
        ];
        var pooled = host.Options.StoragePods.SelectMany(name => AddPod(main, name)).ToList();
        AddHost(cluster, Id(host, "host-"), "localhost.localdomain", [shared, local, .. pooled], networks);
        AddHost(cluster, Id(host, "host-"), "esx2.localdomain", [shared, .. pooled], networks);

        var branch = AddDatacenter(root, "branch");
        var single = branch.HostFolderObject.Take(host.Add(
            new ComputeResource(host, Id(host, "domain-s"), branch.HostFolderObject, "esx3.localdomain", Id(host, "resgroup-"))));
        AddHost(single, Id(host, "host-"), "esx3.localdomain",
            [AddDatastore(branch, Id(host, "datastore-"), "branch-datastore1")], [AddNetwork(branch, Id(host, "network-"), "VM Network")]);
        foreach (var path in host.Options.Datacenters)
            AddNested(root, path);
        return root;
    }

    private static void BuildServices(EsxiHost host, Folder root)
    {
        const string CollectorId = "ha-property-collector";
        string Name(string esxi, string vCenter) => host.IsVCenter ? vCenter : esxi;

        var collector = Name(CollectorId, "propertyCollector");
        var content = new DataObject("ServiceContent")
        {
            ["rootFolder"] = root.Self,
            ["propertyCollector"] = new Mor("PropertyCollector", collector),
            ["viewManager"] = host.Add(new ViewManager(host, "ViewManager")).Self,
            ["about"] = About.OfServer(host),
            ["sessionManager"] = host.Add(new SessionManager(host, Name("ha-sessionmgr", "SessionManager"), collector)).Self,
            ["taskManager"] = host.Add(new TaskManager(host, Name("ha-taskmgr", "TaskManager"))).Self,
            ["searchIndex"] = host.Add(new SearchIndex(host, Name("ha-searchindex", "SearchIndex"), root)).Self,
            ["fileManager"] = host.Add(new FileManager(host, Name("ha-nfc-file-manager", "FileManager"))).Self,
            ["virtualDiskManager"] = host.Add(new VirtualDiskManager(host, Name("ha-vdiskmanager", "virtualDiskManager"))).Self,
            ["storageResourceManager"] = host.IsVCenter ? host.Add(new StorageResourceManager(host, "StorageResourceManager")).Self : null,
            ["ovfManager"] = host.Add(new OvfManager(host, Name("ha-ovf-manager", "OvfManager"))).Self,
        };
        host.Add(new ServiceInstance(host, content));
    }

    private static Datacenter AddDatacenter(Folder root, string name)
    {
        var host = root.Esx;
        var center = new Datacenter(host, Id(host, "datacenter-"), root, name,
            new(Id(host, "group-v"), Id(host, "group-h"), Id(host, "group-s"), Id(host, "group-n")));
        return root.Take(host.Add(center));
    }

    // A datacenter in folders, with one host, 'esx.<name>', and one datastore, '<name>-datastore1'.
    private static void AddNested(Folder root, string path)
    {
        var host = root.Esx;
        var names = path.Split('/');
        var at = root;
        foreach (var name in names.SkipLast(1))
            at = at.Children.OfType<Folder>().FirstOrDefault(f => f.Name == name) ?? at.Make(name);
        var center = AddDatacenter(at, names[^1]);
        var folder = center.HostFolderObject;
        var compute = folder.Take(host.Add(new ComputeResource(host, Id(host, "domain-s"), folder, $"esx.{names[^1]}", Id(host, "resgroup-"))));
        AddHost(compute, Id(host, "host-"), $"esx.{names[^1]}",
            [AddDatastore(center, Id(host, "datastore-"), $"{names[^1]}-datastore1")], [AddNetwork(center, Id(host, "network-"), "VM Network")]);
    }

    // A datastore cluster of two: '<name>-1' and '<name>-2'.
    private static IEnumerable<Datastore> AddPod(Datacenter center, string name)
    {
        var host = center.Esx;
        var folder = center.DatastoreFolderObject;
        var pod = folder.Take(host.Add(new StoragePod(host, Id(host, "group-p"), folder, name)));
        return [.. Enumerable.Range(1, 2).Select(n => pod.Take(host.Add(new Datastore(host, Id(host, "datastore-"), pod, string.Create(CultureInfo.InvariantCulture, $"{name}-{n}")))))];
    }

    private static Datastore AddDatastore(Datacenter center, string id, string name)
    {
        var folder = center.DatastoreFolderObject;
        return folder.Take(center.Esx.Add(new Datastore(center.Esx, id, folder, name)));
    }

    private static Network AddNetwork(Datacenter center, string id, string name)
    {
        var folder = center.NetworkFolderObject;
        return folder.Take(center.Esx.Add(new Network(center.Esx, id, folder, name)));
    }

    private static void AddHost(ComputeResource compute, string id, string name, IEnumerable<Datastore> stores, IEnumerable<Network> networks)
    {
        var host = compute.Esx.Add(new HostSystem(compute.Esx, id, compute, name));
        host.Datastores.AddRange(stores);
        host.Networks.AddRange(networks);
        compute.Hosts.Add(host);
    }

    private static void SeedFolders(EsxiHost host)
    {
        foreach (var path in host.Options.Folders)
        {
            var at = host.All<Datacenter>().First().VmFolderObject;
            foreach (var name in path.Split('/'))
                at = at.Children.OfType<Folder>().FirstOrDefault(f => f.Name == name) ?? at.Make(name);
        }
        foreach (var path in host.Options.ResourcePools)
        {
            var at = host.All<ComputeResource>().First().Pool;
            foreach (var name in path.Split('/'))
                at = at.Children.OfType<ResourcePool>().FirstOrDefault(p => p.Name == name) ?? at.Make(name);
        }
    }

    // They exist only for lists: they have configurations, but no files.
    private static void SeedVms(EsxiHost host)
    {
        var center = host.All<Datacenter>().First();
        var compute = center.HostFolderObject.Children.OfType<ComputeResource>().First();
        var store = center.Datastores.First();
        for (var i = 1; i <= host.Options.VmCount; i++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"vm-{i:00000}");
            var home = DatastorePath.Of(store, name);
            var editor = ConfigEditor.ForNew(center, compute.Hosts[0], home.Child($"{name}.vmx"), name);
            editor.Apply(SeedSpec(name));
            var vm = new VirtualMachine(host, host.IsVCenter ? Id(host, "vm-") : host.NextVmNumber(), center.VmFolderObject, editor.Config, home, compute.Pool, compute.Hosts[0]);
            center.VmFolderObject.Take(host.Add(vm));
        }
    }

    private static DataObject SeedSpec(string name) => new("VirtualMachineConfigSpec")
    {
        ["name"] = name,
        ["guestId"] = "otherLinux64Guest",
        ["numCPUs"] = 2,
        ["memoryMB"] = 1024L,
        ["deviceChange"] = new[]
        {
            Added(new("ParaVirtualSCSIController") { ["key"] = -1, ["busNumber"] = 0, ["sharedBus"] = "noSharing" }),
            Added(new("VirtualDisk")
            {
                ["key"] = -2,
                ["controllerKey"] = -1,
                ["unitNumber"] = 0,
                ["capacityInKB"] = 16L << 20,
                ["backing"] = new DataObject("VirtualDiskFlatVer2BackingInfo") { ["fileName"] = "", ["diskMode"] = "persistent", ["thinProvisioned"] = true },
            }, "create"),
            Added(new("VirtualVmxnet3") { ["key"] = -3, ["backing"] = new DataObject("VirtualEthernetCardNetworkBackingInfo") { ["deviceName"] = "VM Network" } }),
        },
    };

    private static DataObject Added(DataObject device, string? file = null) =>
        new("VirtualDeviceConfigSpec") { ["operation"] = "add", ["fileOperation"] = file, ["device"] = device };

    private static string Id(EsxiHost host, string prefix) => prefix + host.NextNumber();
}
