using System.Collections.Concurrent;

namespace VmDeploy;

/// <summary>The plan of a deployment, compared with its hosts, and its execution.</summary>
public sealed class DeploymentRun : IDisposable
{
    // Whatever the source has brought.
    private const string OfSource = "*";

    // Bars of one machine or group; no plan has more.
    private const int BarsOfGroup = 2000;

    private readonly DeploymentSpec _deployment;
    private readonly DeploymentOptions _options;
    private readonly DeploymentReader _reader;
    private readonly DependencyOrder _order;
    private readonly TransferLimit _transfers;
    private readonly Dictionary<MachineSpec, Progress> _states = [];
    private readonly Dictionary<(VmSession, MachineSource, bool), Task<DeploymentPlan>> _plans = [];

    private DeploymentRun(DeploymentSpec deployment, DeploymentOptions options, DeploymentReader reader)
    {
        _deployment = deployment;
        _options = options;
        _reader = reader;
        _transfers = new TransferLimit(options.ThrottleLimit);
        _order = new DependencyOrder(deployment.Machines);
    }

    /// <summary>The machines of the plan, in the order of the file, and then extra VMs.</summary>
    public IReadOnlyList<PlannedMachine> Machines { get; private set; } = [];

    /// <summary>Compares a deployment with its hosts, each of which is read once; changes nothing.</summary>
    public static async Task<IReadOnlyList<MachineStatus>> CompareAsync(DeploymentSpec deployment, CancellationToken cancellationToken)
    {
        _ = new DependencyOrder(deployment.Machines);
        using var reader = await DeploymentReader.ReadAsync(deployment, cancellationToken);
        return await DeploymentComparison.RunAsync(deployment, reader, cancellationToken);
    }

    /// <summary>Compares, and plans what makes the machines as wanted; changes nothing.</summary>
    public static async Task<DeploymentRun> PlanAsync(DeploymentSpec deployment, DeploymentOptions options, CancellationToken cancellationToken)
    {
        var run = new DeploymentRun(deployment, options, await DeploymentReader.ReadAsync(deployment, cancellationToken));
        try
        {
            var statuses = await DeploymentComparison.RunAsync(deployment, run._reader, cancellationToken);
            var planned = new List<PlannedMachine>();
            foreach (var status in statuses)
                planned.Add(await run.PlanAsync(status, statuses, cancellationToken));
            run.Machines = run.WithoutBlocked(planned);
            return run;
        }
        catch
        {
            run.Dispose();
            throw;
        }
    }

