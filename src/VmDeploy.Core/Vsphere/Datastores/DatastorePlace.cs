namespace VmDeploy.Vsphere;

/// <summary>A datastore, and how its files are reached.</summary>
internal sealed class DatastorePlace
{
    private readonly string _datacenterPath;
    private readonly ObjectContent _datastore;

    public DatastorePlace(Inventory inventory, ObjectContent datastore, ObjectContent datacenter)
    {
        _datastore = datastore;
        Name = Inventory.NameOf(datastore);
        Datacenter = datacenter.Object;
        Browser = datastore.Reference("browser")
            ?? throw new VmDeployException(ErrorCodes.DatastoreNotFound, $"The files of datastore '{Name}' can't be read.", Name);
        _datacenterPath = inventory.InventoryPath(datacenter);
        DatacenterName = inventory.DatacenterPath(datacenter);
    }

    public string Name { get; }

    /// <summary>Its datacenter; on a vCenter several datastores can have the same name.</summary>
    public MoRef Datacenter { get; }

    /// <summary>The datacenter in the form that a request takes.</summary>
    public string DatacenterName { get; }

    public MoRef Browser { get; }

    /// <summary>The datastore with this name; without a name, the only one.</summary>
    /// <param name="inventory">Everything.</param>
    /// <param name="name">The name.</param>
    /// <param name="datacenter">The datacenter; null for all.</param>
    /// <param name="isForNew">For a new file: a datastore cluster is accepted too, and stands for its member with the most free space.</param>
    public static DatastorePlace Resolve(Inventory inventory, string? name, string? datacenter, bool isForNew)
    {
        var datacenters = inventory.Datacenters.ToList();
        if (datacenter is not null)
            datacenters = [DatacenterChoice.Named(inventory, datacenters, datacenter)];
        var all = datacenters.SelectMany(d => inventory.Datastores
            .Where(s => s.Text("summary.accessible") != "false" && inventory.IsUnder(s, d.Object)).Select(s => (Store: s, Center: d))).ToList();
        var where = datacenter is null ? "on this server" : $"in datacenter '{datacenter}'";
        var stores = all.Select(p => p.Store).ToList();
        if (name is null && stores.Count > 1)
            throw Placement.Ambiguous("datastore", where, stores.Select(Inventory.NameOf).Distinct(), ErrorHint.NameDatastore);
        var found = isForNew
            ? DatastoreChoice.Find(inventory, stores, name, where).Datastore
            : Placement.Choose(stores, name, "datastore", where, ErrorCodes.DatastoreNotFound);
        var named = all.Where(p => Inventory.NameOf(p.Store) == Inventory.NameOf(found)).ToList();
        return named.Count == 1
            ? new DatastorePlace(inventory, found, named[0].Center)
            : throw Placement.Ambiguous($"datastore '{Inventory.NameOf(found)}'", where, named.Select(p => inventory.DatacenterPath(p.Center)));
    }

    public static DatastorePlace Of(Inventory inventory, VmHardware hardware, string name) =>
        On(inventory, inventory[hardware.Content.Reference("runtime.host")]
            ?? throw new VmDeployException(ErrorCodes.HostNotFound, $"The host of {hardware.Vm.Name} is not known.", hardware.Vm.Name), name);

    public static DatastorePlace On(Inventory inventory, ObjectContent runner, string name)
    {
        var datastore = Placement.Choose(inventory.Resolve(runner.References("datastore")), name, "datastore",
            $"on '{Inventory.NameOf(runner)}'", ErrorCodes.DatastoreNotFound);
        return new DatastorePlace(inventory, datastore, inventory.Datacenters.First(d => inventory.IsUnder(runner, d.Object)));
    }

