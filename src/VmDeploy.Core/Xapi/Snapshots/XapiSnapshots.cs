namespace VmDeploy.Xapi;

/// <summary>Snapshots of XenServer: separate VMs with their own disks.</summary>
internal sealed class XapiSnapshots(XapiSession session) : VmSnapshots
{
    private XapiClient Client => session.Client;

    public override async Task<IReadOnlyList<VmSnapshot>> GetAsync(Vm vm, CancellationToken cancellationToken)
    {
        var owner = await session.VmRecordAsync(vm.Id, cancellationToken);
        var records = await Client.FindAsync("VM", owner.List("snapshots"), cancellationToken);
        var known = new HashSet<string>(records.Select(record => record.Ref));
        var disks = (await DisksAsync(records, cancellationToken)).ToLookup(disk => disk.Owner, disk => disk.Vdi.Number("physical_utilisation"));
        var found = new List<VmSnapshot>();
        Add(null, null);
        return found;

        void Add(string? parentRef, VmSnapshot? parent)
        {
            foreach (var record in records.Where(one => (one.Reference("parent") is { } above && known.Contains(above) ? above : null) == parentRef).OrderBy(one => one.Time("snapshot_time")))
            {
                var snapshot = new VmSnapshot(vm, record.Uuid, record.Name)
                {
                    Description = record.Text("name_description") is { Length: > 0 } text ? text : null,
                    Created = record.Time("snapshot_time").ToLocalTime(),
                    Parent = parent?.Name,
                    ParentId = parent?.Id,
                    IsCurrent = owner.Reference("parent") == record.Ref,
                    PowerState = StateAfterRestore(record).ToString(),
                    SizeBytes = disks[record.Ref].Sum(),
                    Depth = parent is null ? 0 : parent.Depth + 1,
                };
                found.Add(snapshot);
                Add(record.Ref, snapshot);
            }
        }
    }

    public override async Task<PlannedChange<Vm>> PlanRestoreAsync(VmSnapshot snapshot, CancellationToken cancellationToken)
    {
        var vm = snapshot.Vm;
        await vm.RefreshAsync(cancellationToken);
        snapshot = Again(snapshot, await GetAsync(vm, cancellationToken));
        var record = await session.VmRecordAsync(snapshot.Id, cancellationToken);
        var owner = await session.VmRecordAsync(vm.Id, cancellationToken);
        var cloned = (await DisksAsync([record], cancellationToken)).Select(disk => disk.Vdi).ToList();
        HashSet<string?> replaced = [.. cloned.Select(vdi => vdi.Reference("snapshot_of"))];
        var current = (await DisksAsync([owner], cancellationToken)).Select(disk => disk.Vdi).ToList();
        var memory = owner.Reference("suspend_VDI");
        var deleted = current.Where(vdi => replaced.Contains(vdi.Ref) || vdi.Ref == memory).ToList();
        RestoreSpace.Check(await XapiInventory.ReadAsync(Client, cancellationToken), snapshot.Name, cloned, deleted);
        var newer = current.Except(deleted).Select(vdi => $"{vdi.Name} ({vdi.Uuid})").ToList();
        return new PlannedChange<Vm>(DescribeRestore(snapshot, vm, newer, "are detached and remain on the datastore"), async (progress, token) =>
        {
            token.ThrowIfCancellationRequested();
            await RevertAsync(snapshot, record.Ref, deleted, progress);
            await vm.RefreshAsync(CancellationToken.None);
            if (snapshot.PowerState == nameof(PowerState.On))
                await ResumeAsync(vm);
            return vm;
        });
    }

    public override async Task<PlannedChange<IReadOnlyList<VmSnapshot>>> PlanRemoveAsync(VmSnapshot snapshot, bool withChildren, CancellationToken cancellationToken)
    {
        var all = await GetAsync(snapshot.Vm, cancellationToken);
        snapshot = Again(snapshot, all);
        var removed = withChildren ? WithChildren(snapshot, all) : [snapshot];
        return new PlannedChange<IReadOnlyList<VmSnapshot>>(DescribeRemove(removed), async (_, token) =>
        {
            // The last ones first, so that the rest is a tree after a failure.
            foreach (var one in removed.Reverse())
            {
                token.ThrowIfCancellationRequested();
                await RemoveAsync(one);
            }
            return removed;
        });
    }

    private protected override async Task<PlannedChange<VmSnapshot>> PlanAsync(SnapshotRequest request, CancellationToken cancellationToken)
    {
        var vm = request.Vm;
        var record = await session.VmRecordAsync(vm.Id, cancellationToken);
        var withMemory = request.Memory && VmReader.PowerStateOf(record) != PowerState.Off;
        if (request.Quiesce)
            session.Log.OptionIgnored("Quiescing the guest");
        return new PlannedChange<VmSnapshot>(DescribeTake(request with { Quiesce = false }, withMemory, quiesce: false), (progress, token) => RollbackScope.RunAsync(session, vm.Name, async scope =>
        {
            var bar = new OperationProgress(0, vm.Name, $"Taking snapshot '{request.Name}'");
            try
            {
                return await TakeAsync(new VmBuilder(session, scope, request.Name), request, record, withMemory, percent => progress.Report(bar with { Percent = percent }), token);
            }
            finally
            {
                progress.Report(bar with { IsCompleted = true });
            }
        }));
    }