    /// <summary>Carries out the plan for some of its machines: dependencies first, several at the same time.</summary>
    /// <param name="machines">Which of <see cref="Machines"/>.</param>
    /// <param name="done">Called for each finished machine, one call at a time.</param>
    /// <param name="failed">Called for each machine that failed, one call at a time.</param>
    /// <param name="progress">Bar 0 is the deployment.</param>
    /// <param name="cancellationToken">Stops; what is half made is rolled back before this returns.</param>
    public async Task RunAsync(IReadOnlyList<PlannedMachine> machines, Action<MachineStatus> done, Action<PlannedMachine, VmDeployException> failed,
        IProgress<OperationProgress> progress, CancellationToken cancellationToken)
    {
        using var slots = new SemaphoreSlim(Math.Max(1, _options.ThrottleLimit));
        object gate = new();
        var (ended, bar) = (0, new OperationProgress(0, $"Deploying {_deployment.Name}", ""));
        var chosen = machines.Where(one => one.Status.Spec is not null && one.Action != MachineAction.Remove).ToDictionary(one => one.Spec);
        foreach (var machine in _deployment.Machines)
            _states[machine] = new Progress();
        var unchanged = Machines.Where(one => one.Status.Spec is { } spec && !chosen.ContainsKey(spec)).ToList();
        var needed = new HashSet<MachineSpec>(chosen.Keys.SelectMany(one => _order.ReadyBeforeMake(one).Concat(_order.ReadyBeforeStart(one))));
        var groups = chosen.Values.Where(one => one.Action is MachineAction.Create or MachineAction.Replace).GroupBy(one => (one.Spec.Session, one.Spec.Source, one.Action))
            .SelectMany(group => group.Select(one => (one, Group: group.ToList()))).ToDictionary(pair => pair.one, pair => pair.Group);
        var making = new Dictionary<PlannedMachine, Task<IReadOnlyDictionary<string, Vm>>>();
        var removed = new ConcurrentDictionary<(VmSession, string), bool>();
        Report();
        try
        {
            // A VM that was set aside must not run beside the one that took its place.
            var removals = machines.Where(one => one.Action == MachineAction.Remove).ToList();
            await RemoveAllAsync(removals.Where(one => one.Status.IsSetAside).ToList());
            await Task.WhenAll(unchanged.Select(one => Task.Run(() => KeepAsync(one, needed.Contains(one.Spec)), CancellationToken.None))
                .Concat(chosen.Values.Select((one, i) => Task.Run(() => MachineAsync(one, 1 + (i * BarsOfGroup)), CancellationToken.None))));
            // Afterwards, because what leaves the file may be copied once more.
            var rest = removals.Where(one => !one.Status.IsSetAside).ToLookup(one => Heir(one.Status.Vm!));
            foreach (var kept in rest.Where(same => same.Key is not null).SelectMany(same => same))
                End(() => failed(kept, new VmDeployException(ErrorCodes.DependencyFailed, $"{kept.Status.Name} was not removed, because {Heir(kept.Status.Vm!)!.Name}, which is made from it or takes its place, was not made.", kept.Status.Name)));
            await RemoveAllAsync(rest[null].ToList());
        }
        finally
        {
            progress.Report(bar with { IsCompleted = true });
        }
        cancellationToken.ThrowIfCancellationRequested();

        // The machine that still needs a VM which is to be removed: its copy, or itself on another host.
        MachineSpec? Heir(Vm vm) => _deployment.Machines.FirstOrDefault(one => one.State != MachineState.Absent && !_states[one].Made.Task.Result
            && (one.Session == vm.Session ? one.Source is VmCopySource copy && string.Equals(copy.Source, vm.Name, StringComparison.OrdinalIgnoreCase) : string.Equals(one.Name, vm.Name, StringComparison.OrdinalIgnoreCase)));

        // An earlier run may have ended before the machine was ready.
        async Task KeepAsync(PlannedMachine machine, bool isNeeded)
        {
            var state = _states[machine.Spec];
            try
            {
                var isAsWanted = machine.Refusal is null && machine.Action == MachineAction.None && machine.Status.Vm is not null;
                state.Made.TrySetResult(isAsWanted);
                await CopiedAsync(machine.Spec);
                if (isAsWanted && isNeeded && machine.Spec.WaitFor is { } condition)
                    await machine.Spec.Session.Waiting.WaitAsync(machine.Status.Vm!, condition, machine.Spec.Timeout, new OffsetProgress(progress, 1 + (machines.Count * BarsOfGroup)), cancellationToken);
                state.Ready.TrySetResult(isAsWanted);
                if (isAsWanted && machine.IsAwaited)
                    Tell(() => done(machine.Status with { Done = MachineAction.None }));
            }
            catch (VmDeployException e)
            {
                Tell(() => failed(machine, e));
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                // The run reports it once.
            }
            finally
            {
                state.Settle(false);
            }
        }

        async Task MachineAsync(PlannedMachine machine, int firstBar)
        {
            var (spec, state) = (machine.Spec, _states[machine.Spec]);
            try
            {
                await ReadyAsync(_order.ReadyBeforeMake(spec), spec);
                if (_order.SourceOf(spec) is { } source && !await _states[source].Made.Task)
                    throw Blocked(spec, source);
                var own = new OffsetProgress(progress, firstBar);
                var found = machine.Action switch
                {
                    MachineAction.Create or MachineAction.Replace => await MakeAsync(machine, own),
                    _ => await ChangeAsync(machine, own),
                };
                state.Made.TrySetResult(true);
                foreach (var copy in _order.MadeBeforeStart(spec).Where(chosen.ContainsKey))
                {
                    // The next run could not make the copy of a machine that runs.
                    if (!await _states[copy].Made.Task && spec.State == MachineState.Running && found.Vm.State.PowerState != PowerState.On)
                    {
                        throw new VmDeployException(ErrorCodes.DependencyFailed,
                            $"{spec.Name} exists, but was not started, because its copy {copy.Name} could not be made, and most hosts can't copy a running VM.", spec.Name);
                    }
                }
                await ReadyAsync(_order.ReadyBeforeStart(spec), spec);
                await ReachStateAsync(spec, found.Vm, own);
                await CheckAsync(spec, found);
                state.Ready.TrySetResult(true);
                End(() => done(machine.Status with { Name = spec.Name, Vm = found.Vm, Kind = MachineStatusKind.AsWanted, Differences = [], Done = machine.Action }));
            }
            catch (VmDeployException e)
            {
                End(() => failed(machine, e));
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                // The run reports it once.
            }
            finally
            {
                state.Settle(false);
            }
        }

        // Machines of one source are made together, so that its disks are sent once.
        async Task<DeployedVm> MakeAsync(PlannedMachine machine, IProgress<OperationProgress> own)
        {
            var group = groups[machine];
            Task<IReadOnlyDictionary<string, Vm>>? task;
            lock (gate)
            {
                if (!making.TryGetValue(group[0], out task))
                    making[group[0]] = task = MakeGroupAsync(group, own);
            }
            var made = await task;
            // A VM can be made and the one that it replaces be left, which must not run beside it.
            if (_states[machine.Spec].Failure is { } failure)
                throw failure;
            if (machine.Action == MachineAction.Replace)
                removed[(machine.Spec.Session, machine.Status.Vm!.Id)] = true;
            if (!made.TryGetValue(machine.Spec.Name, out var vm))
                throw new VmDeployException(ErrorCodes.DependencyFailed, $"{machine.Spec.Name} was not made.", machine.Spec.Name);
            var wanted = machine.Spec.Wanted.Hardware;
            var facts = await _reader.FactsAsync(machine.Spec, cancellationToken);
            var found = new DeployedVm(vm, OwnerOf(machine.Spec, facts).Of(vm, wanted), machine.Spec.Iso is { Length: 0 } ? [OfSource] : []) { ExtraConfig = wanted.ExtraConfig };
            // A package or a template does not bring the ISO of the file.
            if (machine.Spec.Iso is not null)
                await InSlotAsync(() => new MachineChange(machine.Spec, found, facts).RunAsync(own, cancellationToken));
            return found;
        }

        async Task<IReadOnlyDictionary<string, Vm>> MakeGroupAsync(IReadOnlyList<PlannedMachine> group, IProgress<OperationProgress> own)
        {
            var made = new Dictionary<string, Vm>(StringComparer.OrdinalIgnoreCase);
            Task CreateAsync() => CreateGroupAsync(group, made, slots, own, cancellationToken);
            // A source that is changed while it is off stays off for its copies.
            if (group.FirstOrDefault(one => one.StoppedSource is not null) is not { } copy || _order.SourceOf(copy.Spec) is { } changed && chosen.TryGetValue(changed, out var change) && change.NeedsStop)
            {
                await CreateAsync();
                return made;
            }
            // One group of copies after the other stops the source.
            var source = _order.SourceOf(copy.Spec)!;
            await _states[source].Copying.WaitAsync(cancellationToken);
            try
            {
                await WhileStoppedAsync(copy.StoppedSource!, source, startsAgain: true, CreateAsync, own, cancellationToken);
                return made;
            }
            finally
            {
                _states[source].Copying.Release();
            }
        }

        async Task<DeployedVm> ChangeAsync(PlannedMachine machine, IProgress<OperationProgress> own)
        {
            var (spec, found) = (machine.Spec, machine.Status.Found!);
            var change = new MachineChange(spec, found, await _reader.FactsAsync(spec, cancellationToken));
            if (machine.NeedsStop)
                await WhileStoppedAsync(found.Vm, spec, startsAgain: spec.State != MachineState.Stopped, RunAsync, own, cancellationToken);
            else
                await InSlotAsync(() => change.RunAsync(own, cancellationToken));
            return found;

            async Task RunAsync()
            {
                await InSlotAsync(() => change.RunAsync(own, cancellationToken));
                _states[spec].Made.TrySetResult(true);
                await CopiedAsync(spec);
            }
        }

        // Until the copies are made for which the machine is off.
        async Task CopiedAsync(MachineSpec source)
        {
            foreach (var copy in _order.MadeBeforeStart(source).Where(one => chosen.TryGetValue(one, out var planned) && planned.StoppedSource is not null))
                await _states[copy].Made.Task;
        }

        async Task ReachStateAsync(MachineSpec spec, Vm vm, IProgress<OperationProgress> own)
        {
            if (spec.State == MachineState.Running && vm.State.PowerState != PowerState.On)
            {
                if (Predecessor(spec, vm) is { } old && !removed.ContainsKey((old.Session, old.Id)))
                    throw NotBeside(spec, old);
                await InSlotAsync(() => PowerAsync(vm, PowerAction.Start, spec, own, cancellationToken));
            }
            else if (spec.State == MachineState.Stopped && vm.State.PowerState != PowerState.Off)
                await InSlotAsync(() => PowerAsync(vm, PowerAction.Stop, spec, own, cancellationToken));
            if (spec.WaitFor is { } condition)
                await spec.Session.Waiting.WaitAsync(vm, condition, spec.Timeout, own, cancellationToken);
        }

        // What the host did not take is told now, not by the next comparison.
        async Task CheckAsync(MachineSpec spec, DeployedVm found)
        {
            await found.Vm.RefreshAsync(cancellationToken);
            var now = found with { ExtraConfig = spec.Wanted.Hardware.ExtraConfig, Isos = spec.Iso is { Length: > 0 } iso ? [iso] : spec.Source is IsoSource source ? [source.FromIso.IsoPath] : [] };
            var left = DeploymentComparison.Differences(spec, now, await _reader.FactsAsync(spec, cancellationToken)).ToList();
            if (left.Count > 0)
                throw new VmDeployException(ErrorCodes.MachineStillDiffers, $"{spec.Name} still differs from the file: {string.Join(", ", left)}.", spec.Name);
        }

        // Linked clones before the VM that they depend on.
        async Task RemoveAllAsync(IReadOnlyList<PlannedMachine> rest)
        {
            while (rest.Count > 0)
            {
                var left = await Task.WhenAll(rest.Select(one => Task.Run(() => RemoveAsync(one), CancellationToken.None)));
                var again = rest.Where((_, i) => left[i] is not null).ToList();
                if (again.Count == rest.Count)
                {
                    for (var i = 0; i < rest.Count; i++)
                        End(() => failed(rest[i], left[i]!));
                    return;
                }
                rest = again;
            }
        }

        // The failure of one that linked clones depend on is returned.
        async Task<VmDeployException?> RemoveAsync(PlannedMachine machine)
        {
            try
            {
                var vm = machine.Status.Vm!;
                await InSlotAsync(async () => await (await vm.Session.PlanRemovalAsync(vm, force: true, cancellationToken)).RunAsync(progress, cancellationToken));
                removed[(vm.Session, vm.Id)] = true;
                End(() => done(machine.Status with { Vm = null, Kind = MachineStatusKind.AsWanted, Done = MachineAction.Remove }));
            }
            catch (VmDeployException e) when (e.Code == ErrorCodes.LinkedClonesDepend)
            {
                return e;
            }
            catch (VmDeployException e)
            {
                End(() => failed(machine, e));
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                // The run reports it once.
            }
            return null;
        }

        async Task ReadyAsync(IReadOnlyList<MachineSpec> others, MachineSpec machine)
        {
            foreach (var other in others)
            {
                if (!await _states[other].Ready.Task)
                    throw Blocked(machine, other);
            }
            cancellationToken.ThrowIfCancellationRequested();
        }

        async Task InSlotAsync(Func<Task> work)
        {
            await slots.WaitAsync(cancellationToken);
            try
            {
                await work();
            }
            finally
            {
                slots.Release();
            }
        }

        void End(Action tell) => Tell(() =>
        {
            ended++;
            Report();
            tell();
        });

        void Tell(Action tell)
        {
            lock (gate)
                tell();
        }

        void Report() => progress.Report(bar with { Status = $"{ended} of {machines.Count}", Percent = machines.Count == 0 ? 100 : ended * 100 / machines.Count });
    }

