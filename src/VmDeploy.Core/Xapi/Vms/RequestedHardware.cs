namespace VmDeploy.Xapi;

/// <summary>The hardware that a request asks for, with its names resolved, and the steps that give it to a halted VM.</summary>
internal sealed class RequestedHardware
{
    private const string Platform = "platform";

    private readonly XapiClient _client;
    private readonly DeploymentRequest _request;
    private readonly SourceHardware _source;
    private readonly string? _storage;
    private readonly IReadOnlyDictionary<string, XapiRecord> _networks;

    private RequestedHardware(XapiClient client, DeploymentRequest request, SourceHardware source, string? storage, IReadOnlyDictionary<string, XapiRecord> networks)
    {
        _client = client;
        _request = request;
        _source = source;
        _storage = storage;
        _networks = networks;
    }

    private HardwareRequest Wanted => _request.Hardware;

    /// <summary>The networks of the source's adapters, each with its new network.</summary>
    public IReadOnlyList<(string Source, string Target)> NetworkNames => _source.Networks.Select((present, i) => (present, Find(i, present)?.Name ?? present)).ToList();

    /// <summary>The request without what is ignored on XenServer, with a warning for each.</summary>
    public static T WithoutIgnored<T>(XapiSession session, T request)
        where T : DeploymentRequest
    {
        if (request.Hardware.GuestId is not null)
            session.Log.OptionIgnored("A guest id");
        if (request.Hardware.NicModel is not null)
            session.Log.OptionIgnored("An adapter model");
        if (request.Folder is not null)
            session.Log.OptionIgnored("The folder");
        if (request.ResourcePool is not null)
            session.Log.OptionIgnored("The resource pool");
        return request with { Hardware = request.Hardware with { GuestId = null, NicModel = null }, Folder = null, ResourcePool = null };
    }

    /// <summary>Resolves the names and checks everything; changes nothing.</summary>
    /// <param name="session">The pool.</param>
    /// <param name="request">What is asked for.</param>
    /// <param name="source">The hardware of its source; one without adapters for a VM from scratch.</param>
    /// <param name="inventory">The pool's networks.</param>
    /// <param name="storage">The repository for new disks; null if there are none.</param>
    /// <param name="drives">How many CD drives and cloud-init drives the VM has.</param>
    public static RequestedHardware Create(
        XapiSession session, DeploymentRequest request, SourceHardware source, XapiInventory inventory, string? storage, int drives)
    {
        var wanted = request.Hardware;
        source.Check(request, session.Limits);
        var disks = source.DiskBytes.Count + wanted.NewDisks(source.DiskBytes.Count).Count;
        if (disks + drives > VmBuilder.DiskPositions)
        {
            throw VmLimits.Invalid(
                $"{disks} disks requested; this host allows {VmBuilder.DiskPositions - drives}{(drives == 0 ? "" : $" beside {drives} other drive{(drives == 1 ? "" : "s")}")} on a VM.", disks);
        }
        if (storage is not null && inventory.Storage.TryGetValue(storage, out var repository))
        {
            foreach (var size in (wanted.DiskBytes ?? []).OfType<long>().Concat(wanted.ExtraDiskBytes))
                DiskSpace.Require(repository, size);
        }
        ExtraMaps.Check(wanted.ExtraConfig);
        var names = source.Networks.Select((present, i) => wanted.NetworkOf(i, present)).OfType<string>().Concat(wanted.NewNetworks(source.Networks.Count));
        return new RequestedHardware(session.Client, request, source, storage, names.Distinct().ToDictionary(name => name, inventory.Network));
    }

    /// <summary>Gives a VM its hardware.</summary>
    /// <param name="builder">The VM's builder.</param>
    /// <param name="reference">The VM, halted.</param>
    /// <param name="creation">Its creation.</param>
    public async Task ApplyAsync(VmBuilder builder, string reference, VmCreation creation)
    {
        var vm = await ReadAsync(reference);
        await builder.SetHardwareAsync(vm, Wanted.CpuCount, Wanted.MemoryMB << 20);
        await ApplyFirmwareAsync(builder, vm);
        if (Wanted.CpuCount is { } cpus && FirmwareSettings.ForCpus(await ReadAsync(reference), cpus) is { } sockets)
            await builder.CallAsync("VM.set_platform", reference, sockets);
        creation.CancellationToken.ThrowIfCancellationRequested();
        await ApplyDisksAsync(builder, vm, creation);
        creation.CancellationToken.ThrowIfCancellationRequested();
        await ApplyAdaptersAsync(builder, vm, creation.Name);
        await ApplyExtraConfigAsync(builder, reference);
    }

    /// <summary>Gives a copy of a finished VM its own settings.</summary>
    /// <param name="builder">The VM's builder.</param>
    /// <param name="reference">The VM, halted.</param>
    /// <param name="name">Its final name.</param>
    public async Task ApplyToCopyAsync(VmBuilder builder, string reference, string name)
    {
        if (Wanted.MacAddresses.Count > 0)
            await ApplyAdaptersAsync(builder, await ReadAsync(reference), name, isCopy: true);
        await ApplyExtraConfigAsync(builder, reference);
    }

