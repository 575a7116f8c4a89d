namespace VmDeploy.Xapi;

internal sealed class XapiCdroms(XapiSession session) : VmCdroms
{
    public override async Task<IReadOnlyList<VmCdrom>> GetAsync(Vm vm, CancellationToken cancellationToken)
    {
        var record = await session.VmRecordAsync(vm.Id, cancellationToken);
        var drives = (await session.Client.FindAsync("VBD", record.List("VBDs"), cancellationToken)).Where(vbd => vbd.Text("type") == "CD").OrderBy(VmReader.PositionOf);
        return await Task.WhenAll(drives.Select(vbd => ToCdromAsync(vm, vbd, cancellationToken)));
    }

    public override async Task<PlannedChange<VmCdrom>> PlanAddAsync(
        Vm vm, CdromMedium medium, CdromBus? bus, CancellationToken cancellationToken)
    {
        if (bus == CdromBus.Sata)
            throw new VmDeployException(ErrorCodes.NotSupportedByHost, "XenServer has no SATA drives.", vm.Name, hint: ErrorHint.IdeDrivesOnly);
        var record = await session.VmRecordAsync(vm.Id, cancellationToken);
        RequireHalted(record);
        var allowed = await session.Client.ListAsync("VM.get_allowed_VBD_devices", cancellationToken, record.Ref);
        var position = Enumerable.Range(0, VmBuilder.CdPositions).Reverse().Where(p => allowed.Contains(p.ToString(CultureInfo.InvariantCulture))).Select(p => (int?)p).FirstOrDefault()
            ?? throw new VmDeployException(ErrorCodes.CdromSlotsFull, $"VM '{vm.Name}' has no free position for a CD drive; positions are 0 to {VmBuilder.CdPositions - 1}.", vm.Name);
        var source = await FindMediumAsync(medium, cancellationToken);
        return new PlannedChange<VmCdrom>($"CD drive {position}, {Describe(source)}", (progress, token) => AddAsync(vm, record.Ref, position, source, progress, token));
    }

    private async Task<VmCdrom> AddAsync(
        Vm vm, string record, int position, IsoSource? source, IProgress<OperationProgress> progress, CancellationToken cancellationToken)
    {
        return await RollbackScope.RunAsync(session, vm.Name, async scope =>
        {
            var iso = await VdiAsync(source, scope, progress, cancellationToken);
            cancellationToken.ThrowIfCancellationRequested();
            var vbd = await new VmBuilder(session, scope, vm.Name).AddCdToExistingAsync(record, iso, position);
            // A drive that can't be read is removed too: a failed command leaves nothing behind.
            return await ToCdromAsync(vm, await session.Client.RecordAsync("VBD", vbd, cancellationToken), cancellationToken);
        });
    }

    public override async Task<PlannedChange<VmCdrom>> PlanSetAsync(
        VmCdrom cdrom, CdromMedium medium, bool force, CancellationToken cancellationToken)
    {
        var vbd = await VbdAsync(cdrom, cancellationToken);
        var source = await FindMediumAsync(medium, cancellationToken);
        return new PlannedChange<VmCdrom>(Describe(source), (progress, token) => SetAsync(cdrom, vbd, source, progress, token))
        {
            ChangesNothing = source is null && MediumOf(vbd) is null,
        };
    }

    private async Task<VmCdrom> SetAsync(
        VmCdrom cdrom, XapiRecord vbd, IsoSource? source, IProgress<OperationProgress> progress, CancellationToken cancellationToken)
    {
        await RollbackScope.RunAsync(session, cdrom.Vm.Name, async scope =>
        {
            var iso = await VdiAsync(source, scope, progress, cancellationToken);
            var before = MediumOf(vbd);
            if (before == iso)
                return iso;
            cancellationToken.ThrowIfCancellationRequested();
            if (before is not null)
            {
                scope.Add($"the previous medium of {cdrom.Label}", _ => RestoreMediumAsync(cdrom, vbd.Ref, before));
                await EjectAsync(cdrom, vbd);
            }
            if (iso is not null)
                await session.Client.CallAsync("VBD.insert", CancellationToken.None, vbd.Ref, iso);
            return iso;
        });
        return await ToCdromAsync(cdrom.Vm, await VbdAsync(cdrom, cancellationToken), cancellationToken);
    }