    /// <inheritdoc/>
    public void Dispose() => _reader.Dispose();

    private static VmDeployException Blocked(MachineSpec machine, MachineSpec other) => new(ErrorCodes.DependencyFailed,
        $"{machine.Name} was not carried out, because {other.Name} is not as wanted.", machine.Name);

    private async Task PowerAsync(Vm vm, PowerAction action, MachineSpec machine, IProgress<OperationProgress> progress, CancellationToken cancellationToken) =>
        await (await machine.Session.Power.PlanAsync(vm, new PowerChange(action) { Force = _options.Force, Timeout = machine.Timeout }, cancellationToken)).RunAsync(progress, cancellationToken);

    // Whatever happens: a machine that ran is not left off.
    private async Task WhileStoppedAsync(Vm vm, MachineSpec machine, bool startsAgain, Func<Task> work, IProgress<OperationProgress> progress, CancellationToken cancellationToken)
    {
        try
        {
            await PowerAsync(vm, PowerAction.Stop, machine, progress, cancellationToken);
            await work();
        }
        catch (Exception e) when (startsAgain)
        {
            try
            {
                await StartAgainAsync();
            }
            catch (VmDeployException second) when (e is VmDeployException first)
            {
                throw new VmDeployException(first.Code, $"{first.Message} {machine.Name} could not be started again: {second.Message}", machine.Name, first, first.Hint);
            }
            throw;
        }
        if (startsAgain)
            await StartAgainAsync();

        async Task StartAgainAsync()
        {
            await vm.RefreshAsync(CancellationToken.None);
            if (vm.State.PowerState != PowerState.On)
                await PowerAsync(vm, PowerAction.Start, machine, progress, CancellationToken.None);
        }
    }