    private async Task<VmSnapshot> TakeAsync(VmBuilder builder, SnapshotRequest request, XapiRecord vm, bool withMemory, Action<int> percent, CancellationToken cancellationToken)
    {
        string made;
        try
        {
            made = await builder.SnapshotAsync(vm.Ref, withMemory, percent, cancellationToken);
        }
        catch (XapiFailure failure) when (failure.Code == ErrorCodes.ToolsNotRunning)
        {
            throw GuestTools.NotRunning(request.Vm.Name, failure, ErrorHint.SuspendNeedsTools);
        }
        cancellationToken.ThrowIfCancellationRequested();
        // It begins with that of the VM.
        await builder.CallAsync("VM.set_name_description", made, request.Description ?? "");
        await builder.CallAsync("VM.set_name_label", made, request.Name);
        var uuid = (await Client.RecordAsync("VM", made, CancellationToken.None)).Uuid;
        return (await GetAsync(request.Vm, CancellationToken.None)).FirstOrDefault(one => one.Id == uuid)
            ?? throw new VmDeployException(ErrorCodes.SnapshotNotFound, $"Snapshot '{request.Name}' of VM '{request.Vm.Name}' was removed as soon as it was taken.", request.Name);
    }

    // The host leaves it suspended; the guest that ran when it was taken is to run again.
    private static PowerState StateAfterRestore(XapiRecord snapshot) => VmReader.PowerStateOf(snapshot) != PowerState.Suspended ? PowerState.Off
        : snapshot.Map("snapshot_info").TryGetValue("power-state-at-snapshot", out var then) && then == "Running" ? PowerState.On : PowerState.Suspended;

    // Not cancelled: half of it is a VM without disks.
    private async Task RevertAsync(VmSnapshot snapshot, string reference, IReadOnlyList<XapiRecord> deleted, IProgress<OperationProgress> progress)
    {
        var bar = new OperationProgress(0, snapshot.Vm.Name, $"Restoring snapshot '{snapshot.Name}'");
        session.Unfinished.Add(bar, $"VM '{snapshot.Vm.Name}' without its disks (restoring snapshot '{snapshot.Name}')");
        try
        {
            // If the answer is lost, nobody knows whether the VM went back; going back again gives the same.
            await session.Retries.Call.RunAsync(async attempt =>
            {
                if (attempt > 1)
                {
                    await session.Retries.BeforeSecondLook();
                    await session.Tasks.LostOnesEndedAsync(["Async.VM.revert"]);
                }
                await session.Tasks.RunAsync("VM.revert", percent => progress.Report(bar with { Percent = percent }), CancellationToken.None, reference);
            }, RollbackScope.IsLost, CancellationToken.None);
        }
        catch (VmDeployException failure)
        {
            if (await ExistAsync(deleted))
                throw;
            throw new VmDeployException(failure.Code,
                $"VM '{snapshot.Vm.Name}' was stopped and may be without its disks until it is restored; snapshot '{snapshot.Name}' still has its data. {failure.Message}",
                snapshot.Vm.Name, failure, ErrorHint.RestoreAgain);
        }
        finally
        {
            session.Unfinished.Remove(bar);
            progress.Report(bar with { IsCompleted = true });
        }
    }

    private async Task<bool> ExistAsync(IReadOnlyList<XapiRecord> disks)
    {
        try
        {
            return (await Client.FindAsync("VDI", disks.Select(disk => disk.Ref), CancellationToken.None)).Count == disks.Count;
        }
        catch (VmDeployException)
        {
            // Nobody knows.
            return false;
        }
    }

    private async Task ResumeAsync(Vm vm)
    {
        try
        {
            await session.Power.StartAsync(vm, CancellationToken.None);
        }
        catch (VmDeployException e)
        {
            throw new VmDeployException(e.Code, $"VM '{vm.Name}' was restored, but could not be resumed: {e.Message}", vm.Name, e, e.Hint);
        }
    }

    private async Task RemoveAsync(VmSnapshot snapshot)
    {
        var removal = new VmRemoval(session);
        session.Unfinished.Add(removal, $"snapshot '{snapshot.Name}' or its disks (removal)");
        try
        {
            var record = await session.VmRecordAsync(snapshot.Id, CancellationToken.None);
            await session.Retries.Cleanup.RunAsync(_ => removal.RunAsync(record.Ref, snapshot.Name), VmRemoval.IsPassing, CancellationToken.None);
        }
        catch (VmDeployException e) when (e.Code == ErrorCodes.VmNotFound)
        {
            // Another client was faster.
        }
        finally
        {
            session.Unfinished.Remove(removal);
        }
    }

    // The disks of VMs, and their saved memory, each with its VM.
    private async Task<IReadOnlyList<(string Owner, XapiRecord Vdi)>> DisksAsync(IReadOnlyList<XapiRecord> vms, CancellationToken cancellationToken)
    {
        var vbds = await Client.FindAsync("VBD", vms.SelectMany(vm => vm.List("VBDs")), cancellationToken);
        var owners = vbds.Where(vbd => vbd.Text("type") == "Disk").Select(vbd => (Owner: vbd.Text("VM"), Vdi: vbd.Reference("VDI")))
            .Concat(vms.Select(vm => (Owner: vm.Ref, Vdi: vm.Reference("suspend_VDI")))).Where(one => one.Vdi is not null).ToList();
        var vdis = (await Client.FindAsync("VDI", owners.Select(one => one.Vdi!), cancellationToken)).ToDictionary(vdi => vdi.Ref);
        return owners.Where(one => vdis.ContainsKey(one.Vdi!)).Select(one => (one.Owner, vdis[one.Vdi!])).ToList();
    }
}