    private async Task RestoreMediumAsync(VmCdrom cdrom, string reference, string before)
    {
        if (await session.Client.FindAsync("VBD", reference, CancellationToken.None) is not { } vbd || MediumOf(vbd) == before)
            return;
        if (MediumOf(vbd) is not null)
            await EjectAsync(cdrom, vbd);
        await session.Client.CallAsync("VBD.insert", CancellationToken.None, reference, before);
    }

    private static string? MediumOf(XapiRecord vbd) => vbd.Flag("empty") ? null : vbd.Reference("VDI");

    public override async Task<PlannedChange<VmCdrom>> PlanRemoveAsync(VmCdrom cdrom, CancellationToken cancellationToken)
    {
        var vbd = await VbdAsync(cdrom, cancellationToken);
        RequireHalted(await session.Client.RecordAsync("VM", vbd.Text("VM"), cancellationToken));
        return new("Remove", async (_, token) =>
        {
            await session.Client.CallAsync("VBD.destroy", token, vbd.Ref);
            return cdrom;
        });
    }

    private async Task<IsoSource?> FindMediumAsync(CdromMedium medium, CancellationToken cancellationToken)
    {
        if (medium.MediumKind == CdromMediumKind.Empty)
            return null;
        var inventory = await XapiInventory.ReadAsync(session.Client, cancellationToken);
        return medium.MediumKind == CdromMediumKind.HostDevice
            ? await IsoSource.FindDriveAsync(session, inventory, medium.Path, cancellationToken)
            : await IsoSource.FindAsync(session, inventory, medium.Path ?? "", null, cancellationToken);
    }

    private static async Task<string?> VdiAsync(
        IsoSource? source, RollbackScope scope, IProgress<OperationProgress> progress, CancellationToken cancellationToken) =>
        source is null ? null : await source.VdiAsync(scope, progress, cancellationToken);

    private static string Describe(IsoSource? source) => source?.ToString() ?? "empty";

    private async Task EjectAsync(VmCdrom cdrom, XapiRecord vbd)
    {
        try
        {
            await session.Client.CallAsync("VBD.eject", CancellationToken.None, vbd.Ref);
        }
        catch (XapiFailure failure) when (failure.Failure == "VBD_TRAY_LOCKED")
        {
            throw new VmDeployException(ErrorCodes.CdromLocked, $"The guest of VM '{cdrom.Vm.Name}' has locked {cdrom.Label}.", cdrom.Vm.Name, failure,
                hint: ErrorHint.EjectInGuest);
        }
        catch (XapiFailure failure) when (failure.Failure == "VBD_IS_EMPTY")
        {
            // The guest has ejected it.
        }
    }

    private async Task<XapiRecord> VbdAsync(VmCdrom cdrom, CancellationToken cancellationToken)
    {
        try
        {
            return await session.Client.RecordAsync("VBD", await session.Client.TextAsync("VBD.get_by_uuid", cancellationToken, cdrom.Id), cancellationToken);
        }
        catch (XapiFailure failure) when (failure.Failure is "UUID_INVALID" or "HANDLE_INVALID")
        {
            throw new VmDeployException(ErrorCodes.CdromNotFound, $"{cdrom.Label} of VM '{cdrom.Vm.Name}' no longer exists.", cdrom.Vm.Name, failure);
        }
    }

    private async Task<VmCdrom> ToCdromAsync(Vm vm, XapiRecord vbd, CancellationToken cancellationToken)
    {
        var position = VmReader.PositionOf(vbd);
        var isEmpty = MediumOf(vbd) is null;
        var medium = CdromMedium.Empty;
        if (MediumOf(vbd) is { } iso)
        {
            var vdi = await session.Client.RecordAsync("VDI", iso, cancellationToken);
            var storage = await session.Client.RecordAsync("SR", vdi.Text("SR"), cancellationToken);
            medium = storage.Text("type") == "udev" ? new CdromMedium(CdromMediumKind.HostDevice, vdi.Name) : new CdromMedium(CdromMediumKind.Iso, $"[{storage.Name}] {vdi.Name}");
        }
        return new VmCdrom(vm, vbd.Uuid, $"CD drive {position}")
        {
            Medium = medium,
            Slot = $"IDE {position / 2}:{position % 2}",
            IsConnected = !isEmpty && vbd.Flag("currently_attached"),
            StartConnected = !isEmpty,
        };
    }

    private static void RequireHalted(XapiRecord vm)
    {
        if (VmReader.PowerStateOf(vm) != PowerState.Off)
            throw new VmDeployException(ErrorCodes.CdromNeedsPowerOff, $"CD drives cannot be added or removed while VM '{vm.Name}' is running.", vm.Name);
    }
}
