using System.Xml;

namespace VmDeploy.Xapi;

/// <summary>VMs from a template: clone or copy, provision, hardware, disks, interfaces, cloud-init, in the order that the host needs.</summary>
internal sealed class TemplatePlan(
    XapiSession session, TemplateRequest request, IReadOnlyDictionary<string, Vm> existing, XapiRecord template, XapiRecord storage,
    XapiRecord? host, VlanNetwork? vlan, bool copies) : XapiPlan(session, request, existing)
{
    private readonly TemplateRequest _request = request;
    private IReadOnlyList<long> _disks = [];

    public override string Action => $"Deploy template {template.Name}";

    private protected override VmSummary Summary => new()
    {
        CpuCount = (int)template.Number("VCPUs_at_startup"),
        MemoryMB = template.Number("memory_static_max") >> 20,
        DiskBytes = _disks,
        Datastore = storage.Name,
        Host = host?.Name,
        Networks = vlan is null ? Hardware.NetworkNames : [],
        Others = [.. vlan is null ? [] : new[] { vlan.ToString() }, .. CloudInit.Summarize(CopiesCloudInit)],
    };

    protected override string? CloudInitStorage => storage.Ref;

    public static async Task<TemplatePlan> CreateAsync(XapiSession session, TemplateRequest request, CancellationToken cancellationToken)
    {
        RequestChecks.Run(session.Limits, request);
        request = RequestedHardware.WithoutIgnored(session, request);
        var found = await TemplateLookup.FindAsync(session, request.Template, cancellationToken);
        var template = await session.VmRecordAsync(found.Id, cancellationToken);
        var all = await DisksAsync(session.Client, template);
        var disks = all.Where(d => !CloudInitDisk.Is(d.Vdi)).ToList();
        var inventory = await XapiInventory.ReadAsync(session.Client, cancellationToken);
        var host = inventory.Host(request.HostName);
        // A clone is on the storage of its source.
        var origin = disks.Select(d => d.Vdi.Reference("SR")).OfType<string>().FirstOrDefault(inventory.Storage.ContainsKey);
        var storage = request.Datastore is null && origin is not null ? inventory.Storage[origin] : inventory.DiskStorage(request.Datastore, host);
        var copies = request.FullCopy || (origin is not null && origin != storage.Ref);
        var source = await SourceAsync(session, inventory, template, $"template '{template.Name}'", disks.Select(d => d.Vdi));
        VlanNetwork? vlan = null;
        if (request.Vlan is { } tag)
        {
            vlan = new VlanNetwork(session, inventory, request.Hardware.Networks is { Count: 1 } one ? inventory.Network(one[0]) : inventory.DefaultNetwork, tag);
            // All adapters, or a new one, are connected to the VLAN first.
            request = request with { Hardware = request.Hardware with { Networks = null } };
            source = source with { Networks = source.Networks.Count == 0 ? [""] : source.Networks };
        }
        var copiesCloudInit = all.Count > disks.Count;
        var hardware = RequestedHardware.Create(session, request, source, inventory, storage.Ref,
            await CountDrivesAsync(session.Client, template, all.Count, request.CloudInit is not null || copiesCloudInit));
        return new TemplatePlan(session, request, await session.FindExistingAsync(request, cancellationToken), template, storage, host, vlan, copies)
        {
            _disks = source.DiskBytes,
            Hardware = hardware,
            CopiesCloudInit = copiesCloudInit,
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
            if (host is not null)
                await builder.CallAsync("VM.set_affinity", vm.Ref, host.Ref);
            // Provisioning may have created disks.
            vm = await Xapi.Client.RecordAsync("VM", vm.Ref, CancellationToken.None);
            await NameDisksAsync(builder, name, await DisksAsync(Xapi.Client, vm));
            cancellationToken.ThrowIfCancellationRequested();
            if (vlan is not null)
                await ConnectAsync(builder, vm, await vlan.MakeAsync());
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
            foreach (var (disk, i) in provision.Elements("disk").Select((disk, i) => (disk, i)))
                disk.SetAttributeValue("size", _request.Hardware.SizeOf(i) is { } bytes ? bytes : disk.Attribute("size")?.Value);
            return provision.ToString(SaveOptions.DisableFormatting);
        }
        catch (XmlException e)
        {
            throw new VmDeployException(ErrorCodes.UnexpectedReply, $"The disks of template '{template.Name}' can't be parsed: {e.Message}", template.Name, e);
        }
    }

    private async Task ConnectAsync(VmBuilder builder, XapiRecord vm, XapiRecord network)
    {
        var vifs = await InterfacesAsync(Xapi.Client, vm);
        foreach (var vif in vifs.Where(v => v.Reference("network") != network.Ref))
            await builder.ReplaceInterfaceAsync(vif, network);
        if (vifs.Count == 0)
            await builder.AddInterfaceAsync(vm.Ref, network, 0);
    }

}