    private async Task CreateGroupAsync(IReadOnlyList<PlannedMachine> group, Dictionary<string, Vm> made, SemaphoreSlim slots, IProgress<OperationProgress> progress, CancellationToken cancellationToken)
    {
        var plan = await PlanGroupAsync(group.Select(one => one.Status).ToList(), group[0].Action == MachineAction.Replace, slots, cancellationToken);
        await plan.RunAsync(plan.Names, vm => { lock (made) made[vm.Name] = vm; },
            (name, e) => _states[group.First(one => string.Equals(one.Spec.Name, name, StringComparison.OrdinalIgnoreCase)).Spec].Failure = e, progress, cancellationToken);
    }

    private async Task<PlannedMachine> PlanAsync(MachineStatus status, IReadOnlyList<MachineStatus> all, CancellationToken cancellationToken)
    {
        try
        {
            return status.Kind switch
            {
                MachineStatusKind.Missing => await PlanCreationAsync(status, all, cancellationToken),
                MachineStatusKind.Different => await PlanChangeAsync(status, all, cancellationToken),
                MachineStatusKind.Extra when status.IsSetAside && Successor(status, all) is { Kind: MachineStatusKind.Taken or MachineStatusKind.Unknown } unfinished => new(status, MachineAction.None, "")
                {
                    Refusal = new VmDeployException(ErrorCodes.VmNotOfDeployment, $"'{status.Name}' was set aside for '{unfinished.Name}', which is not finished: remove that VM, and this one gets its name back.", status.Name),
                },
                MachineStatusKind.Extra when status.Spec is not null || _options.Prune || _options.AllowReplace && status.IsSetAside && Successor(status, all) is not null => new(status, MachineAction.Remove, "Delete with its disks"),
                MachineStatusKind.Taken => new(status, MachineAction.None, "") { Refusal = Taken(status) },
                MachineStatusKind.Unknown => new(status, MachineAction.None, "") { Refusal = status.Failure },
                _ => new(status, MachineAction.None, ""),
            };
        }
        catch (VmDeployException e)
        {
            return new(status, MachineAction.None, "") { Refusal = e };
        }
    }

