namespace VmDeploy;

/// <summary>
/// VMs to be created, with every name resolved and all input checked; nothing has been changed yet.
/// Each kind of deployment on each hypervisor derives from it.
/// </summary>
public abstract class DeploymentPlan : IDeploymentPlan
{
    private readonly DeploymentRequest _request;
    private readonly IReadOnlyDictionary<string, Vm> _existing;
    private readonly IReadOnlyDictionary<string, VmReplacement> _replacements;
    private readonly UploadOnce _once = new();
    private readonly TransferLimit _transfers;

    /// <summary>Creates the plan; refuses names that already exist unless the request says what to do about them.</summary>
    private protected DeploymentPlan(VmSession session, DeploymentRequest request, IReadOnlyDictionary<string, Vm> existing)
    {
        Session = session;
        _request = request;
        _existing = existing;
        _transfers = request.SharedTransfers;
        var others = existing.Where(there => !(request.Replacing.TryGetValue(there.Key, out var old) && old.Id == there.Value.Id)).ToList();
        if (others.Count > 0 && request.ExistingVm == ExistingVmAction.Fail)
        {
            throw new VmDeployException(ErrorCodes.VmNameExists,
                $"VMs with these names already exist on {session.Server}: {VmDeploy.Names.List(others.Select(there => there.Key))}.", others[0].Key);
        }
        _replacements = (request.ExistingVm == ExistingVmAction.Replace ? existing : request.Replacing)
            .ToDictionary(there => there.Key, there => new VmReplacement(there.Value), StringComparer.OrdinalIgnoreCase);
    }

    /// <inheritdoc/>
    public VmSession Session { get; }

    /// <inheritdoc/>
    public IReadOnlyList<string> Names => _request.Names;

    /// <summary>The action, beginning with a verb, for example <c>Import tinyVM.ova</c>.</summary>
    public abstract string Action { get; }

    /// <summary>A VM as it would be without the requested hardware.</summary>
    private protected abstract VmSummary Summary { get; }

    /// <summary>VMs that have one of the names already.</summary>
    internal IEnumerable<Vm> Existing => _existing.Values;

    /// <inheritdoc/>
    public bool Replaces(string name) => _replacements.ContainsKey(name);

    /// <inheritdoc/>
    public string Describe(string name)
    {
        var start = _request.WaitForIp is not null ? ", power on and wait for an IP address" : _request.PowerOn ? ", power on" : "";
        return FindReused(name) is { } reused ? $"Use the existing VM {name}{Place(reused)}{start}"
            : $"{(_replacements.TryGetValue(name, out var replacement) ? $"Replace the existing VM{Place(replacement.Old)}: " : "")}{Action} as {name}: {Complete(name)}{start}";
    }

    // Which VM it is, where others may have its name.
    private static string Place(Vm vm) => vm.Session.HasUniqueVmNames || vm.Path is null ? "" : $" {vm.Path}";

    private VmSummary Complete(string name)
    {
        var summary = _request.Hardware.Complete(Summary, Names, name);
        return summary with { Others = [.. summary.Others, .. _request.Details] };
    }

