namespace VmDeploy.Xapi;

/// <summary>Empty VMs that boot from an ISO, made from "Other install media".</summary>
internal sealed class IsoVmPlan(
    XapiSession session, IsoVmRequest request, IReadOnlyDictionary<string, Vm> existing, XapiRecord template, XapiRecord storage,
    XapiRecord? host, IReadOnlyList<XapiRecord> networks, IsoSource iso) : XapiPlan(session, request, existing)
{
    private readonly IsoVmRequest _request = request;

    public override string Action => $"Create a VM that boots from {Path.GetFileName(_request.IsoPath)}";

    private protected override VmSummary Summary => new()
    {
        Datastore = storage.Name,
        Host = host?.Name,
        Networks = networks.Select(n => ("", n.Name)).ToList(),
        Others = [iso.ToString(), .. CloudInit.Summarize(isCopied: false)],
    };

    protected override string? CloudInitStorage => storage.Ref;

    public static async Task<IsoVmPlan> CreateAsync(XapiSession session, IsoVmRequest request, CancellationToken cancellationToken)
    {
        RequestChecks.Run(session.Limits, request);
        request = RequestedHardware.WithoutIgnored(session, request.WithDefaults());
        request = WithoutIgnored(session, request);
        var template = await OvaTarget.OtherInstallMediaAsync(session, cancellationToken);
        var inventory = await XapiInventory.ReadAsync(session.Client, cancellationToken);
        var host = inventory.Host(request.HostName);
        var networks = request.Hardware.Networks is { } names ? names.Select(inventory.Network).ToList() : [inventory.DefaultNetwork];
        var storage = inventory.DiskStorage(request.Datastore, host);
        // The boot order depends on the firmware.
        var wanted = request with { Hardware = request.Hardware with { Networks = networks.Select(network => network.Uuid).ToList(), Firmware = null, SecureBoot = false } };
        var hardware = RequestedHardware.Create(session, wanted, new SourceHardware("a VM from scratch", [], []), inventory, storage.Ref, request.CloudInit is null ? 1 : 2);
        return new IsoVmPlan(session, request, await session.FindExistingAsync(request, cancellationToken), template,
            storage, host, networks, await IsoSource.FindAsync(session, inventory, request.IsoPath, request.IsoDatastore, cancellationToken))
        {
            Hardware = hardware,
        };
    }

    private protected override Task PrepareAsync(RollbackScope scope, IProgress<OperationProgress> progress, CancellationToken cancellationToken) =>
        iso.VdiAsync(scope, progress, cancellationToken);

    private protected override Task<Vm> CreateAsync(VmCreation creation) =>
        BuildAsync(creation, async builder =>
        {
            var cancellationToken = creation.CancellationToken;
            var vm = await builder.DuplicateAsync(template.Ref, null, creation.ReportPercent, creation.CancellationToken);
            if (vm.Map("other_config").ContainsKey("disks"))
                await builder.CallAsync("VM.remove_from_other_config", vm.Ref, "disks");
            await Xapi.Tasks.RunAsync("VM.provision", null, CancellationToken.None, vm.Ref);
            if (host is not null)
                await builder.CallAsync("VM.set_affinity", vm.Ref, host.Ref);
            cancellationToken.ThrowIfCancellationRequested();

            await builder.AddCdAsync(vm.Ref, await iso.VdiAsync(creation.Scope, new Progress<OperationProgress>(), cancellationToken), VmBuilder.CdPosition);
            await builder.CallAsync("VM.set_HVM_boot_params", vm.Ref, FirmwareSettings.BootParams(vm, _request.IsEfi, order: "dc"));
            if (_request.IsEfi)
                await builder.CallAsync("VM.set_platform", vm.Ref, FirmwareSettings.Platform(vm, _request.IsEfi, _request.Hardware.SecureBoot, null));
            return vm.Ref;
        });

    private static IsoVmRequest WithoutIgnored(XapiSession session, IsoVmRequest request)
    {
        if (request.DiskController is not null)
            session.Log.OptionIgnored("A disk controller");
        if (request.DiskProvisioning is not null)
            session.Log.OptionIgnored("The provisioning of disks (the storage repository decides)");
        return request with { DiskController = null, DiskProvisioning = null };
    }
}
