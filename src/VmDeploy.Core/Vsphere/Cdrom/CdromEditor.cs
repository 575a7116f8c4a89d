namespace VmDeploy.Vsphere;

internal sealed class CdromEditor(VsphereSession session, VmHardware hardware)
{
    private readonly VmHardware _before = hardware;

    private Vm Vm => _before.Vm;
    private bool IsRunning => _before.PowerState == PowerState.On;

    public async Task<PlannedChange<VmCdrom>> PlanAddAsync(CdromMedium medium, CdromBus? bus, CancellationToken cancellationToken)
    {
        var slot = await ChooseSlotAsync(bus, cancellationToken);
        var source = await CdromSource.FindAsync(session, _before, medium, cancellationToken);
        return new PlannedChange<VmCdrom>($"{slot}, {source}", (progress, token) => AddAsync(slot, source, progress, token));
    }

    public async Task<PlannedChange<VmCdrom>> PlanSetAsync(XElement drive, CdromMedium medium, bool force, CancellationToken cancellationToken)
    {
        var source = await CdromSource.FindAsync(session, _before, medium, cancellationToken);
        var present = CdromDevice.Read(_before, drive);
        return medium.MediumKind == CdromMediumKind.Empty && present.Medium.MediumKind == CdromMediumKind.Empty
            ? new PlannedChange<VmCdrom>($"{source}", (_, _) => Task.FromResult(present)) { ChangesNothing = true }
            : new PlannedChange<VmCdrom>($"{source}", (progress, token) => SetAsync(drive, source, force, progress, token));
    }

    private Task<VmCdrom> AddAsync(CdromSlot slot, CdromSource source, IProgress<OperationProgress> progress, CancellationToken cancellationToken) =>
        RollbackScope.RunAsync(session, Vm.Name, async scope =>
        {
            await source.SendAsync(scope, progress, cancellationToken);
            scope.Add($"CD-ROM drive {slot} of VM '{Vm.Name}'", async _ =>
            {
                if (AddedDrive(await ReadSettledAsync(), slot) is not { } drive)
                    return;
                await ReconfigureAsync(force: true, CancellationToken.None, ConfigSpec.Change("remove", drive));
                // In two steps: a controller with a drive can't be removed.
                if (slot.IsNew && (await ReadAgainAsync()).Find(drive.Number("controllerKey")!.Value) is { } controller)
                    await ReconfigureAsync(force: true, CancellationToken.None, ConfigSpec.Change("remove", controller));
            });
            await ReconfigureAsync(force: false, cancellationToken,
                slot.IsNew ? ConfigSpec.Change("add", slot.Controller) : null,
                ConfigSpec.Change("add", CdromDevice.Create(slot, source.Backing, IsRunning)));
            var after = await ReadAgainAsync();
            var added = AddedDrive(after, slot)
                ?? throw new VmDeployException(ErrorCodes.UnexpectedReply, $"The host reports success, but {Vm.Name} has no new CD-ROM drive.", Vm.Name);
            return CdromDevice.Read(after, added);
        });

    private Task<VmCdrom> SetAsync(
        XElement drive, CdromSource source, bool force, IProgress<OperationProgress> progress, CancellationToken cancellationToken) =>
        RollbackScope.RunAsync(session, Vm.Name, async scope =>
        {
            await source.SendAsync(scope, progress, cancellationToken);
            scope.Add($"the medium of {LabelOf(drive)} of VM '{Vm.Name}'", async _ =>
            {
                var now = Find(await ReadSettledAsync(), drive.Value("key")!);
                if (!XNode.DeepEquals(now.Child("backing"), drive.Child("backing")))
                    await ReconfigureAsync(force: true, CancellationToken.None, ConfigSpec.Change("edit", drive));
            });
            await ReconfigureAsync(force, cancellationToken,
                ConfigSpec.Change("edit", CdromDevice.WithMedium(drive, source.Backing, IsRunning)));
            var after = await ReadAgainAsync();
            return CdromDevice.Read(after, Find(after, drive.Value("key")!));
        });

