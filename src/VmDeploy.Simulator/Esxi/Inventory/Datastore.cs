using VmDeploy.Simulator.Esxi.Core;
using VmDeploy.Simulator.Esxi.Data;
using VmDeploy.Simulator.Esxi.Datastores;
using VmDeploy.Simulator.Esxi.Soap;
using VmDeploy.Simulator.Esxi.Vms;

namespace VmDeploy.Simulator.Esxi.Inventory;

/// <summary>A datastore: a folder on this machine.</summary>
[VimUnset("iormConfiguration", "StorageIORMInfo")]
internal sealed class Datastore : ManagedEntity
{
    public Datastore(EsxiHost host, string id, Folder owner, string name)
        : base(host, id, owner, name)
    {
        // Datastores of several datacenters can have the same name.
        Root = Path.Combine(host.DataFolder, host.All<Datastore>().Any(other => other.Name == name) ? $"{name} ({id})" : name);
        Directory.CreateDirectory(Root);
        BrowserObject = host.Add(new HostDatastoreBrowser(host, host.IsVCenter ? $"datastoreBrowser-{id}" : $"{id}-datastorebrowser", this));
    }

    /// <summary>Its folder on this machine.</summary>
    public string Root { get; }

    public HostDatastoreBrowser BrowserObject { get; }

    /// <summary>The end of the friendly names that folders at the top of a vSAN datastore have beside their own.</summary>
    public const string FriendlySuffix = " friendly";

    public bool IsVsan => Esx.Options.VsanDatastores;

    /// <summary>The attributes of virtual disks, by datastore path.</summary>
    public Dictionary<string, DiskAttributes> Disks { get; } = [];

    [VimProperty("ManagedObjectReference")]
    public Mor Browser => BrowserObject.Self;

    [VimProperty("DatastoreCapability")]
    public DataObject Capability => new("DatastoreCapability")
    {
        ["directoryHierarchySupported"] = true,
        ["rawDiskMappingsSupported"] = true,
        ["perFileThinProvisioningSupported"] = true,
        ["topLevelDirectoryCreateSupported"] = !Esx.Options.VsanDatastores,
    };

    [VimProperty("DatastoreHostMount*")]
    public IEnumerable<object> Host => Hosts.Select(h => new DataObject("DatastoreHostMount")
    {
        ["key"] = h.Self,
        ["mountInfo"] = new DataObject("HostMountInfo")
        {
            ["path"] = Url,
            ["accessMode"] = "readWrite",
            ["mounted"] = true,
            ["accessible"] = true,
        },
    });

    [VimProperty("DatastoreInfo")]
    public DataObject Info => new("VmfsDatastoreInfo")
    {
        ["name"] = Name,
        ["url"] = Url,
        ["freeSpace"] = FreeSpace,
        ["maxFileSize"] = 64L << 40,
        ["maxVirtualDiskCapacity"] = 62L << 40,
    };

    [VimProperty("DatastoreSummary")]
    public DataObject Summary => new("DatastoreSummary")
    {
        ["datastore"] = Self,
        ["name"] = Name,
        ["url"] = Url,
        ["capacity"] = Esx.Options.DatastoreCapacity,
        ["freeSpace"] = FreeSpace,
        ["uncommitted"] = 0L,
        ["accessible"] = true,
        ["multipleHostAccess"] = Hosts.Count() > 1,
        ["type"] = Esx.Options.VsanDatastores ? "vsan" : "VMFS",
        ["maintenanceMode"] = "normal",
    };

    [VimProperty("ManagedObjectReference*")]
    public IEnumerable<Mor> Vm => References(Esx.All<VirtualMachine>().Where(vm => vm.Datastore.Contains(Self)));

    public IEnumerable<HostSystem> Hosts => Esx.All<HostSystem>().Where(h => h.Datastores.Contains(this));

    /// <summary>Capacity less the size of all files, in bytes.</summary>
    public long FreeSpace =>
        Esx.Options.DatastoreCapacity - new DirectoryInfo(Root).EnumerateFiles("*", SearchOption.AllDirectories).Sum(LengthOf);

    // Another client may delete it meanwhile.
    private static long LengthOf(FileInfo file)
    {
        try
        {
            return file.Length;
        }
        catch (FileNotFoundException)
        {
            return 0;
        }
    }

    private string Url => $"/vmfs/volumes/{Self.Value}/";

    [VimMethod]
    public void RefreshDatastore(VimCall call) => Changed();

    /// <exception cref="VimFault">NoDiskSpace.</exception>
    public void CheckSpace(long bytes)
    {
        if (bytes > FreeSpace)
            throw VimFault.NoDiskSpace(Name);
    }
}
