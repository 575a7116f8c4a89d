using System.Xml;

namespace VmDeploy.Xapi;

/// <summary>VMs from a template: clone or copy, provision, hardware, disks, interfaces, cloud-init, in the order that the host needs.</summary>
internal sealed class TemplatePlan(
    XapiSession session, TemplateRequest request, IReadOnlyDictionary<string, Vm> existing, XapiRecord template, XapiRecord storage,
    XapiRecord? host, XapiRecord? network, VlanNetwork? vlan, bool copies) : XapiPlan(session, request, existing)
{
    private readonly TemplateRequest _request = request;
    private readonly XapiRecord? _network = network;
    private IReadOnlyList<long> _disks = [];

    public override string Action => $"Deploy template {template.Name}";

    private protected override VmSummary Summary => new()
    {
        CpuCount = _request.CpuCount ?? (int)template.Number("VCPUs_at_startup"),
        MemoryMB = _request.MemoryMB ?? template.Number("memory_static_max") >> 20,
        DiskBytes = [.. _disks.Select((size, i) => i == 0 ? _request.DiskBytes ?? size : size), .. _disks.Count == 0 && _request.DiskBytes is { } first ? [first] : Array.Empty<long>(), .. _request.ExtraDiskBytes],
        Datastore = storage.Name,
        Host = host?.Name,
        Networks = vlan is null && _network is not null ? [("", _network.Name)] : [],
        Others = [.. vlan is null ? [] : new[] { vlan.ToString() }, .. CloudInit.Summarize(CopiesCloudInit)],
    };

    protected override string? CloudInitStorage => storage.Ref;

    public static async Task<TemplatePlan> CreateAsync(XapiSession session, TemplateRequest request, CancellationToken cancellationToken)
    {
        RequestChecks.Run(session.Limits, request);
        var found = await TemplateLookup.FindAsync(session, request.Template, cancellationToken);
        var template = await session.VmRecordAsync(found.Id, cancellationToken);
        var all = await DisksAsync(session.Client, template);
        var disks = all.Where(d => !CloudInitDisk.Is(d.Vdi)).ToList();
        if (disks.Count > 0 && request.DiskBytes is not null && request.DiskBytes < disks[0].Vdi.Number("virtual_size"))
        {
            throw new VmDeployException(ErrorCodes.HardwareInvalid,
                $"A first disk of {SizeText.Format(request.DiskBytes.Value)} requested; the disk of template '{template.Name}' has {SizeText.Format(disks[0].Vdi.Number("virtual_size"))} and can't shrink.", request.DiskBytes);
        }
        var inventory = await XapiInventory.ReadAsync(session.Client, cancellationToken);
        var host = inventory.Host(request.HostName);
        // A clone stays on the storage of its source.
        var origin = disks.Select(d => d.Vdi.Reference("SR")).OfType<string>().FirstOrDefault(inventory.Storage.ContainsKey);
        var storage = request.Datastore is null && origin is not null ? inventory.Storage[origin] : inventory.DiskStorage(request.Datastore, host);
        var copies = request.FullCopy || (origin is not null && origin != storage.Ref);
        var network = request.Network is { } name ? inventory.Network(name) : null;
        var vlan = request.Vlan is { } tag ? new VlanNetwork(session, inventory, network ?? inventory.DefaultNetwork, tag) : null;
        return new TemplatePlan(session, request, await session.FindExistingAsync(request.Names, cancellationToken), template, storage, host, network, vlan, copies)
        {
            _disks = disks.Select(d => d.Vdi.Number("virtual_size")).ToList(),
            CopiesCloudInit = all.Count > disks.Count,
        };
    }

    private protected override async Task PrepareAsync(RollbackScope scope, IProgress<OperationProgress> progress, CancellationToken cancellationToken)
    {
        if (vlan is null || vlan.Existing is not null)
            return;
        scope.Add(vlan.ToString(), _ => vlan.RemoveAsync());
        await vlan.MakeAsync();
    }

    private protected override Task<Vm> CreateAsync(VmCreation creation) =>
        BuildAsync(creation, async builder =>
        {
            var (name, cancellationToken) = (creation.Name, creation.CancellationToken);
            var vm = await builder.DuplicateAsync(template.Ref, copies ? storage.Ref : null, creation.ReportPercent, creation.CancellationToken);
            await ProvisionAsync(builder, vm);
            cancellationToken.ThrowIfCancellationRequested();
            await builder.SetHardwareAsync(vm, _request.CpuCount, _request.MemoryMB << 20);
            if (host is not null)
                await builder.CallAsync("VM.set_affinity", vm.Ref, host.Ref);
            // Provisioning may have created disks.
            vm = await Xapi.Client.RecordAsync("VM", vm.Ref, CancellationToken.None);
            await SetDisksAsync(builder, vm, name);
            cancellationToken.ThrowIfCancellationRequested();
            await SetNetworkAsync(builder, vm);
            return vm.Ref;
        });

    // Default templates name their disks without a storage repository; then provisioning fails, but after is_a_template was cleared.
    private async Task ProvisionAsync(VmBuilder builder, XapiRecord vm)
    {
        var config = vm.Map("other_config").ToDictionary(e => e.Key, e => e.Value);
        if (config.TryGetValue("disks", out var disks))
        {
            config["disks"] = WithStorage(disks);
            await builder.CallAsync("VM.set_other_config", vm.Ref, config);
        }
        await Xapi.Tasks.RunAsync("VM.provision", null, CancellationToken.None, vm.Ref);
    }

    private string WithStorage(string disks)
    {
        try
        {
            var provision = XElement.Parse(disks);
            foreach (var disk in provision.Elements("disk"))
                disk.SetAttributeValue("sr", storage.Uuid);
            if (_request.DiskBytes is { } bytes)
                provision.Element("disk")?.SetAttributeValue("size", bytes);
            return provision.ToString(SaveOptions.DisableFormatting);
        }
        catch (XmlException e)
        {
            throw new VmDeployException(ErrorCodes.UnexpectedReply, $"The disks of template '{template.Name}' can't be parsed: {e.Message}", template.Name, e);
        }
    }

    private async Task SetDisksAsync(VmBuilder builder, XapiRecord vm, string name)
    {
        var all = await DisksAsync(Xapi.Client, vm);
        await NameDisksAsync(builder, name, all);
        var taken = new List<int> { VmBuilder.CdPosition };
        taken.AddRange(all.Select(d => VmReader.PositionOf(d.Vbd)));
        var disks = all.Where(d => !CloudInitDisk.Is(d.Vdi)).ToList();
        var free = new Queue<int>(VmBuilder.FreePositions(taken));
        var more = _request.ExtraDiskBytes.ToList();
        if (_request.DiskBytes is { } bytes)
        {
            if (disks.Count == 0)
                more.Insert(0, bytes);
            else if (bytes > disks[0].Vdi.Number("virtual_size"))
                await builder.CallAsync("VDI.resize", disks[0].Vdi.Ref, bytes);
        }
        foreach (var size in more)
        {
            var position = Next(free);
            var vdi = await builder.CreateDiskAsync(storage.Ref, size, DiskName(name, position));
            await builder.AttachDiskAsync(vm.Ref, vdi.Ref, position, isBootable: position == 0);
        }
    }

    private async Task SetNetworkAsync(VmBuilder builder, XapiRecord vm)
    {
        if ((vlan is null ? _network : await vlan.MakeAsync()) is not { } network)
            return;
        var vifs = await InterfacesAsync(Xapi.Client, vm);
        foreach (var vif in vifs.Where(v => v.Reference("network") != network.Ref))
            await builder.ReplaceInterfaceAsync(vm.Ref, vif, network);
        if (vifs.Count == 0)
            await builder.AddInterfaceAsync(vm.Ref, network, 0);
    }

    private static int Next(Queue<int> free) => free.Count > 0 ? free.Dequeue()
        : throw new VmDeployException(ErrorCodes.HardwareInvalid, $"More than {VmBuilder.DiskPositions} drives requested; this host allows {VmBuilder.DiskPositions} on a VM.");
}