    public PlannedChange<VmCdrom> PlanRemove(VmCdrom cdrom)
    {
        var drive = Find(_before, cdrom.Id);
        var controller = _before.Find(drive.Number("controllerKey") ?? 0);
        if (controller is not null && CdromSlot.BusOf(controller) == CdromBus.Ide)
        {
            if (_before.PowerState != PowerState.Off)
                throw NeedsPowerOff("removed");
            if (drive.Number("unitNumber") == 0 && CdromSlot.At(_before.Devices, controller, 1) is { } slave)
            {
                throw new VmDeployException(ErrorCodes.CdromHasSlave,
                    $"{Vm.Name}: {LabelOf(drive)} is the IDE master of {LabelOf(slave)}.", Vm.Name);
            }
        }
        return new("Remove", async (_, cancellationToken) =>
        {
            await ReconfigureAsync(force: false, cancellationToken, ConfigSpec.Change("remove", drive));
            return cdrom;
        });
    }

    public static XElement Find(VmHardware hardware, string key) => hardware.Cdroms.FirstOrDefault(d => d.Value("key") == key)
        ?? throw new VmDeployException(ErrorCodes.CdromNotFound, $"{hardware.Vm.Name} has no CD-ROM drive with the key {key} (any more).", key);

    private async Task<CdromSlot> ChooseSlotAsync(CdromBus? bus, CancellationToken cancellationToken)
    {
        var slot = CdromSlot.Find(_before.Devices, bus ?? await WantedBusAsync(cancellationToken));
        if (slot is null && bus is null)
            slot = CdromSlot.Find(_before.Devices, CdromBus.Sata);
        if (slot is null)
        {
            throw new VmDeployException(ErrorCodes.CdromSlotsFull,
                $"{Vm.Name} has no free slot for a CD-ROM drive{(bus == CdromBus.Ide ? " on IDE" : "")}.", Vm.Name);
        }
        return slot.Bus == CdromBus.Ide && _before.PowerState != PowerState.Off ? throw NeedsPowerOff("added") : slot;
    }

    private async Task<CdromBus> WantedBusAsync(CancellationToken cancellationToken)
    {
        // A drive can be added to a running VM only on SATA.
        if (IsRunning && CdromSlot.Find(_before.Devices, CdromBus.Sata) is { IsNew: false })
            return CdromBus.Sata;
        var guestId = _before.Content.Text("config.guestId") ?? "";
        if (_before.IsEfi || _before.Content.Reference("environmentBrowser") is not { } browser)
            return GuestOptions.CdromBusOf(null, _before.IsEfi);
        return GuestOptions.CdromBusOf(
            await GuestOptions.FindAsync(session, browser, guestId, _before.Content.Text("config.version"), cancellationToken), isEfi: false);
    }

    // Identified by its key and its place: another client may add a drive at the same time.
    private XElement? AddedDrive(VmHardware after, CdromSlot slot) => after.Without(_before).FirstOrDefault(d =>
        d.TypeName() == "VirtualCdrom" && d.Number("unitNumber") == slot.Unit
        && after.Find(d.Number("controllerKey") ?? 0) is { } controller && slot.IsOn(controller));

    // After a lost reply the change may have been made, or may still be running.
    private async Task<VmHardware> ReadSettledAsync()
    {
        await session.Tasks.SettleAsync(_before.Reference, CancellationToken.None);
        return await ReadAgainAsync();
    }

    private Task<VmHardware> ReadAgainAsync() => VmHardware.ReadAsync(session, Vm, CancellationToken.None);

    private Task ReconfigureAsync(bool force, CancellationToken cancellationToken, params XElement?[] changes)
    {
        var spec = VimXml.El("spec", changes);
        return IsRunning
            ? new CdromLock(session, _before.Reference, Vm.Name).ReconfigureAsync(spec, force, cancellationToken)
            : session.Tasks.RunAsync(_before.Reference, "ReconfigVM_Task", Vm.Name, cancellationToken, spec);
    }

    private VmDeployException NeedsPowerOff(string what) => new(ErrorCodes.CdromNeedsPowerOff,
        $"{Vm.Name}: an IDE CD-ROM drive cannot be {what} while the VM is {(IsRunning ? "running" : "suspended")}.", Vm.Name);

    private static string LabelOf(XElement device) => device.Child("deviceInfo")?.Value("label") ?? device.TypeName() ?? "device";
}
