namespace VmDeploy.Xapi;

/// <summary>Clones of a halted VM: VM.copy creates full ones, VM.clone linked ones.</summary>
internal sealed class ClonePlan(
    XapiSession session, CloneRequest request, IReadOnlyDictionary<string, Vm> existing, XapiRecord source, XapiRecord? storage,
    XapiRecord? host, IReadOnlyDictionary<string, XapiRecord> networks) : XapiPlan(session, request, existing)
{
    private readonly CloneRequest _request = request;
    private IReadOnlyList<long> _disks = [];
    private string? _origin;
    private string? _cloudInitStorage;
    private IReadOnlyList<(string Source, string Target)> _networkNames = [];

    public override string Action => $"{(_request.Linked ? "Create linked clone of" : "Clone")} {source.Name}";

    private protected override VmSummary Summary => new()
    {
        CpuCount = _request.CpuCount ?? (int)source.Number("VCPUs_at_startup"),
        MemoryMB = _request.MemoryMB ?? source.Number("memory_static_max") >> 20,
        DiskBytes = _disks,
        Datastore = storage?.Name ?? _origin,
        Host = host?.Name,
        Others = CloudInit.Summarize(CopiesCloudInit),
        Networks = _networkNames,
    };

    public static async Task<ClonePlan> CreateAsync(XapiSession session, CloneRequest request, CancellationToken cancellationToken)
    {
        RequestChecks.Run(session.Limits, request);
        var source = await session.VmRecordAsync(request.Source.Id, cancellationToken);
        if (VmReader.PowerStateOf(source) is not (PowerState.Off or PowerState.Suspended))
            throw new VmDeployException(ErrorCodes.CloneSourceRunning, $"VM '{source.Name}' is running.", source.Name);
        var inventory = await XapiInventory.ReadAsync(session.Client, cancellationToken);
        var host = inventory.Host(request.HostName);
        var storage = request.Datastore is null ? null : inventory.DiskStorage(request.Datastore, host);
        var disks = await DisksAsync(session.Client, source);
        if (storage is not null && request.Linked && disks.Any(d => d.Vdi.Reference("SR") != storage.Ref))
        {
            throw new VmDeployException(ErrorCodes.HardwareInvalid, $"A linked clone of VM '{source.Name}' on '{storage.Name}' requested; it must be on the storage of its source.", source.Name,
                hint: ErrorHint.LinkedCloneStaysWithSource);
        }
        var networks = new Dictionary<string, XapiRecord>();
        var networkNames = new List<(string Source, string Target)>();
        foreach (var vif in await InterfacesAsync(session.Client, source))
        {
            if (vif.Reference("network") is not { } reference || !inventory.Networks.TryGetValue(reference, out var network))
                continue;
            var mapped = NetworkMaps.Find(request.NetworkMap, network.Name) is { } wanted ? inventory.Network(wanted) : null;
            networkNames.Add((network.Name, mapped?.Name ?? network.Name));
            if (mapped is not null)
                networks[reference] = mapped;
        }
        return new ClonePlan(session, request, await session.FindExistingAsync(request.Names, cancellationToken), source, storage, host, networks)
        {
            CopiesCloudInit = disks.Any(d => CloudInitDisk.Is(d.Vdi)),
            _cloudInitStorage = request.CloudInit is null || disks.Count > 0 ? storage?.Ref : inventory.DiskStorage(request.Datastore, host).Ref,
            _disks = disks.Where(d => !CloudInitDisk.Is(d.Vdi)).Select(d => d.Vdi.Number("virtual_size")).ToList(),
            _origin = disks.Select(d => d.Vdi.Reference("SR")).OfType<string>().Where(inventory.Storage.ContainsKey).Select(sr => inventory.Storage[sr].Name).FirstOrDefault(),
            _networkNames = networkNames,
        };
    }

    protected override string? CloudInitStorage => _cloudInitStorage;

    private protected override Task<Vm> CreateAsync(VmCreation creation) =>
        BuildAsync(creation, async builder =>
        {
            var vm = await builder.DuplicateAsync(source.Ref, _request.Linked ? null : storage?.Ref ?? XapiRecord.NullRef, creation.ReportPercent, creation.CancellationToken);
            await NameDisksAsync(builder, creation.Name, await DisksAsync(Xapi.Client, vm));
            await builder.SetHardwareAsync(vm, _request.CpuCount, _request.MemoryMB << 20);
            if (host is not null)
                await builder.CallAsync("VM.set_affinity", vm.Ref, host.Ref);
            foreach (var vif in await InterfacesAsync(Xapi.Client, vm))
            {
                if (vif.Reference("network") is { } reference && networks.TryGetValue(reference, out var network))
                    await builder.ReplaceInterfaceAsync(vm.Ref, vif, network);
            }
            return vm.Ref;
        });
}