    private async Task<PlannedMachine> PlanCreationAsync(MachineStatus status, IReadOnlyList<MachineStatus> all, CancellationToken cancellationToken)
    {
        var spec = status.Spec!;
        await CheckIsoAsync(spec, cancellationToken);
        var (text, stopped) = await DescribeCreationAsync(spec, all, isReplaced: false, cancellationToken);
        return new(status, MachineAction.Create, text) { StoppedSource = stopped, IsPoweredOff = _options.Force && stopped is not null };
    }

    // With the running VM that must be stopped to be copied.
    private async Task<(string Text, Vm? Stopped)> DescribeCreationAsync(MachineSpec spec, IReadOnlyList<MachineStatus> all, bool isReplaced, CancellationToken cancellationToken)
    {
        try
        {
            return (await DescribeAsync(spec, all, isReplaced, cancellationToken), null);
        }
        catch (VmDeployException e) when (e.Code == ErrorCodes.CloneSourceRunning && _order.SourceOf(spec) is { } source && all.FirstOrDefault(one => one.Spec == source)?.Vm is { } running)
        {
            return _options.AllowRestart
                ? ($"{(isReplaced ? "Replace the existing VM: " : "")}Stop {source.Name}, clone it as {spec.Name}{AfterCreation(spec)}, and start {source.Name} again", running)
                : throw new VmDeployException(ErrorCodes.RestartNotAllowed, $"{source.Name} is running and must be stopped while it is copied as {spec.Name}.", spec.Name);
        }
    }

