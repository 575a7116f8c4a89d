namespace VmDeploy.Vsphere;

/// <summary>VMs from scratch: <c>CreateVM_Task</c> with everything in one spec. A local ISO is sent once, before the first.</summary>
internal sealed class IsoVmPlan(
    VsphereSession session, IsoVmRequest request, IReadOnlyDictionary<string, Vm> existing, Placement placement, XElement? guest,
    IReadOnlyList<string> networks, IReadOnlyList<XElement> adapters, DatastorePath iso, FileSender? sender) : DeploymentPlan(session, request, existing)
{
    private readonly VsphereSession _session = session;
    private readonly IsoVmRequest _request = request;
    private readonly CloudInitDelivery _cloudInit = new CloudInitDelivery(session, request);

    // The ISO is not needed if every VM exists and is kept.
    private readonly FileSender? _sender = request.ExistingVm == ExistingVmAction.Reuse && request.Names.All(existing.ContainsKey) ? null : sender;

    public override string Action => $"Create a VM that boots from {iso.Name}";

    private protected override VmSummary Summary => placement.Summarize() with
    {
        Networks = networks.Select(n => ("", n)).ToList(),
        Others = [$"ISO {iso}{(_sender is null ? "" : $" (uploaded from {_request.IsoPath})")}", .. _cloudInit.Summary],
    };

    public static async Task<IsoVmPlan> CreateAsync(VsphereSession session, IsoVmRequest request, CancellationToken cancellationToken)
    {
        RequestChecks.Run(session.Limits, request);
        request = request.WithDefaults();
        if (!DatastorePath.TryParse(request.IsoPath, out _))
            await IsoImage.CheckAsync(request.IsoPath, cancellationToken);
        var inventory = await Inventory.ReadAsync(session.Properties, cancellationToken);
        var placement = await StorageDrs.PlaceNewAsync(session, Placement.Resolve(inventory, request), request, request.Hardware.AllDisks([]), cancellationToken);
        var guest = await GuestOptions.FindAsync(session, placement, IsoVmSpec.GuestIdOf(request), cancellationToken);
        var adapters = new List<XElement>();
        var networks = NetworksOf(request, placement).ToList();
        foreach (var network in networks)
            adapters.Add(await NetworkBacking.CreateAsync(session, network, cancellationToken));
        SourceHardware.CheckAdapters(request.Hardware, adapters.Count, request.Names.Count, session.Limits);
        (var iso, var sender) = await FindIsoAsync(session, request, inventory, placement, cancellationToken);
        var existing = await session.FindExistingAsync(request.Names, placement.Folder, cancellationToken);
        var plan = new IsoVmPlan(session, request, existing, placement, guest, networks.Select(Inventory.NameOf).ToList(), adapters, iso, sender);
        var made = request.Names.Count(name => request.ExistingVm != ExistingVmAction.Reuse || !existing.ContainsKey(name));
        DatastorePlace.RequireSpace(placement.Datastore, request.DiskProvisioning, made * request.Hardware.NewDisks(0).Sum());
        // Whether the spec is valid is part of the plan.
        plan.CreateSpec(request.Names[0], "");
        return plan;
    }

    private protected override async Task PrepareAsync(RollbackScope scope, IProgress<OperationProgress> progress, CancellationToken cancellationToken)
    {
        if (_sender is null)
            return;
        var bar = new OperationProgress(Names.Count + 1, $"Sending {_request.IsoPath}", "") { ParentId = 0 };
        await _sender.SendAsync(force: false, scope, progress, bar, cancellationToken);
    }

    private protected override async Task<Vm> CreateAsync(VmCreation creation)
    {
        var created = CreatedVm.Track(_session, creation, placement.Folder);
        var result = await _session.Tasks.RunAsync(placement.Folder, "CreateVM_Task", creation.Name,
            creation.ReportPercent, creation.CancellationToken,
            CreateSpec(creation.Name, created.InstanceUuid),
            VimXml.Ref("pool", placement.ResourcePool),
            VimXml.Ref("host", placement.Host?.Object));
        var vm = await _session.ReadCreatedVmAsync(result!.ToMoRef(), creation.Name);
        if ((await _session.Cdroms.GetAsync(vm, CancellationToken.None)).All(c => c.Medium.MediumKind != CdromMediumKind.Iso))
            throw new VmDeployException(ErrorCodes.UnexpectedReply, $"The host created {creation.Name} without its CD-ROM drive.", creation.Name);
        await _cloudInit.FinishDriveAsync(vm, created.InstanceUuid, creation);
        return vm;
    }

    private XElement CreateSpec(string name, string instanceUuid) =>
        IsoVmSpec.Create(_request, guest, Inventory.NameOf(placement.Datastore), iso, adapters, name, instanceUuid, _cloudInit.CreateOptions(name, instanceUuid));

    private static IEnumerable<ObjectContent> NetworksOf(IsoVmRequest request, Placement placement)
    {
        if (request.Hardware.Networks is { } names)
            return names.Select(n => NetworkBacking.Find(placement, n)).ToList();
        return placement.Networks.Count == 1
            ? placement.Networks
            : [placement.Networks.FirstOrDefault(n => Inventory.NameOf(n) == "VM Network")
                ?? throw Placement.Ambiguous("network", $"on '{placement.HostName}'", placement.Networks.Select(Inventory.NameOf))];
    }

    private static async Task<(DatastorePath Iso, FileSender? Sender)> FindIsoAsync(
        VsphereSession session, IsoVmRequest request, Inventory inventory, Placement placement, CancellationToken cancellationToken)
    {
        var runner = placement.Host ?? placement.Compute;
        if (DatastorePath.TryParse(request.IsoPath, out var present))
        {
            var place = DatastorePlace.On(inventory, runner, present.Datastore);
            return (await place.FindFileAsync(session, present, cancellationToken), null);
        }
        var target = DatastorePlace.On(inventory, runner, request.IsoDatastore ?? Inventory.NameOf(placement.Datastore));
        var folder = request.IsoFolder.Trim('/', '\\');
        var sender = new FileSender(session, target, request.IsoPath, folder.Length == 0 ? null : folder + "/");
        await sender.IsThereAsync(force: false, cancellationToken);
        return (sender.Target, sender);
    }
}