    /// <summary>Refuses disks that reserve more space than the datastore has free; thin ones, and those with the host's own default, can be larger.</summary>
    /// <exception cref="VmDeployException"><c>DatastoreFull</c>.</exception>
    public static void RequireSpace(ObjectContent datastore, DiskProvisioning? provisioning, long bytes)
    {
        if (provisioning is null or DiskProvisioning.Thin || datastore.Text("summary.freeSpace") is not { } free || bytes <= VmProperties.Number(free))
            return;
        var name = Inventory.NameOf(datastore);
        throw new VmDeployException(ErrorCodes.DatastoreFull,
            $"{SizeText.Format(bytes)} requested with {provisioning} provisioning; datastore '{name}' has {SizeText.Format(VmProperties.Number(free))} free.", name);
    }

    /// <inheritdoc cref="RequireSpace(ObjectContent, DiskProvisioning?, long)"/>
    public void RequireSpace(DiskProvisioning? provisioning, long bytes) => RequireSpace(_datastore, provisioning, bytes);

    /// <summary>An existing file, or <c>HostFileNotFound</c>.</summary>
    public async Task<DatastorePath> FindFileAsync(VsphereSession session, DatastorePath path, CancellationToken cancellationToken)
    {
        var file = At(path.Path);
        return await session.Files.FindAsync(file, Browser, cancellationToken) is not null
            ? file
            : throw new VmDeployException(ErrorCodes.HostFileNotFound, $"File '{file}' not found on the host.", file.ToString());
    }

    /// <summary>Whether <c>MakeDirectory</c> works at the top of a datastore; on a vSAN datastore it does not.</summary>
    public static bool TakesTopFolders(ObjectContent datastore) => datastore.Text("capability.topLevelDirectoryCreateSupported") != "false";

    public static void RequireTopFolders(ObjectContent datastore)
    {
        if (!TakesTopFolders(datastore))
        {
            var name = Inventory.NameOf(datastore);
            throw new VmDeployException(ErrorCodes.TopFolderUnsupported, $"Datastore '{name}' (vSAN) does not allow new folders at its top level.", name);
        }
    }

    /// <summary>Refuses a file whose folder can't be created.</summary>
    public async Task CheckFolderAsync(VsphereSession session, DatastorePath file, CancellationToken cancellationToken)
    {
        var top = file.Path.Split('/')[0];
        if (!TakesTopFolders(_datastore) && top != file.Path && await session.Files.FindAsync(file with { Path = top }, Browser, cancellationToken) is null)
            RequireTopFolders(_datastore);
    }

    /// <summary>
    /// The path as VMs have it. The top folders of a vSAN datastore are named by uuid and have a friendly name as well
    /// (<c>FileInfo.friendlyName</c>), which is valid in paths too.
    /// </summary>
    public async Task<DatastorePath> WithRealTopAsync(VsphereSession session, DatastorePath path, CancellationToken cancellationToken)
    {
        if (TakesTopFolders(_datastore))
            return path;
        var parts = path.Path.Split('/');
        var top = (await session.Files.SearchAsync(new DatastorePath(Name, ""), "*", false, Browser, cancellationToken))
            .FirstOrDefault(entry => entry.File.Value("friendlyName") == parts[0]).File?.Value("path");
        return top is null ? path : path with { Path = string.Join("/", parts.Skip(1).Prepend(top)) };
    }

    /// <summary>A path on the datastore: slashes only, no step upwards.</summary>
    public DatastorePath At(string path)
    {
        var clean = path.Replace('\\', '/').TrimStart('/');
        return clean.Length > 0 && clean.Split('/').All(part => part.Trim() is not ("" or "." or "..") && !part.Any(char.IsControl)) && clean[0] != '['
            ? new DatastorePath(Name, clean)
            : throw new VmDeployException(ErrorCodes.DatastorePathInvalid, $"'{path}' is not a valid path on a datastore.", path);
    }

    public string Url(DatastorePath file) =>
        $"/folder/{string.Join("/", file.Path.Split('/').Select(Uri.EscapeDataString))}"
        + $"?dcPath={Uri.EscapeDataString(_datacenterPath)}&dsName={Uri.EscapeDataString(Name)}";
}
