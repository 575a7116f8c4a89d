namespace VmDeploy;

/// <summary>
/// VMs to be created, with every name resolved and all input checked; nothing has been changed yet.
/// Each kind of deployment on each hypervisor derives from it.
/// </summary>
public abstract class DeploymentPlan
{
    private readonly DeploymentRequest _request;
    private readonly IReadOnlyDictionary<string, Vm> _existing;
    private readonly IReadOnlyDictionary<string, VmReplacement> _replacements;
    private readonly UploadOnce _once = new();

    /// <summary>Creates the plan; refuses names that already exist unless the request says what to do about them.</summary>
    private protected DeploymentPlan(VmSession session, DeploymentRequest request, IReadOnlyDictionary<string, Vm> existing)
    {
        Session = session;
        _request = request;
        _existing = existing;
        if (existing.Count > 0 && request.ExistingVm == ExistingVmAction.Fail)
        {
            throw new VmDeployException(ErrorCodes.VmNameExists,
                $"VMs with these names already exist on {session.Server}: {VmDeploy.Names.List(existing.Keys)}.", existing.Keys.First());
        }
        _replacements = existing.Where(_ => request.ExistingVm == ExistingVmAction.Replace)
            .ToDictionary(there => there.Key, there => new VmReplacement(there.Value), StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>The session.</summary>
    public VmSession Session { get; }

    /// <summary>The names of the VMs.</summary>
    public IReadOnlyList<string> Names => _request.Names;

    /// <summary>The action, beginning with a verb, for example <c>Import tinyVM.ova</c>.</summary>
    public abstract string Action { get; }

    /// <summary>A VM as it would be without the requested hardware.</summary>
    private protected abstract VmSummary Summary { get; }

    /// <summary>VMs that have one of the names already.</summary>
    internal IEnumerable<Vm> Existing => _existing.Values;

    /// <summary>Whether creating this one removes an existing VM.</summary>
    public bool Replaces(string name) => _replacements.ContainsKey(name);

    /// <summary>The action for one of the names, for -WhatIf: lists everything that will be created.</summary>
    public string Describe(string name)
    {
        var start = _request.WaitForIp is not null ? ", power on and wait for an IP address" : _request.PowerOn ? ", power on" : "";
        return IsReused(name) ? $"Use the existing VM {name}{start}"
            : $"{(Replaces(name) ? "Replace the existing VM: " : "")}{Action} as {name}: {_request.Hardware.Complete(Summary, Names, name)}{start}";
    }

    /// <summary>
    /// Creates the VMs, a few at a time. A VM that fails is rolled back and does not stop the others.
    /// Returns when all have ended, even after a cancellation.
    /// </summary>
    /// <param name="names">Which of <see cref="Names"/>.</param>
    /// <param name="done">Called for each finished VM, one call at a time; also for one that was created but could not be started.</param>
    /// <param name="failed">Called for each name that failed, one call at a time.</param>
    /// <param name="progress">Bar 0 is the operation, from 1 the VMs.</param>
    /// <param name="cancellationToken">Stops; unfinished VMs are rolled back before this returns.</param>
    public async Task RunAsync(
        IReadOnlyList<string> names,
        Action<Vm> done,
        Action<string, VmDeployException> failed,
        IProgress<OperationProgress> progress,
        CancellationToken cancellationToken)
    {
        using var slots = new SemaphoreSlim(Math.Max(1, _request.ThrottleLimit));
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
                if (IsReused(name))
                    return _existing[name];
                cancellationToken.ThrowIfCancellationRequested();
                var vm = await RollbackScope.RunAsync(Session, name, scope => MakeAsync(name, number, scope));
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

        async Task<Vm> MakeAsync(string name, int number, RollbackScope scope)
        {
            if (_replacements.TryGetValue(name, out var replacement))
                await replacement.FreeNameAsync(scope, cancellationToken);
            var creation = new VmCreation(name, new OperationProgress(number, name, Action) { ParentId = 0 }, scope, progress, cancellationToken);
            try
            {
                return names.Count > 1 && CanCopy
                    ? await _once.MakeAsync(() => CreateAsync(creation), source => CopyAsync(source, creation), cancellationToken)
                    : await CreateAsync(creation);
            }
            finally
            {
                Interlocked.Add(ref sent, creation.BytesSent);
                creation.End();
            }
        }

        async Task HandOverAsync(string name, int number, Task<Vm?> own, Task<Vm?>[] all)
        {
            if (await own is not { } vm)
                return;
            // The source of the copies is emitted last: a caller could start it, and a running VM can't be copied.
            if (_once.IsSource(vm))
                await Task.WhenAll(all);
            VmDeployException? failure = null;
            try
            {
                if (_replacements.TryGetValue(name, out var replacement))
                    await replacement.RemoveOldAsync();
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

    /// <summary>Creates one VM, powered off, and adds what it creates to the creation's scope.</summary>
    private protected abstract Task<Vm> CreateAsync(VmCreation creation);

    /// <summary>Whether further VMs can be copies of the first, so that its disks are sent only once.</summary>
    private protected virtual bool CanCopy => false;

    private protected virtual Task<Vm> CopyAsync(Vm source, VmCreation creation) => throw new NotSupportedException();

    /// <summary>Creates what all VMs share, once and before the first; it is rolled back if no VM could be created.</summary>
    private protected virtual Task PrepareAsync(RollbackScope scope, IProgress<OperationProgress> progress, CancellationToken cancellationToken) =>
        Task.CompletedTask;

    private bool IsReused(string name) => _request.ExistingVm == ExistingVmAction.Reuse && _existing.ContainsKey(name);

    private async Task StartAsync(Vm vm, OperationProgress bar, IProgress<OperationProgress> progress, CancellationToken cancellationToken)
    {
        var step = "powered on";
        try
        {
            await Session.Power.StartAsync(vm, cancellationToken);
            if (_request.WaitForIp is not { } limit)
                return;
            step = "given an IP address";
            await Session.Waiting.WaitAsync(vm, VmCondition.IpAddress, limit, progress, bar, cancellationToken);
        }
        catch (VmDeployException e)
        {
            throw new VmDeployException(e.Code, $"VM '{vm.Name}' exists, but could not be {step}: {e.Message}", vm, e, e.Hint);
        }
        finally
        {
            progress.Report(bar with { IsCompleted = true });
        }
    }
}
