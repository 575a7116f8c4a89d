namespace VmDeploy.Vsphere;

/// <summary>
/// The hardware that a request asks for, with its names resolved: settings for the spec that creates a VM, and then, before it is
/// powered on, one <c>ReconfigVM_Task</c> on the devices that the host has created.
/// </summary>
internal sealed class RequestedHardware
{
    // Far from each other: a VM can have more than a hundred disks.
    private const int NewDiskKey = -400;
    private const int NewNicKey = -1000;

    // VirtualMachineBootOptions in schema order.
    private static readonly string[] s_bootOptions =
        ["bootDelay", "enterBIOSSetup", "efiSecureBootEnabled", "bootRetryEnabled", "bootRetryDelay", "bootOrder", "networkBootProtocol"];

    private readonly VsphereSession _session;
    private readonly DeploymentRequest _request;
    private readonly SourceHardware _source;
    private readonly Placement _placement;
    private readonly DiskProvisioning? _provisioning;
    private readonly XElement? _guest;
    private readonly IReadOnlyDictionary<string, XElement> _backings;
    private readonly IReadOnlyList<XElement> _adapters;
    private readonly bool _renewsAddresses;

    private RequestedHardware(VsphereSession session, DeploymentRequest request, SourceHardware source, Placement placement,
        DiskProvisioning? provisioning, XElement? guest, IReadOnlyDictionary<string, XElement> backings, IReadOnlyList<XElement> devices)
    {
        _session = session;
        _request = request;
        _source = source;
        _placement = placement;
        _provisioning = provisioning;
        _guest = guest;
        _backings = backings;
        _adapters = NetworkCard.In(devices);
        _renewsAddresses = request is CloneRequest or TemplateRequest && _adapters.Any(NetworkCard.HasFixedAddress);
    }

    private HardwareRequest Wanted => _request.Hardware;