    /// <inheritdoc/>
    public async Task RunAsync(
        IReadOnlyList<string> names,
        Action<Vm> done,
        Action<string, VmDeployException> failed,
        IProgress<OperationProgress> progress,
        CancellationToken cancellationToken)
    {
        using var ownSlots = new SemaphoreSlim(Math.Max(1, _request.ThrottleLimit));
        var slots = _request.Slots ?? ownSlots;
        var whole = new OperationProgress(0, $"{Action} on {Session.Server}", "");
        var shared = new RollbackScope(Session, Action);
        object gate = new();
        int ended = 0, made = 0, unmade = names.Count(name => !IsReused(name));
        long sent = 0;
        Report();
        try
        {
            if (unmade > 0)
                await PrepareAsync(shared, progress, cancellationToken);
            var making = names.Select((name, index) => MakeInTurnAsync(name, index + 1)).ToArray();
            await Task.WhenAll(names.Select((name, index) => HandOverAsync(name, index + 1, making[index], making)));
        }
        catch (Exception e)
        {
            var left = await shared.RollBackAsync(e);
            if (e is VmDeployException failure && left.Count > 0)
                throw failure.WithLeftovers(left);
            throw;
        }
        finally
        {
            shared.Commit();
            progress.Report(whole with { IsCompleted = true });
        }
        if (sent > 0)
            Session.Log.BytesSent(Action, sent, made);
        cancellationToken.ThrowIfCancellationRequested();

        async Task<Vm?> MakeInTurnAsync(string name, int number)
        {
            await slots.WaitAsync(CancellationToken.None);
            try
            {
                if (FindReused(name) is { } reused)
                    return reused;
                cancellationToken.ThrowIfCancellationRequested();
                var vm = await RollbackScope.RunAsync(
                    Session, name, scope => MakeAsync(name, number, names.Count > 1, scope, null, bytes => Interlocked.Add(ref sent, bytes), progress, cancellationToken));
                Interlocked.Increment(ref made);
                Interlocked.Decrement(ref unmade);
                return vm;
            }
            catch (Exception e) when (e is VmDeployException || e is OperationCanceledException && cancellationToken.IsCancellationRequested)
            {
                // What the VMs share is removed when the last of them has failed.
                var left = Interlocked.Decrement(ref unmade) == 0 && made == 0 ? await shared.RollBackAsync(e) : [];
                if (e is VmDeployException failure)
                    End(() => failed(name, failure.WithLeftovers(left)));
                return null;
            }
            finally
            {
                slots.Release();
            }
        }

        async Task HandOverAsync(string name, int number, Task<Vm?> own, Task<Vm?>[] all)
        {
            if (await own is not { } vm)
                return;
            // The source of the copies is emitted last: a caller could start it, and a running VM can't be copied.
            if (IsSource(vm))
                await Task.WhenAll(all);
            VmDeployException? failure = null;
            try
            {
                await RemoveReplacedAsync(name);
                if ((_request.PowerOn || _request.WaitForIp is not null) && !cancellationToken.IsCancellationRequested)
                    await StartAsync(vm, new OperationProgress(number, name, "") { ParentId = 0 }, progress, cancellationToken);
            }
            catch (VmDeployException e)
            {
                failure = e;
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            End(() =>
            {
                done(vm);
                if (failure is not null)
                    failed(name, failure);
            });
        }

        void End(Action tell)
        {
            lock (gate)
            {
                ended++;
                Report();
                tell();
            }
        }

        void Report() => progress.Report(whole with { Status = $"{ended} of {names.Count}", Percent = ended * 100 / names.Count });
    }

    /// <summary>Creates one VM, or copies one that was created before, and adds what it creates to the scope.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="number">Its progress bar.</param>
    /// <param name="isOneOfMany">Others of the names are created too, so that a copy is worthwhile.</param>
    /// <param name="scope">Rolls it back, and gives an existing VM that it replaces its name again.</param>
    /// <param name="shared">The disks of its set; null for a VM that is created alone.</param>
    /// <param name="sent">Gets the number of bytes that were sent, even if it fails.</param>
    /// <param name="progress">Receives its progress.</param>
    /// <param name="cancellationToken">Stops it.</param>
    internal async Task<Vm> MakeAsync(
        string name, int number, bool isOneOfMany, RollbackScope scope, SharedDisks? shared, Action<long> sent, IProgress<OperationProgress> progress,
        CancellationToken cancellationToken)
    {
        if (_replacements.TryGetValue(name, out var replacement))
            await replacement.FreeNameAsync(scope, cancellationToken);
        var creation = new VmCreation(name, new OperationProgress(number, name, Action) { ParentId = 0 }, scope, _transfers, progress, cancellationToken) { Shared = shared };
        try
        {
            return isOneOfMany && CanCopy
                ? await _once.MakeAsync(() => FinishAsync(CreateAsync(creation)), source => FinishAsync(CopyAsync(source, creation)), cancellationToken)
                : await FinishAsync(CreateAsync(creation));
        }
        finally
        {
            sent(creation.BytesSent);
            creation.End();
        }

        // Before others are copied from it.
        async Task<Vm> FinishAsync(Task<Vm> creating)
        {
            var vm = await creating;
            if (_request.Owner is { } owner)
                await Session.Ownership.WriteAsync(vm, owner.Of(vm, _request.Hardware), cancellationToken);
            return vm;
        }
    }

    /// <summary>The existing VM of this name, if it is used as it is; otherwise null.</summary>
    internal Vm? FindReused(string name) => _request.ExistingVm == ExistingVmAction.Reuse && _existing.TryGetValue(name, out var vm) ? vm : null;

    /// <summary>Removes the existing VM that a new one has replaced, if there is one.</summary>
    internal Task RemoveReplacedAsync(string name) => _replacements.TryGetValue(name, out var replacement) ? replacement.RemoveOldAsync() : Task.CompletedTask;

    /// <summary>Whether others are copied from this VM, so that it must not be started before they are finished.</summary>
    internal bool IsSource(Vm vm) => _once.IsSource(vm);

    /// <summary>Creates one VM, powered off, and adds what it creates to the creation's scope.</summary>
    private protected abstract Task<Vm> CreateAsync(VmCreation creation);

    /// <summary>Whether further VMs can be copies of the first, so that its disks are sent only once.</summary>
    private protected virtual bool CanCopy => false;

    private protected virtual Task<Vm> CopyAsync(Vm source, VmCreation creation) => throw new NotSupportedException();

    /// <summary>Creates what all VMs share, once and before the first; it is rolled back if no VM could be created.</summary>
    private protected virtual Task PrepareAsync(RollbackScope scope, IProgress<OperationProgress> progress, CancellationToken cancellationToken) =>
        Task.CompletedTask;

    private bool IsReused(string name) => FindReused(name) is not null;

    private async Task StartAsync(Vm vm, OperationProgress bar, IProgress<OperationProgress> progress, CancellationToken cancellationToken)
    {
        try
        {
            await VmStart.PowerOnAsync(vm, cancellationToken);
            if (_request.WaitForIp is { } limit)
                await VmStart.WaitForIpAsync(vm, limit, bar, progress, cancellationToken);
        }
        finally
        {
            progress.Report(bar with { IsCompleted = true });
        }
    }
}
