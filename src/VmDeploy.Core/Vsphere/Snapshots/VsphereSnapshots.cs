namespace VmDeploy.Vsphere;

/// <summary>Snapshots of ESXi and vCenter.</summary>
internal sealed class VsphereSnapshots(VsphereSession session) : VmSnapshots
{
    // The first version with CreateSnapshotEx_Task.
    private const string ExVersion = "6.5";

    public override Task<IReadOnlyList<VmSnapshot>> GetAsync(Vm vm, CancellationToken cancellationToken) => SnapshotTree.ReadAsync(session, vm, cancellationToken);

    public override async Task<PlannedChange<Vm>> PlanRestoreAsync(VmSnapshot snapshot, CancellationToken cancellationToken)
    {
        var vm = snapshot.Vm;
        await vm.RefreshAsync(cancellationToken);
        snapshot = Again(snapshot, await GetAsync(vm, cancellationToken));
        var hardware = await VmHardware.ReadAsync(session, vm, cancellationToken);
        var now = DisksOf(hardware.Devices);
        await CheckClonesAsync(vm, $"VM '{vm.Name}' can't be restored", now.Select(FileOf), cancellationToken);
        HashSet<string?> then = [.. (await DisksAsync([snapshot], cancellationToken)).Select(disk => disk.Value("key"))];
        var newer = now.Where(disk => !then.Contains(disk.Value("key"))).Select(disk => $"{disk.Child("deviceInfo")?.Value("label")} {FileOf(disk)}").ToList();
        return new PlannedChange<Vm>(DescribeRestore(snapshot, vm, newer, "are detached, and the host can delete their files"), async (progress, token) =>
        {
            await RevertAsync(snapshot, vm, progress, token);
            await vm.RefreshAsync(CancellationToken.None);
            return vm;
        });
    }

    public override async Task<PlannedChange<IReadOnlyList<VmSnapshot>>> PlanRemoveAsync(VmSnapshot snapshot, bool withChildren, CancellationToken cancellationToken)
    {
        var vm = snapshot.Vm;
        var all = await GetAsync(vm, cancellationToken);
        snapshot = Again(snapshot, all);
        var removed = withChildren ? WithChildren(snapshot, all) : [snapshot];
        // A removal merges the disks above a snapshot into its own.
        var touched = removed.Concat(all.Where(one => one.ParentId == snapshot.Id)).Distinct().ToList();
        var disks = await DisksAsync(touched, cancellationToken);
        var current = DisksOf((await VmHardware.ReadAsync(session, vm, cancellationToken)).Devices);
        await CheckClonesAsync(vm, $"Snapshot '{snapshot.Name}' of VM '{vm.Name}' can't be removed", disks.Concat(current).Select(FileOf), cancellationToken);
        return new PlannedChange<IReadOnlyList<VmSnapshot>>(DescribeRemove(removed), async (progress, token) =>
        {
            await RemoveAsync(snapshot, withChildren, progress, token);
            await ConsolidateAsync(vm, progress, token);
            return removed;
        });
    }

    private protected override async Task<PlannedChange<VmSnapshot>> PlanAsync(SnapshotRequest request, CancellationToken cancellationToken)
    {
        var vm = request.Vm;
        await vm.RefreshAsync(cancellationToken);
        // A VM that is off has neither memory nor a guest to quiesce.
        var isOn = vm.State.PowerState == PowerState.On;
        var description = DescribeTake(request, request.Memory && isOn, request.Quiesce && isOn);
        request = request with { Memory = request.Memory && isOn, Quiesce = request.Quiesce && isOn };
        var before = await GetAsync(vm, cancellationToken);
        return new PlannedChange<VmSnapshot>(description, (progress, token) => RollbackScope.RunAsync(session, vm.Name, async scope =>
        {
            scope.Add($"snapshot '{request.Name}' of VM '{vm.Name}'", cleanup => RemoveNewAsync(request, before, cleanup));
            var made = await TakeAsync(request, progress, token);
            return (await GetAsync(vm, CancellationToken.None)).FirstOrDefault(one => one.Id == made.Value)
                ?? throw new VmDeployException(ErrorCodes.SnapshotNotFound, $"Snapshot '{request.Name}' of VM '{vm.Name}' was removed as soon as it was taken.", request.Name);
        }));
    }

    // If the answer is lost, nobody knows whether the VM went back; going back again gives the same.
    private Task RevertAsync(VmSnapshot snapshot, Vm vm, IProgress<OperationProgress> progress, CancellationToken cancellationToken) =>
        session.Retries.Call.RunAsync(async attempt =>
        {
            if (attempt > 1)
            {
                await session.Retries.BeforeSecondLook();
                await session.Tasks.SettleAsync(MoRef.Of(vm), CancellationToken.None);
            }
            await RunAsync(Reference(snapshot), "RevertToSnapshot_Task", vm, $"Restoring snapshot '{snapshot.Name}'", progress, cancellationToken);
        }, RollbackScope.IsLost, cancellationToken);