    private async Task<PlannedMachine> PlanChangeAsync(MachineStatus status, IReadOnlyList<MachineStatus> all, CancellationToken cancellationToken)
    {
        var spec = status.Spec!;
        var changes = string.Join(", ", status.Differences);
        if (status.Differences.Where(one => one.ChangeCost == ChangeCost.Replace).Select(one => one.Property).Distinct().ToList() is { Count: > 0 } lasting)
        {
            if (!_options.AllowReplace)
            {
                throw new VmDeployException(ErrorCodes.ReplaceNotAllowed, lasting[0] == DeploymentComparison.Unfinished
                    ? $"{spec.Name} was not finished by the run that began it; it must be replaced."
                    : $"{spec.Name} can't be changed to what the file wants ({string.Join(", ", lasting)}); it must be replaced.", spec.Name);
            }
            await CheckIsoAsync(spec, cancellationToken);
            // Its linked clones need its disks; the host is not asked about each other machine.
            if (_order.MadeBeforeStart(spec).Any(copy => copy.Source is VmCopySource { Copy.Linked: true }))
                _ = await spec.Session.PlanRemovalAsync(status.Vm!, force: true, cancellationToken);
            var (text, stopped) = await DescribeCreationAsync(spec, all, isReplaced: true, cancellationToken);
            return new(status, MachineAction.Replace, $"{text} ({changes})") { StoppedSource = stopped };
        }
        var power = status.Vm!.State.PowerState;
        if (power != PowerState.On && spec.State == MachineState.Running && !_options.AllowReplace && !_options.Prune && Predecessor(spec, status.Vm) is { } old)
            throw NotBeside(spec, old);
        var mustStop = await new MachineChange(spec, status.Found!, await _reader.FactsAsync(spec, cancellationToken)).NeedsStopAsync(cancellationToken);
        if (mustStop && !_options.AllowRestart && spec.State != MachineState.Stopped)
            throw new VmDeployException(ErrorCodes.RestartNotAllowed, $"{spec.Name} is {(power == PowerState.On ? "running" : "suspended")} and must be stopped for this change: {changes}.", spec.Name);
        var stops = mustStop || spec.State == MachineState.Stopped && power != PowerState.Off;
        // Refused here if the guest can't shut down.
        if (stops)
            _ = await spec.Session.Power.PlanAsync(status.Vm, new PowerChange(PowerAction.Stop) { Force = _options.Force, Timeout = spec.Timeout }, cancellationToken);
        var how = !stops ? "" : (_options.Force, power) switch
        {
            (true, PowerState.Suspended) => ", its suspended state is discarded",
            (true, _) => ", it is powered off",
            _ => ", its guest is shut down",
        } + (spec.State == MachineState.Stopped ? "" : " and started again");
        return new(status, MachineAction.Change, $"Change {changes}{how}") { NeedsStop = mustStop, IsPoweredOff = _options.Force && stops };
    }

