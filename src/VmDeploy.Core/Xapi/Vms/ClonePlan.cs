namespace VmDeploy.Xapi;

/// <summary>Clones of a halted VM: VM.copy creates full ones, VM.clone linked ones.</summary>
internal sealed class ClonePlan(
    XapiSession session, CloneRequest request, IReadOnlyDictionary<string, Vm> existing, XapiRecord source, XapiRecord? storage,
    XapiRecord? host) : XapiPlan(session, request, existing)
{
    private readonly CloneRequest _request = request;
    private IReadOnlyList<long> _disks = [];
    private string? _origin;
    private string? _cloudInitStorage;

    public override string Action => $"{(_request.Linked ? "Create linked clone of" : "Clone")} {source.Name}";

    private protected override VmSummary Summary => new()
    {
        CpuCount = (int)source.Number("VCPUs_at_startup"),
        MemoryMB = source.Number("memory_static_max") >> 20,
        DiskBytes = _disks,
        Datastore = storage?.Name ?? _origin,
        Host = host?.Name,
        Others = CloudInit.Summarize(CopiesCloudInit),
        Networks = Hardware.NetworkNames,
    };

    public static async Task<ClonePlan> CreateAsync(XapiSession session, CloneRequest request, CancellationToken cancellationToken)
    {
        RequestChecks.Run(session.Limits, request);
        request = RequestedHardware.WithoutIgnored(session, request);
        var source = await session.VmRecordAsync(request.Source.Id, cancellationToken);
        var state = VmReader.PowerStateOf(source);
        if (state is not (PowerState.Off or PowerState.Suspended))
            throw new VmDeployException(ErrorCodes.CloneSourceRunning, $"VM '{source.Name}' is running.", source.Name);
        if (state == PowerState.Suspended && request.Linked)
            throw new VmDeployException(ErrorCodes.CloneSourceRunning, $"VM '{source.Name}' is suspended; XenServer creates linked clones only of VMs that are off.", source.Name);
        var inventory = await XapiInventory.ReadAsync(session.Client, cancellationToken);
        var host = inventory.Host(request.HostName);
        var storage = request.Datastore is null ? null : inventory.DiskStorage(request.Datastore, host);
        var all = await DisksAsync(session.Client, source);
        var disks = all.Where(d => !CloudInitDisk.Is(d.Vdi)).ToList();
        var copiesCloudInit = all.Count > disks.Count;
        // A copy of a suspended VM is suspended too, and its memory knows the present hardware.
        if (state == PowerState.Suspended && !request.Hardware.IsOfSource)
            throw VmConfiguration.NeedsPowerOff(request.Source, state, "its clones are suspended too, and their hardware can't be changed");
        if (state == PowerState.Suspended && (request.CloudInit is not null || copiesCloudInit))
            throw VmConfiguration.NeedsPowerOff(request.Source, state, "its clones are suspended too, and can't get a cloud-init drive of their own");
        if (storage is not null && request.Linked && disks.Any(d => d.Vdi.Reference("SR") != storage.Ref))
        {
            throw new VmDeployException(ErrorCodes.HardwareInvalid, $"A linked clone of VM '{source.Name}' on '{storage.Name}' requested; it must be on the storage of its source.", source.Name,
                hint: ErrorHint.LinkedCloneStaysWithSource);
        }
        var origin = disks.Select(d => d.Vdi.Reference("SR")).OfType<string>().FirstOrDefault(inventory.Storage.ContainsKey);
        var needsStorage = disks.Count == 0 && request.Hardware.NewDisks(0).Count > 0;
        var hardware = RequestedHardware.Create(session, request, await SourceAsync(session, inventory, source, $"VM '{source.Name}'", disks.Select(d => d.Vdi)), inventory,
            storage?.Ref ?? (needsStorage ? inventory.DiskStorage(null, host).Ref : origin), await CountDrivesAsync(session.Client, source, all.Count, request.CloudInit is not null || copiesCloudInit));
        return new ClonePlan(session, request, await session.FindExistingAsync(request, cancellationToken), source, storage, host)
        {
            CopiesCloudInit = copiesCloudInit,
            _cloudInitStorage = request.CloudInit is null || all.Count > 0 ? storage?.Ref : inventory.DiskStorage(request.Datastore, host).Ref,
            _disks = disks.Select(d => d.Vdi.Number("virtual_size")).ToList(),
            _origin = origin is null ? null : inventory.Storage[origin].Name,
            Hardware = hardware,
        };
    }

    protected override string? CloudInitStorage => _cloudInitStorage;

    private protected override Task<Vm> CreateAsync(VmCreation creation) =>
        BuildAsync(creation, async builder =>
        {
            var vm = await builder.DuplicateAsync(source.Ref, _request.Linked ? null : storage?.Ref ?? XapiRecord.NullRef, creation.ReportPercent, creation.CancellationToken);
            await NameDisksAsync(builder, creation.Name, await DisksAsync(Xapi.Client, vm));
            if (host is not null)
                await builder.CallAsync("VM.set_affinity", vm.Ref, host.Ref);
            return vm.Ref;
        });
}