    /// <summary>Resolves the names and checks everything; changes nothing.</summary>
    /// <param name="session">The host.</param>
    /// <param name="request">What is asked for.</param>
    /// <param name="source">The hardware of its source.</param>
    /// <param name="placement">Where the VMs go.</param>
    /// <param name="devices">Devices of the source, for the places of disks.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static async Task<RequestedHardware> CreateAsync(VsphereSession session, DeploymentRequest request, SourceHardware source,
        Placement placement, IReadOnlyList<XElement> devices, CancellationToken cancellationToken)
    {
        var wanted = request.Hardware;
        source.Check(request, session.Limits);
        DiskPlace.Find(devices, null, wanted.NewDisks(source.DiskBytes.Count).Count, source.What);
        var guest = wanted.GuestId is { } id ? await GuestOptions.FindAsync(session, placement, id, cancellationToken) : null;
        var backings = new Dictionary<string, XElement>();
        var names = source.Networks.Select((present, i) => (Name: NetworkOf(wanted, placement, i, present), Purpose: $" (for the network '{present}' of {source.What})"))
            .Concat(wanted.NewNetworks(source.Networks.Count).Select(name => (Name: (string?)name, Purpose: "")));
        foreach (var (name, purpose) in names)
        {
            if (name is not null && !backings.ContainsKey(name))
                backings[name] = await NetworkBacking.CreateAsync(session, NetworkBacking.Find(placement, name, purpose), cancellationToken);
        }
        return new RequestedHardware(session, request, source, placement,
            (request as OvaImportRequest)?.DiskProvisioning, guest, backings, devices);
    }

    /// <summary>The networks of the source's adapters, each with its new network.</summary>
    public IReadOnlyList<(string Source, string Target)> NetworkNames =>
        _source.Networks.Select((present, i) => (present, NetworkOf(i) ?? present)).ToList();

    /// <summary>The networks of a copy that leaves the datacenter of its source, as changes for the move: its adapters can't be created on those of the source.</summary>
    public IEnumerable<XElement> CreateMoves() => !_placement.LeavesDatacenter ? [] : _adapters.Select((adapter, i) =>
    {
        var moved = new XElement(adapter);
        moved.Child("backing")!.ReplaceWith(new XElement(_backings[NetworkOf(i)!]));
        return ConfigSpec.Change("edit", moved);
    });

    /// <summary>The settings for the spec that creates the VM: children of a <c>VirtualMachineConfigSpec</c>.</summary>
    /// <param name="source">The configuration of the VM that is copied.</param>
    public IEnumerable<XElement?> CreateSettings(XElement source) =>
    [
        VimXml.Optional("guestId", GuestId),
        .. HardwareChange.Create(source, Wanted.CpuCount, Wanted.MemoryMB),
        Wanted.SecureBoot ? WithSecureBoot(source.Child("bootOptions")) : null,
        VimXml.Optional("firmware", Wanted.Firmware is { } firmware ? NameOf(firmware) : null),
    ];

    /// <summary>Writes the settings into the spec that a host has created from a package.</summary>
    public void WriteSettings(XElement config)
    {
        if (Wanted.CpuCount is { } cpus)
        {
            ConfigSpec.Set(config, "numCPUs", cpus);
            // The CPUs must fill all sockets.
            if (cpus % Math.Max(1, config.Number("numCoresPerSocket") ?? 1) != 0)
                ConfigSpec.Set(config, "numCoresPerSocket", 1);
        }
        if (Wanted.MemoryMB is { } memory)
        {
            ConfigSpec.Set(config, "memoryMB", memory);
            if (config.Child("memoryAllocation")?.Child("reservation") is { } reserved && VmProperties.Number(reserved.Value) > memory)
                reserved.Value = memory.ToString(CultureInfo.InvariantCulture);
        }
        if (GuestId is { } guest)
            ConfigSpec.Set(config, "guestId", guest);
        if (Wanted.Firmware is { } firmware)
            ConfigSpec.Set(config, "firmware", NameOf(firmware));
        if (Wanted.SecureBoot)
        {
            var options = WithSecureBoot(config.Child("bootOptions"));
            config.Child("bootOptions")?.Remove();
            config.InsertInOrder(options, ConfigSpec.Order);
        }
    }

    private static XElement WithSecureBoot(XElement? present)
    {
        var options = present is null ? VimXml.El("bootOptions") : new XElement(present);
        options.Child("efiSecureBootEnabled")?.Remove();
        options.InsertInOrder(VimXml.El("efiSecureBootEnabled", true), s_bootOptions);
        return options;
    }

    /// <summary>Changes the devices of a new VM, and its extra configuration. The VM is off.</summary>
    public async Task ApplyAsync(Vm vm, VmCreation creation)
    {
        if (!HasChanges)
            return;
        creation.CancellationToken.ThrowIfCancellationRequested();
        var made = await VmHardware.ReadAsync(_session, vm, creation.CancellationToken);
        var spec = ConfigSpec.Create("spec", CreateChanges(made, creation.Name));
        if (spec.HasElements)
            await _session.Tasks.RunAsync(made.Reference, "ReconfigVM_Task", vm.Name, creation.CancellationToken, spec);
        await vm.RefreshAsync(CancellationToken.None);
    }

    /// <summary>Changes of a VM's devices and its extra configuration: children of a <c>VirtualMachineConfigSpec</c>.</summary>
    public IEnumerable<XElement> CreateChanges(VmHardware made, string name) =>
        [.. DiskChanges(made), .. AdapterChanges(made, name), .. Options];

    /// <summary>The requested entries of <c>extraConfig</c>.</summary>
    public IEnumerable<XElement> Options =>
        Wanted.ExtraConfig.OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => ConfigSpec.Extra(entry.Key, entry.Value));

    // A host or a clone may have made the adapters with the wanted networks already.
    private bool HasChanges => _renewsAddresses || Wanted.DiskBytes is { Count: > 0 } || Wanted.ExtraDiskBytes.Count > 0 || _backings.Count > 0 || Wanted.NicModel is not null || Wanted.MacAddresses.Count > 0 || Wanted.ExtraConfig.Count > 0;

    // As the host writes it.
    private string? GuestId => _guest?.Value("id") ?? Wanted.GuestId;

    private static string NameOf(Firmware firmware) => firmware == Firmware.Efi ? "efi" : "bios";

    private IEnumerable<XElement> DiskChanges(VmHardware made)
    {
        var disks = StorageBus.DisksOf(made.Devices);
        for (var i = 0; i < disks.Count; i++)
        {
            var present = VmProperties.CapacityOf(disks[i]);
            if (Wanted.SizeOf(i) is not { } bytes || SourceHardware.IsSame(bytes, present))
                continue;
            if (bytes < present)
                throw VmLimits.Invalid($"{SizeText.Format(bytes)} requested for disk {i + 1} of {made.Vm.Name}, which has {SizeText.Format(present)} and can't shrink.", bytes);
            if (disks[i].Child("backing")?.Child("parent") is not null)
                throw VmLimits.Invalid($"{SizeText.Format(bytes)} requested for disk {i + 1} of {made.Vm.Name}, which is based on another disk and can't grow.", bytes);
            yield return ConfigSpec.Change("edit", DiskLayout.WithCapacity(disks[i], bytes));
        }
        var sizes = Wanted.NewDisks(_source.DiskBytes.Count);
        var places = DiskPlace.Find(made.Devices, made.Content.Text("config.version"), sizes.Count, made.Vm.Name);
        foreach (var controller in places.Select(place => place.NewController).OfType<XElement>().GroupBy(c => c.Value("key")))
            yield return ConfigSpec.Change("add", controller.First());
        for (var i = 0; i < sizes.Count; i++)
        {
            yield return ConfigSpec.Change("add",
                DiskLayout.CreateDisk(NewDiskKey - i, sizes[i], places[i].ControllerKey, places[i].Unit, Inventory.NameOf(_placement.Datastore), _provisioning), "create");
        }
    }

    private IEnumerable<XElement> AdapterChanges(VmHardware made, string name)
    {
        var adapters = NetworkCard.In(made.Devices);
        var addresses = Wanted.MacAddressesOf(_request.Names, name);
        var type = Wanted.NicModel is { } model ? NetworkCard.TypeOf(model, null) : null;
        var key = NewNicKey;
        for (var i = 0; i < adapters.Count; i++)
        {
            var edited = Edit(adapters[i], i, name);
            if (type is not null && type != adapters[i].TypeName())
            {
                yield return ConfigSpec.Change("remove", adapters[i]);
                yield return ConfigSpec.Change("add", NetworkCard.CreateLike(edited, type, key--));
            }
            else if (!XNode.DeepEquals(edited, adapters[i]))
            {
                yield return ConfigSpec.Change("edit", edited);
            }
        }
        var more = Wanted.NewNetworks(_source.Networks.Count);
        for (var i = 0; i < more.Count; i++)
        {
            var number = _source.Networks.Count + i;
            yield return ConfigSpec.Change("add", NetworkCard.Create(type ?? (adapters.Count > 0 ? adapters[0].TypeName() : null) ?? NetworkCard.TypeOf(null, _guest),
                key--, _backings[more[i]], number < addresses.Count ? addresses[number] : null));
        }
    }

    /// <summary>An adapter of the source as the one that a copy is created with.</summary>
    /// <param name="adapter">One of the source's.</param>
    /// <param name="name">The copy's name.</param>
    public XElement ForCopy(XElement adapter, string name) =>
        Edit(NetworkCard.ForCopy(adapter), _adapters.TakeWhile(one => one.Value("key") != adapter.Value("key")).Count(), name);

    // Network and address, as requested, of the adapter with this number.
    private XElement Edit(XElement adapter, int number, string name)
    {
        var edited = new XElement(adapter);
        var network = NetworkOf(number);
        if (network is not null && !IsSame(adapter.Child("backing"), _backings[network]))
            edited.Child("backing")!.ReplaceWith(new XElement(_backings[network]));
        var addresses = Wanted.MacAddressesOf(_request.Names, name);
        if (number < addresses.Count)
        {
            if (!NetworkCard.HasFixedAddress(adapter) || adapter.Value("macAddress") != addresses[number])
                NetworkCard.SetAddress(edited, addresses[number]);
        }
        else if (_renewsAddresses && NetworkCard.HasFixedAddress(adapter))
        {
            // A vCenter leaves a fixed address on a copy, and two machines with one address disturb each other.
            NetworkCard.SetAddress(edited, null);
        }
        return edited;
    }

    private string? NetworkOf(int number) => NetworkOf(Wanted, _placement, number, number < _source.Networks.Count ? _source.Networks[number] : "");

    // Networks belong to a datacenter: a copy that leaves it needs networks of the same names.
    private static string? NetworkOf(HardwareRequest wanted, Placement placement, int number, string present) =>
        wanted.NetworkOf(number, present) ?? (placement.LeavesDatacenter ? present : null);

    // The port and the network's reference are the host's additions.
    private static bool IsSame(XElement? present, XElement wanted) => present?.TypeName() == wanted.TypeName()
        && present?.Value("deviceName") == wanted.Value("deviceName") && present?.Value("opaqueNetworkId") == wanted.Value("opaqueNetworkId")
        && present?.Child("port")?.Value("portgroupKey") == wanted.Child("port")?.Value("portgroupKey");
}
