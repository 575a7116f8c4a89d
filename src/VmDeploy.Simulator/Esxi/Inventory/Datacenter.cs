using VmDeploy.Simulator.Esxi.Core;
using VmDeploy.Simulator.Esxi.Data;

namespace VmDeploy.Simulator.Esxi.Inventory;

/// <summary>A datacenter with its four folders.</summary>
[VimUnset("configuration", "DatacenterConfigInfo")]
internal sealed class Datacenter : ManagedEntity
{
    public Datacenter(EsxiHost host, string id, Folder owner, string name, FolderIds folders)
        : base(host, id, owner, name)
    {
        VmFolderObject = host.Add(new Folder(host, folders.Vm, this, "vm", "VirtualMachine", "VirtualApp", "Folder"));
        HostFolderObject = host.Add(new Folder(host, folders.Host, this, "host", "ComputeResource", "Folder"));
        DatastoreFolderObject = host.Add(new Folder(host, folders.Datastore, this, "datastore", "Datastore", "StoragePod", "Folder"));
        NetworkFolderObject = host.Add(new Folder(host, folders.Network, this, "network", "Network", "Folder"));
    }

    public Folder VmFolderObject { get; }

    public Folder HostFolderObject { get; }

    public Folder DatastoreFolderObject { get; }

    public Folder NetworkFolderObject { get; }

    [VimProperty("ManagedObjectReference")]
    public Mor VmFolder => VmFolderObject.Self;

    [VimProperty("ManagedObjectReference")]
    public Mor HostFolder => HostFolderObject.Self;

    [VimProperty("ManagedObjectReference")]
    public Mor DatastoreFolder => DatastoreFolderObject.Self;

    [VimProperty("ManagedObjectReference")]
    public Mor NetworkFolder => NetworkFolderObject.Self;

    [VimProperty("ManagedObjectReference*")]
    public IEnumerable<Mor> Datastore => References(Datastores);

    [VimProperty("ManagedObjectReference*")]
    public IEnumerable<Mor> Network => References(NetworkFolderObject.Children.OfType<Network>());

    public IEnumerable<Datastore> Datastores => DatastoreFolderObject.Tree.OfType<Datastore>();

    public override IEnumerable<ManagedEntity> Children => [VmFolderObject, HostFolderObject, DatastoreFolderObject, NetworkFolderObject];
}

/// <summary>Ids of a datacenter's folders.</summary>
internal sealed record FolderIds(string Vm, string Host, string Datastore, string Network);
