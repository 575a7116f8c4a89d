using VmDeploy.Import;
using VmDeploy.Ova;

namespace VmDeploy.Vsphere;

/// <summary>An import of an OVA, or a copy of a VM, by lease: import spec, <c>ImportVApp</c>, upload, complete.</summary>
internal sealed class OvaImportPlan(
    VsphereSession session, OvaImportRequest request, ImportSource package, Placement placement, IReadOnlyDictionary<string, Vm> existing,
    IReadOnlyDictionary<string, ObjectContent> networks, IReadOnlyDictionary<string, string> properties,
    long bytes) : DeploymentPlan(session, request, existing)
{
    // What cloud-init's OVF source reads.
    private static readonly HashSet<string> s_cloudInitProperties = ["user-data", "instance-id", "hostname", "seedfrom", "public-keys", "password", "network-config"];

    private readonly VsphereSession _session = session;
    private readonly CloudInitDelivery _cloudInit = new CloudInitDelivery(session, request);

    public OvaImportRequest Request { get; } = request;
    public ImportSource Package { get; } = package;
    public Placement Placement { get; } = placement;
    public IReadOnlyDictionary<string, ObjectContent> Networks { get; } = networks;

    /// <summary>OVF properties by full key, all with a value.</summary>
    public IReadOnlyDictionary<string, string> Properties { get; } = properties;

    /// <summary>Null until the host has accepted the OVF.</summary>
    public RequestedHardware? Hardware { get; private set; }

    public override string Action => Package.Action;

    private protected override VmSummary Summary
    {
        get
        {
            var hardware = Package.Descriptor.GetHardware(Request.DeploymentOption);
            return Placement.Summarize() with
            {
                CpuCount = hardware.CpuCount,
                MemoryMB = hardware.MemoryBytes >> 20,
                DiskBytes = hardware.Disks.Select(d => d.Disk.CapacityBytes ?? 0).ToList(),
                Networks = Networks.Select(n => (n.Key, Inventory.NameOf(n.Value))).ToList(),
                Others = [.. _cloudInit.Summary, .. Package.Edits.Select(edit => edit.Edit)],
            };
        }
    }

    private protected override bool CanCopy => !Request.UploadEach && Request.SharedDisks.Count == 0 && _session.Host.CanCopyTo(Placement);

    /// <summary>Resolves all names, and asks the host whether it accepts the OVF; changes nothing.</summary>
    public static async Task<OvaImportPlan> CreateAsync(
        VsphereSession session, OvaImportRequest request, ImportSource package, CancellationToken cancellationToken)
    {
        var properties = await RequestChecks.RunAsync(session, request, package, cancellationToken);
        var inventory = await Inventory.ReadAsync(session.Properties, cancellationToken);
        // A package without hardware is refused or adapted only when its place is known.
        var disks = package.Descriptor.HasHardware ? package.Descriptor.GetHardware(request.DeploymentOption).ToSource(package.Name).DiskBytes : Array.Empty<long>();
        var placement = await StorageDrs.PlaceNewAsync(session, Placement.Resolve(inventory, request), request, request.Hardware.AllDisks(disks), cancellationToken);
        if (request.Adapt)
        {
            var newest = await HardwareVersions.NewestAsync(session, placement, cancellationToken);
            package = package.Adapt((xml, name) => OvfAdapter.ForVsphere(xml, name, newest));
            session.Log.DescriptorEdited(package);
        }
        long bytes = 0;
        foreach (var file in package.Files)
            bytes += await file.GetLengthAsync(cancellationToken) ?? file.StoredLength;
        var plan = new OvaImportPlan(session, request, package, placement,
            await session.FindExistingAsync(request.Names, placement.Folder, cancellationToken),
            MapNetworks(session, request, package, placement), properties, bytes);
        // Whether the host accepts the OVF is part of the plan.
        var spec = await ImportSpec.CreateAsync(session, plan, request.Names[0], "", cancellationToken);
        foreach (var warning in spec.Warnings)
            session.Log.OvfWarning(package.Name, warning);
        var others = properties.Where(property => property.Value.Length > 0 && s_cloudInitProperties.Contains(property.Key)).Select(property => property.Key).ToList();
        if (request.CloudInit is not null && others.Count > 0)
            session.Log.CloudInitTwice(package.Name, VmDeploy.Names.List(others));
        plan.Hardware = await RequestedHardware.CreateAsync(session, request, package.Descriptor.GetHardware(request.DeploymentOption).ToSource(package.Name),
            placement, spec.Spec.Child("configSpec")!.Children("deviceChange").Select(change => change.Child("device")).OfType<XElement>().ToList(), cancellationToken);
        return plan;
    }

    private protected override async Task<Vm> CopyAsync(Vm source, VmCreation creation)
    {
        var inventory = await Inventory.ReadAsync(_session.Properties, creation.CancellationToken);
        var clone = await ResolvedClone.CreateAsync(_session,
            new CloneRequest(source) { Names = Names, CloudInit = Request.CloudInit, Hardware = Request.Hardware.OfCopy, Owner = Request.Owner }, inventory, creation.CancellationToken);
        // The properties were given for all of them.
        return await _session.Host.CloneAsync(clone with { Options = _session.Host.OvfProperties(Properties) is { } properties ? [properties] : [] }, creation);
    }

    private protected override async Task<Vm> CreateAsync(VmCreation creation)
    {
        var name = creation.Name;
        var created = CreatedVm.Track(_session, creation, Placement.ResourcePool);
        var meter = creation.Measure(Package.Name, bytes);
        var shared = new SharedDiskImport(_session, this, creation);
        try
        {
            await Package.UseAsync(async cancellationToken =>
            {
                var spec = shared.Divide(await ImportSpec.CreateAsync(_session, this, name, created.InstanceUuid, cancellationToken));
                var lease = created.Lease = await StartAsync(spec, creation, created);
                await lease.WaitReadyAsync(cancellationToken);
                await new NfcUploader(_session, creation.Transfers).UploadAsync(lease, spec.FileItems, Package, name, bytes, meter, cancellationToken);
                cancellationToken.ThrowIfCancellationRequested();
                await lease.CompleteAsync();
            }, creation.CancellationToken);
        }
        finally
        {
            creation.AddSent(meter.Done);
        }
        var vm = await _session.ReadCreatedVmAsync(created.Lease!.Entity!.Value, name);
        await shared.AttachAsync(vm);
        await FinishAsync(vm, created.InstanceUuid, creation);
        return vm;
    }

    /// <summary>Gives an imported VM what an import spec can't have.</summary>
    public async Task FinishAsync(Vm vm, string instanceUuid, VmCreation creation)
    {
        await Hardware!.ApplyAsync(vm, creation);
        await _cloudInit.ConfigureAsync(vm, instanceUuid, creation);
        await _cloudInit.FinishDriveAsync(vm, instanceUuid, creation);
    }

    private async Task<HttpNfcLease> StartAsync(ImportSpec spec, VmCreation creation, CreatedVm created)
    {
        creation.CancellationToken.ThrowIfCancellationRequested();
        try
        {
            // Not cancelled half-way: a lease whose reference is lost can't be aborted, and blocks the VM until it times out.
            var reply = await _session.Soap.CallAsync(Placement.ResourcePool, "ImportVApp", CancellationToken.None,
                spec.Spec,
                VimXml.Ref("folder", Placement.Folder),
                VimXml.Ref("host", Placement.Host?.Object));
            return new HttpNfcLease(_session, reply.Child("returnval")!.ToMoRef(), creation.Name);
        }
        catch (VimFault)
        {
            // The host refused, so nothing was created.
            creation.Scope.Keep(created.Item);
            throw;
        }
    }

    // With a network for each adapter, that of the first one on the OVF's network decides, and the others are moved afterwards.
    private static string? Given(HardwareRequest wanted, OvfHardware hardware, string name) =>
        wanted.NetworkOf(Math.Max(0, hardware.Nics.ToList().FindIndex(nic => nic.NetworkName == name)), name) ?? (wanted.Networks is { Count: > 0 } listed ? listed[0] : null);

    private static Dictionary<string, ObjectContent> MapNetworks(VsphereSession session, OvaImportRequest request, ImportSource package, Placement placement)
    {
        var map = new Dictionary<string, ObjectContent>();
        foreach (var network in package.Descriptor.Networks)
        {
            var given = Given(request.Hardware, package.Descriptor.GetHardware(request.DeploymentOption), network.Name);
            if (given is null && placement.Networks.Count == 1)
            {
                map[network.Name] = placement.Networks[0];
                if (Inventory.NameOf(placement.Networks[0]) != network.Name)
                    session.Log.NetworkAssumed(network.Name, Inventory.NameOf(placement.Networks[0]));
                continue;
            }
            map[network.Name] = NetworkBacking.Find(placement, given ?? network.Name, $" (for the OVF's network '{network.Name}')");
        }
        return map;
    }
}