    // An ISO beside another source; that of an IsoSource is checked by its plan.
    private static async Task CheckIsoAsync(MachineSpec machine, CancellationToken cancellationToken)
    {
        if (machine.Iso is not { Length: > 0 } iso)
            return;
        if (iso[0] == '[')
            _ = await machine.Session.DatastoreFiles.ListAsync(new DatastoreFileRequest(iso, null) { Datacenter = machine.Wanted.Datacenter }, cancellationToken);
        else if (Path.IsPathRooted(iso) || machine.Session.Hypervisor != HypervisorKind.XenServer)
            await IsoImage.CheckAsync(iso, cancellationToken);
    }

    // The VM that was set aside for this one, and is left.
    private Vm? Predecessor(MachineSpec machine, Vm vm) => _reader.SetAside(machine.Session, machine.Name, _deployment.Name).FirstOrDefault(one => one.Vm.Id != vm.Id)?.Vm;

    // The machine that a VM was set aside for.
    private static MachineStatus? Successor(MachineStatus aside, IReadOnlyList<MachineStatus> all) =>
        all.FirstOrDefault(one => one.Spec is { } spec && spec.Session == aside.Vm!.Session && VmReplacement.IsSetAsideFor(aside.Vm, spec.Name));

    private static VmDeployException NotBeside(MachineSpec machine, Vm old) => new(ErrorCodes.ReplaceNotAllowed,
        $"{machine.Name} can't be started as long as '{old.Name}' exists, whose place it took.", machine.Name);

    // What depends on a machine that is refused would fail in the run.
    private List<PlannedMachine> WithoutBlocked(List<PlannedMachine> planned)
    {
        for (var isChanged = true; isChanged;)
        {
            isChanged = false;
            var refused = new HashSet<MachineSpec>(planned.Where(one => one.Refusal is not null && one.Status.Spec is not null).Select(one => one.Spec));
            for (var i = 0; i < planned.Count; i++)
            {
                if (planned[i] is not { Action: MachineAction.Create or MachineAction.Change or MachineAction.Replace } one || _order.Before(one.Spec).FirstOrDefault(refused.Contains) is not { } other)
                    continue;
                planned[i] = new(one.Status, MachineAction.None, "") { Refusal = Blocked(one.Spec, other) };
                isChanged = true;
            }
        }
        return planned;
    }