    private async Task<MoRef> TakeAsync(SnapshotRequest request, IProgress<OperationProgress> progress, CancellationToken cancellationToken)
    {
        var vm = MoRef.Of(request.Vm);
        var activity = $"Taking snapshot '{request.Name}'";
        XElement?[] arguments = [VimXml.El("name", Inventory.Escape(request.Name)), VimXml.Optional("description", request.Description), VimXml.El("memory", request.Memory)];
        if (VimVersions.IsAtLeast(session.Soap.Version, ExVersion))
        {
            try
            {
                var made = await RunAsync(vm, "CreateSnapshotEx_Task", request.Vm, activity, progress, cancellationToken,
                    [.. arguments, request.Quiesce ? VimXml.El("quiesceSpec") : null]);
                return made!.ToMoRef();
            }
            catch (VimFault fault) when (fault.Type == "MethodNotFound")
            {
                // The server reports this version, but does not implement all of it.
            }
        }
        return (await RunAsync(vm, "CreateSnapshot_Task", request.Vm, activity, progress, cancellationToken, [.. arguments, VimXml.El("quiesce", request.Quiesce)]))!.ToMoRef();
    }

    // The reply with the reference may have been lost: what has the name and was not there before is ours.
    private async Task RemoveNewAsync(SnapshotRequest request, IReadOnlyList<VmSnapshot> before, CancellationToken cancellationToken)
    {
        await session.Tasks.SettleAsync(MoRef.Of(request.Vm), cancellationToken);
        foreach (var made in (await GetAsync(request.Vm, cancellationToken)).Where(one => one.Name == request.Name && before.All(old => old.Id != one.Id)))
            await session.Tasks.RunAsync(Reference(made), "RemoveSnapshot_Task", request.Vm.Name, cancellationToken, VimXml.El("removeChildren", false));
    }

    private async Task RemoveAsync(VmSnapshot snapshot, bool withChildren, IProgress<OperationProgress> progress, CancellationToken cancellationToken)
    {
        try
        {
            await RunAsync(Reference(snapshot), "RemoveSnapshot_Task", snapshot.Vm, $"Removing snapshot '{snapshot.Name}'", progress, cancellationToken,
                VimXml.El("removeChildren", withChildren), VimXml.El("consolidate", true));
        }
        catch (VmDeployException e) when (e.IsUnanswered || e.Code == ErrorCodes.ObjectGone)
        {
            var isThere = await session.Retries.Call.RunAsync(async _ =>
            {
                await session.Tasks.SettleAsync(MoRef.Of(snapshot.Vm), CancellationToken.None);
                return (await GetAsync(snapshot.Vm, CancellationToken.None)).Any(one => one.Id == snapshot.Id);
            }, RollbackScope.IsPassing, CancellationToken.None);
            if (isThere)
                throw;
        }
    }

    // If the host can't merge the disks, because another program uses them, it keeps the files and reports that.
    private async Task ConsolidateAsync(Vm vm, IProgress<OperationProgress> progress, CancellationToken cancellationToken)
    {
        if (!await IsConsolidationNeededAsync(vm, cancellationToken))
            return;
        session.Log.ConsolidationNeeded(vm.Name);
        try
        {
            await RunAsync(MoRef.Of(vm), "ConsolidateVMDisks_Task", vm, "Consolidating disks", progress, cancellationToken);
        }
        catch (VmDeployException e)
        {
            if (e.IsUnanswered && !await IsConsolidationNeededAsync(vm, CancellationToken.None))
                return;
            throw new VmDeployException(ErrorCodes.DisksNotConsolidated,
                $"The snapshot was removed, but the disks of VM '{vm.Name}' could not be consolidated: {e.Message}", vm.Name, e);
        }
    }

    private async Task<bool> IsConsolidationNeededAsync(Vm vm, CancellationToken cancellationToken) =>
        (await session.ReadVmPropertiesAsync(vm, cancellationToken, "runtime.consolidationNeeded")).Text("runtime.consolidationNeeded") == "true";

    private async Task<XElement?> RunAsync(
        MoRef target, string method, Vm vm, string status, IProgress<OperationProgress> progress, CancellationToken cancellationToken, params XElement?[] arguments)
    {
        var bar = new OperationProgress(0, vm.Name, status);
        try
        {
            return await session.Tasks.RunAsync(target, method, vm.Name, percent => progress.Report(bar with { Percent = percent }), cancellationToken, arguments);
        }
        finally
        {
            progress.Report(bar with { IsCompleted = true });
        }
    }

    // Other VMs' disks that are children of these files would break.
    private async Task CheckClonesAsync(Vm vm, string what, IEnumerable<string> files, CancellationToken cancellationToken)
    {
        var touched = files.ToList();
        var clones = new List<string>();
        await session.Properties.ReadAllAsync([VmFiles.Properties], page =>
        {
            clones.AddRange(page.Where(one => one.Object.Value != vm.Id).Select(one => new VmFiles(one)).Where(one => one.Uses(touched)).Select(one => one.Name));
            return Task.CompletedTask;
        }, cancellationToken);
        if (clones.Count > 0)
            throw new VmDeployException(ErrorCodes.LinkedClonesDepend, $"{what}: linked clones depend on its disks: {Names.List(clones)}.", vm.Name);
    }

    private async Task<IReadOnlyList<XElement>> DisksAsync(IReadOnlyList<VmSnapshot> snapshots, CancellationToken cancellationToken) =>
        (await session.Properties.ReadAsync(snapshots.Select(Reference).ToList(), cancellationToken, "config.hardware.device"))
            .SelectMany(content => DisksOf(ConfigSpec.Devices(content["config.hardware.device"]))).ToList();

    private static List<XElement> DisksOf(IEnumerable<XElement> devices) => devices.Where(device => device.TypeName() == "VirtualDisk").ToList();

    private static string FileOf(XElement disk) => disk.Child("backing")?.Value("fileName") ?? "";

    private static MoRef Reference(VmSnapshot snapshot) => new("VirtualMachineSnapshot", snapshot.Id);
}
