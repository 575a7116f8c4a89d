namespace VmDeploy.Export;

/// <summary>Work on a VM through a snapshot of its own, which is removed again whatever happens; on a VM that is off it needs none.</summary>
/// <param name="vm">The VM.</param>
/// <param name="purpose">What the snapshot is for, for example <c>export</c>.</param>
/// <param name="isNeeded">Whether to take it.</param>
internal sealed class TemporarySnapshot(Vm vm, string purpose, bool isNeeded)
{
    /// <summary>Refuses a VM that is not off, unless a snapshot is wanted. Returns whether one is needed.</summary>
    public static bool Check(Vm vm, bool isWanted) => vm.State.PowerState == PowerState.Off ? false
        : isWanted ? true
        : throw new VmDeployException(ErrorCodes.ExportSourceRunning, $"VM '{vm.Name}' is {(vm.State.PowerState == PowerState.On ? "running" : vm.PowerState.ToLowerInvariant())}.", vm.Name);

    /// <summary>Runs the work. Its scope is rolled back after a success, too: it holds nothing that stays.</summary>
    /// <returns>What could not be removed.</returns>
    /// <exception cref="VmDeployException">The failure of the work; its message also names what could not be removed.</exception>
    public async Task<IReadOnlyList<string>> RunAsync(Func<VmSnapshot?, RollbackScope, Task> work, IProgress<OperationProgress> progress, CancellationToken cancellationToken)
    {
        var scope = new RollbackScope(vm.Session, vm.Name);
        Exception? failure = null;
        try
        {
            await work(isNeeded ? await TakeAsync(scope, progress, cancellationToken) : null, scope);
        }
        catch (Exception e)
        {
            failure = e;
        }
        var left = await scope.RollBackAsync(failure);
        if (failure is VmDeployException known && left.Count > 0)
            throw known.WithLeftovers(left);
        if (failure is not null)
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Capture(failure).Throw();
        return left;
    }

    private async Task<VmSnapshot> TakeAsync(RollbackScope scope, IProgress<OperationProgress> progress, CancellationToken cancellationToken)
    {
        var name = $"VmDeploy {purpose} {Guid.NewGuid().ToString("N").Substring(0, 8)}";
        var plan = await vm.Session.Snapshots.PlanTakeAsync(new SnapshotRequest(vm, name) { Description = $"Temporary; removed when the {purpose} has ended." }, cancellationToken);
        scope.Add($"snapshot '{name}' of VM '{vm.Name}'", token => RemoveAsync(name, progress, token));
        return await plan.RunAsync(progress, cancellationToken);
    }

    // What refuses it once may not refuse it again.
    private async Task RemoveAsync(string name, IProgress<OperationProgress> progress, CancellationToken cancellationToken)
    {
        try
        {
            foreach (var made in (await vm.Session.Snapshots.GetAsync(vm, cancellationToken)).Where(one => one.Name == name))
                await (await vm.Session.Snapshots.PlanRemoveAsync(made, withChildren: false, cancellationToken)).RunAsync(progress, cancellationToken);
        }
        catch (VmDeployException e) when (e.Code == ErrorCodes.HostFault)
        {
            throw new VmDeployException(e.Code, e.Message, e.Target, e) { IsTransient = true };
        }
    }
}