    private VmDeployException Taken(MachineStatus status) => status.Found?.RunnerOf(_deployment.Name) is { } runner
        ? new(ErrorCodes.VmNotOfDeployment, $"VM '{status.Name}' on {status.Server} was begun by {runner.Split('/')[0]}, whose run is still making it or has left it unfinished.",
            status.Name, hint: ErrorHint.BegunByOtherRun)
        : new(ErrorCodes.VmNotOfDeployment, $"VM '{status.Name}' on {status.Server} was not made by the deployment '{_deployment.Name}', or not finished.", status.Name);

    private async Task<string> DescribeAsync(MachineSpec machine, IReadOnlyList<MachineStatus> all, bool isReplaced, CancellationToken cancellationToken)
    {
        var then = AfterCreation(machine);
        // A source that does not exist yet can't be asked.
        if (_order.SourceOf(machine) is { } source && all.Any(one => one.Spec == source && one.Kind == MachineStatusKind.Missing))
            return $"Clone {source.Name}, which is made first, as {machine.Name}{then}";
        // One plan for all of one source: the number of requests depends on the entries of the file, not on the machines.
        if (!_plans.TryGetValue((machine.Session, machine.Source, isReplaced), out var plan))
        {
            var group = all.Where(one => one.Spec is { } spec && spec.Session == machine.Session && spec.Source == machine.Source && one.Kind == (isReplaced ? MachineStatusKind.Different : MachineStatusKind.Missing));
            _plans[(machine.Session, machine.Source, isReplaced)] = plan = PlanGroupAsync(group.ToList(), isReplaced, null, cancellationToken);
        }
        return (await plan).Describe(machine.Name) + then;
    }

    private static string AfterCreation(MachineSpec machine) => $"{(machine.Iso is { Length: > 0 } iso ? $", ISO '{iso}'" : "")}{(machine.State == MachineState.Running ? ", power on" : "")}{(machine.WaitFor is { } condition ? $", wait for {condition}" : "")}";

    private async Task<DeploymentPlan> PlanGroupAsync(IReadOnlyList<MachineStatus> machines, bool isReplaced, SemaphoreSlim? slots, CancellationToken cancellationToken)
    {
        var first = machines[0].Spec!;
        var owner = OwnerOf(first, await _reader.FactsAsync(first, cancellationToken));
        return await first.Source.PlanAsync(first.Session, request => request with
        {
            Names = machines.Select(one => one.Spec!.Name).ToList(),
            Numbers = machines.Select(one => one.Spec!.Number).ToList(),
            // That very VM: there may be another of the name in the folder of the file.
            Replacing = isReplaced ? machines.ToDictionary(one => one.Name, one => one.Vm!, StringComparer.OrdinalIgnoreCase) : request.Replacing,
            Owner = owner,
            Slots = slots,
            Transfers = _transfers,
        }, _reader, cancellationToken);
    }

    private Ownership OwnerOf(MachineSpec machine, SourceFacts facts) => new(_deployment.Name, machine.Entry, facts.MadeFrom);

    // Two promises to the other machines.
    private sealed class Progress
    {
        public TaskCompletionSource<bool> Made { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource<bool> Ready { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public VmDeployException? Failure { get; set; }

        /// <summary>Held while the machine is stopped to be copied.</summary>
        public SemaphoreSlim Copying { get; } = new(1);

        public void Settle(bool isAsWanted)
        {
            Made.TrySetResult(isAsWanted);
            Ready.TrySetResult(isAsWanted);
        }
    }

    private sealed class OffsetProgress(IProgress<OperationProgress> whole, int first) : IProgress<OperationProgress>
    {
        public void Report(OperationProgress value) => whole.Report(value with { Id = value.Id + first, ParentId = value.ParentId < 0 ? 0 : value.ParentId + first });
    }
}
