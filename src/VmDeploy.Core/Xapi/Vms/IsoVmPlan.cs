namespace VmDeploy.Xapi;

/// <summary>Empty VMs that boot from an ISO, made from "Other install media".</summary>
internal sealed class IsoVmPlan(
    XapiSession session, IsoVmRequest request, IReadOnlyDictionary<string, Vm> existing, XapiRecord template, XapiRecord storage,
    XapiRecord? host, IReadOnlyList<XapiRecord> networks, IsoSource iso) : XapiPlan(session, request, existing)
{
    private readonly IsoVmRequest _request = request;

    private bool IsEfi => _request.Firmware == Firmware.Efi || _request.SecureBoot;
    public override string Action => $"Create a VM that boots from {Path.GetFileName(_request.IsoPath)}";

    private protected override VmSummary Summary => new()
    {
        CpuCount = _request.CpuCount,
        MemoryMB = _request.MemoryMB,
        DiskBytes = _request.DiskBytes,
        Datastore = storage.Name,
        Host = host?.Name,
        Networks = networks.Select(n => ("", n.Name)).ToList(),
        Others = [iso.ToString(), .. CloudInit.Summarize(isCopied: false)],
    };

    protected override string? CloudInitStorage => storage.Ref;

    public static async Task<IsoVmPlan> CreateAsync(XapiSession session, IsoVmRequest request, CancellationToken cancellationToken)
    {
        RequestChecks.Run(session.Limits, request);
        if (request.DiskBytes.Count >= VmBuilder.DiskPositions)
            throw new VmDeployException(ErrorCodes.HardwareInvalid, $"{request.DiskBytes.Count} disks requested; this host allows {VmBuilder.DiskPositions - 1} beside the CD-ROM drive.");
        Ignore(session, request);
        var template = await OvaTarget.OtherInstallMediaAsync(session, cancellationToken);
        var inventory = await XapiInventory.ReadAsync(session.Client, cancellationToken);
        var host = inventory.Host(request.HostName);
        var networks = request.Networks is null ? [inventory.DefaultNetwork] : request.Networks.Select(inventory.Network).ToList();
        return new IsoVmPlan(session, request, await session.FindExistingAsync(request.Names, cancellationToken), template,
            inventory.DiskStorage(request.Datastore, host), host, networks,
            await IsoSource.FindAsync(session, inventory, request.IsoPath, request.IsoDatastore, cancellationToken));
    }

    private protected override Task PrepareAsync(RollbackScope scope, IProgress<OperationProgress> progress, CancellationToken cancellationToken) =>
        iso.VdiAsync(scope, progress, cancellationToken);

    private protected override Task<Vm> CreateAsync(VmCreation creation) =>
        BuildAsync(creation, async builder =>
        {
            var (name, cancellationToken) = (creation.Name, creation.CancellationToken);
            var vm = await builder.DuplicateAsync(template.Ref, null, creation.ReportPercent, creation.CancellationToken);
            if (vm.Map("other_config").ContainsKey("disks"))
                await builder.CallAsync("VM.remove_from_other_config", vm.Ref, "disks");
            await Xapi.Tasks.RunAsync("VM.provision", null, CancellationToken.None, vm.Ref);
            await builder.SetHardwareAsync(vm, _request.CpuCount, _request.MemoryMB << 20);
            if (host is not null)
                await builder.CallAsync("VM.set_affinity", vm.Ref, host.Ref);
            cancellationToken.ThrowIfCancellationRequested();

            var free = new Queue<int>(VmBuilder.FreePositions([VmBuilder.CdPosition]));
            foreach (var size in _request.DiskBytes)
            {
                var position = free.Dequeue();
                var vdi = await builder.CreateDiskAsync(storage.Ref, size, DiskName(name, position));
                await builder.AttachDiskAsync(vm.Ref, vdi.Ref, position, isBootable: position == 0);
            }
            await builder.AddCdAsync(vm.Ref, await iso.VdiAsync(creation.Scope, new Progress<OperationProgress>(), cancellationToken), VmBuilder.CdPosition);
            await builder.CallAsync("VM.set_HVM_boot_params", vm.Ref, FirmwareSettings.BootParams(vm, IsEfi, order: "dc"));
            if (IsEfi)
                await builder.CallAsync("VM.set_platform", vm.Ref, FirmwareSettings.Platform(vm, IsEfi, _request.SecureBoot, null));
            for (var i = 0; i < networks.Count; i++)
                await builder.AddInterfaceAsync(vm.Ref, networks[i], i);
            return vm.Ref;
        });

    private static void Ignore(XapiSession session, IsoVmRequest request)
    {
        if (request.GuestId is not null)
            session.Log.OptionIgnored("A guest id");
        if (request.DiskController is not null)
            session.Log.OptionIgnored("A disk controller");
        if (request.NicModel is not null)
            session.Log.OptionIgnored("An adapter model");
        if (request.DiskProvisioning is not null)
            session.Log.OptionIgnored("The provisioning of disks (the storage repository decides)");
    }
}
