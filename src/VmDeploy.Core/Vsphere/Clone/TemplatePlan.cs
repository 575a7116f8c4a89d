namespace VmDeploy.Vsphere;

/// <summary>VMs from a template of a vCenter: <c>CloneVM_Task</c>, then the requested changes on the clone's own devices.</summary>
internal sealed class TemplatePlan(
    VsphereSession session, TemplateRequest request, IReadOnlyDictionary<string, Vm> existing, CloneSource source, Placement placement,
    XElement? network) : DeploymentPlan(session, request, existing)
{
    private const int NewDiskKey = -400;

    private readonly VsphereSession _session = session;
    private readonly TemplateRequest _request = request;
    private readonly CloudInitDelivery _cloudInit = new CloudInitDelivery(session, request, source);

    public override string Action => $"Deploy template {source.Vm.Name}";

    private protected override VmSummary Summary => placement.Summarize() with
    {
        CpuCount = _request.CpuCount ?? source.CpuCount,
        MemoryMB = _request.MemoryMB ?? source.MemoryMB,
        DiskBytes = [.. source.DiskBytes.Select((size, i) => i == 0 ? _request.DiskBytes ?? size : size), .. _request.ExtraDiskBytes],
        Networks = _request.Network is { } network ? [("", network)] : [],
        Others = _cloudInit.Summary,
    };

    public static async Task<TemplatePlan> CreateAsync(VsphereSession session, TemplateRequest request, CancellationToken cancellationToken)
    {
        session.Host.RequireTemplates(request.Template, ErrorHint.NoTemplatesOnHost);
        RequestChecks.Run(session.Limits, request);
        var template = await TemplateLookup.FindAsync(session, request.Template, cancellationToken);
        var source = await CloneSource.ReadAsync(session, new Vm(session, template.Id, new VmState { Name = template.Name }), cancellationToken);
        CheckDisks(request, source);
        var inventory = await Inventory.ReadAsync(session.Properties, cancellationToken);
        var placement = Placement.OfCopy(inventory, source, request);
        var network = request.Network is { } name
            ? await NetworkBacking.CreateAsync(session, NetworkBacking.Find(placement, name), cancellationToken)
            : null;
        return new TemplatePlan(session, request,
            await session.FindExistingAsync(request.Names, placement.Folder, cancellationToken), source, placement, network);
    }

    private protected override Task<Vm> CreateAsync(VmCreation creation) =>
        new CloneTask(_session, source, placement, _request.Datastore is not null).RunAsync(creation,
            instanceUuid => ConfigSpec.Create("config", VimXml.El("instanceUuid", instanceUuid),
                _cloudInit.CreateOptions(creation.Name, instanceUuid), _cloudInit.CreateRemovals()),
            async (vm, instanceUuid) =>
            {
                await _cloudInit.FinishDriveAsync(vm, instanceUuid, creation);
                await ChangeAsync(vm, creation.CancellationToken);
            });

    private static void CheckDisks(TemplateRequest request, CloneSource source)
    {
        var disks = source.DiskBytes;
        if (disks.Count == 0 && (request.DiskBytes is not null || request.ExtraDiskBytes.Count > 0))
            throw VmLimits.Invalid($"Template '{source.Vm.Name}' has no disk, so none can be grown or added.", request.Template);
        if (disks.Count > 0 && request.DiskBytes is { } bytes && bytes < disks[0])
        {
            throw VmLimits.Invalid(
                $"A first disk of {SizeText.Format(bytes)} requested; the disk of template '{source.Vm.Name}' has {SizeText.Format(disks[0])} and can't shrink.", bytes);
        }
        if (request.Vlan is not null)
        {
            throw new VmDeployException(ErrorCodes.NotSupportedByHost, "On vSphere a VLAN is a property of the network.", request.Vlan,
                hint: ErrorHint.UsePortGroupWithVlan);
        }
    }

    private async Task ChangeAsync(Vm vm, CancellationToken cancellationToken)
    {
        var hardware = await VmHardware.ReadAsync(_session, vm, cancellationToken);
        var changes = CreateChanges(hardware);
        if (changes.HasElements)
            await _session.Tasks.RunAsync(hardware.Reference, "ReconfigVM_Task", vm.Name, cancellationToken, changes);
        await vm.RefreshAsync(cancellationToken);
    }

    private XElement CreateChanges(VmHardware clone) => ConfigSpec.Create("spec",
        VimXml.Optional("annotation", _request.Annotation),
        HardwareChange.Create(source.Config, _request.CpuCount, _request.MemoryMB),
        DiskChanges(clone),
        network is null ? null : clone.Devices.Where(d => d.Child("macAddress") is not null).Select(NetworkChange));

    private IEnumerable<XElement> DiskChanges(VmHardware clone)
    {
        if (clone.Devices.FirstOrDefault(d => d.TypeName() == "VirtualDisk") is not { } first)
            yield break;
        if (_request.DiskBytes is { } bytes && bytes > VmProperties.CapacityOf(first))
        {
            var grown = new XElement(first);
            grown.Child("capacityInKB")!.Value = ((bytes + 1023) / 1024).ToString(System.Globalization.CultureInfo.InvariantCulture);
            // The host prefers this size, and would refuse the old value.
            grown.Child("capacityInBytes")?.Remove();
            yield return ConfigSpec.Change("edit", grown);
        }
        var controller = first.Number("controllerKey")!.Value;
        HashSet<int?> taken = [7, .. clone.Devices.Where(d => d.Number("controllerKey") == controller).Select(d => d.Number("unitNumber"))];
        var free = Enumerable.Range(0, 15).Where(unit => !taken.Contains(unit)).ToList();
        if (_request.ExtraDiskBytes.Count > free.Count)
            throw VmLimits.Invalid($"{_request.ExtraDiskBytes.Count} more disks requested; the controller of the template's first disk has {free.Count} free places.", _request.ExtraDiskBytes.Count);
        for (var i = 0; i < _request.ExtraDiskBytes.Count; i++)
        {
            yield return ConfigSpec.Change("add", DiskLayout.CreateDisk(NewDiskKey - i, _request.ExtraDiskBytes[i], controller, free[i],
                Inventory.NameOf(placement.Datastore), DiskProvisioning.Thin), "create");
        }
    }

    private XElement NetworkChange(XElement adapter)
    {
        var changed = new XElement(adapter);
        changed.Child("backing")!.ReplaceWith(new XElement(network!));
        return ConfigSpec.Change("edit", changed);
    }
}