    private async Task ApplyExtraConfigAsync(VmBuilder builder, string reference)
    {
        if (Wanted.ExtraConfig.Count == 0)
            return;
        foreach (var (map, value) in ExtraMaps.Merge(await ReadAsync(reference), Wanted.ExtraConfig))
            await builder.CallAsync($"VM.set_{map}", reference, value);
    }

    private async Task ApplyFirmwareAsync(VmBuilder builder, XapiRecord vm)
    {
        if (Wanted.Firmware is not { } firmware)
            return;
        var (isEfi, platform) = (firmware == Firmware.Efi, vm.Map(Platform));
        var order = vm.Map("HVM_boot_params").TryGetValue("order", out var present) ? present : "cd";
        await builder.CallAsync("VM.set_HVM_boot_params", vm.Ref, FirmwareSettings.BootParams(vm, isEfi, order));
        var isSecure = Wanted.SecureBoot || (platform.TryGetValue("secureboot", out var secure) && secure == "true");
        await builder.CallAsync("VM.set_platform", vm.Ref, FirmwareSettings.Platform(vm, isEfi, isSecure, null));
    }

    private async Task ApplyDisksAsync(VmBuilder builder, XapiRecord vm, VmCreation creation)
    {
        if (Wanted.DiskBytes is null && Wanted.ExtraDiskBytes.Count == 0)
            return;
        var disks = (await XapiPlan.DisksAsync(_client, vm)).Where(disk => !CloudInitDisk.Is(disk.Vdi)).ToList();
        for (var i = 0; i < disks.Count; i++)
        {
            var present = disks[i].Vdi.Number("virtual_size");
            if (Wanted.SizeOf(i) is not { } bytes || SourceHardware.IsSame(bytes, present))
                continue;
            // The host may have rounded the size of a disk that was created for the request.
            if (bytes > present)
                await builder.CallAsync("VDI.resize", disks[i].Vdi.Ref, bytes);
            else if (_source.DiskBytes.Count > 0)
                throw VmLimits.Invalid($"{SizeText.Format(bytes)} requested for disk {i + 1}, which has {SizeText.Format(present)} and can't shrink.", bytes);
        }
        // The disks of a template may have been created only now.
        var sizes = _source.DiskBytes.Count == 0 ? [.. (Wanted.DiskBytes ?? []).Skip(disks.Count).OfType<long>(), .. Wanted.ExtraDiskBytes] : Wanted.ExtraDiskBytes;
        var free = new Queue<int>(VmBuilder.FreePositions([VmBuilder.CdPosition, .. (await _client.FindAsync("VBD", vm.List("VBDs"), CancellationToken.None)).Select(VmReader.PositionOf)]));
        foreach (var size in sizes)
        {
            creation.CancellationToken.ThrowIfCancellationRequested();
            var position = free.Count > 0 ? free.Dequeue()
                : throw VmLimits.Invalid($"More than {VmBuilder.DiskPositions} drives requested; this host allows {VmBuilder.DiskPositions} on a VM.", sizes.Count);
            var vdi = await builder.CreateDiskAsync(_storage ?? disks[0].Vdi.Text("SR"), size, XapiPlan.DiskName(creation.Name, position));
            await builder.AttachDiskAsync(vm.Ref, vdi.Ref, position, isBootable: position == 0);
        }
    }

    private async Task ApplyAdaptersAsync(VmBuilder builder, XapiRecord vm, string name, bool isCopy = false)
    {
        var addresses = Wanted.MacAddressesOf(_request.Names, name);
        var vifs = await XapiPlan.InterfacesAsync(_client, vm);
        for (var i = 0; i < vifs.Count; i++)
        {
            var network = isCopy ? null : Find(i, i < _source.Networks.Count ? _source.Networks[i] : "");
            var mac = i < addresses.Count ? addresses[i] : "";
            if (mac.Length > 0 || (network is not null && network.Ref != vifs[i].Reference("network")))
                await builder.ReplaceInterfaceAsync(vifs[i], network ?? await _client.RecordAsync("network", vifs[i].Text("network"), CancellationToken.None), mac);
        }
        var more = isCopy ? [] : Wanted.NewNetworks(_source.Networks.Count);
        // Interfaces that were removed leave gaps, and the positions need not begin with 0.
        var free = Enumerable.Range(0, int.MaxValue).Except(vifs.Select(VmReader.PositionOf)).Take(more.Count).ToList();
        for (var i = 0; i < more.Count; i++)
        {
            var number = vifs.Count + i;
            await builder.AddInterfaceAsync(vm.Ref, _networks[more[i]], free[i], number < addresses.Count ? addresses[number] : "");
        }
    }

    private Task<XapiRecord> ReadAsync(string vm) => _client.RecordAsync("VM", vm, CancellationToken.None);

    private XapiRecord? Find(int adapter, string present) => Wanted.NetworkOf(adapter, present) is { } name ? _networks[name] : null;
}
