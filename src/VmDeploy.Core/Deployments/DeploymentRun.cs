namespace VmDeploy;

/// <summary>The plan of a deployment, compared with its hosts, and its execution.</summary>
public sealed class DeploymentRun : IDisposable
{
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
        _order = new DependencyOrder(deployment.Machines.Where(one => one.State != MachineState.Absent).ToList());
    }

    /// <summary>The machines of the plan, in the order of the file, and then extra VMs.</summary>
    public IReadOnlyList<PlannedMachine> Machines { get; private set; } = [];

    /// <summary>Compares a deployment with its hosts, each of which is read once; changes nothing.</summary>
    public static async Task<IReadOnlyList<MachineStatus>> CompareAsync(DeploymentSpec deployment, CancellationToken cancellationToken)
    {
        using var reader = await DeploymentReader.ReadAsync(deployment.Hosts, cancellationToken);
        return await DeploymentComparison.RunAsync(deployment, reader, cancellationToken);
    }

    /// <summary>Compares, and plans what makes the machines as wanted; changes nothing.</summary>
    public static async Task<DeploymentRun> PlanAsync(DeploymentSpec deployment, DeploymentOptions options, CancellationToken cancellationToken)
    {
        var run = new DeploymentRun(deployment, options, await DeploymentReader.ReadAsync(deployment.Hosts, cancellationToken));
        try
        {
            var statuses = await DeploymentComparison.RunAsync(deployment, run._reader, cancellationToken);
            var planned = new List<PlannedMachine>();
            foreach (var status in statuses)
                planned.Add(await run.PlanAsync(status, statuses, cancellationToken));
            run.Machines = planned;
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
        // What is not changed by this run is what it is.
        foreach (var machine in Machines.Where(one => one.Status.Spec is { } spec && !chosen.ContainsKey(spec)))
            _states[machine.Spec].Settle(machine.Refusal is null && machine.Action == MachineAction.None && machine.Status.Vm is not null);
        var groups = chosen.Values.Where(one => one.Action is MachineAction.Create or MachineAction.Replace).GroupBy(one => (one.Spec.Session, one.Spec.Source, one.Action))
            .SelectMany(group => group.Select(one => (one, Group: group.ToList()))).ToDictionary(pair => pair.one, pair => pair.Group);
        var making = new Dictionary<PlannedMachine, Task<IReadOnlyDictionary<string, Vm>>>();
        Report();
        try
        {
            await Task.WhenAll(chosen.Values.Select((one, i) => Task.Run(() => MachineAsync(one, 1 + (i * BarsOfGroup)), CancellationToken.None)));
            // Afterwards, because what leaves the file may be copied once more; linked clones before the VM that they depend on.
            var rest = machines.Where(one => one.Action == MachineAction.Remove).ToList();
            while (rest.Count > 0)
            {
                var left = await Task.WhenAll(rest.Select(one => Task.Run(() => RemoveAsync(one), CancellationToken.None)));
                var needed = rest.Where((_, i) => left[i] is not null).ToList();
                if (needed.Count == rest.Count)
                {
                    for (var i = 0; i < rest.Count; i++)
                        End(() => failed(rest[i], left[i]!));
                    break;
                }
                rest = needed;
            }
        }
        finally
        {
            progress.Report(bar with { IsCompleted = true });
        }
        cancellationToken.ThrowIfCancellationRequested();

        async Task MachineAsync(PlannedMachine machine, int firstBar)
        {
            var (spec, state) = (machine.Spec, _states[machine.Spec]);
            try
            {
                await ReadyAsync(_order.ReadyBeforeMake(spec), spec);
                if (_order.SourceOf(spec) is { } source && !await _states[source].Made.Task)
                    throw Blocked(spec, source);
                var own = new OffsetProgress(progress, firstBar);
                var vm = machine.Action switch
                {
                    MachineAction.Create or MachineAction.Replace => await MakeAsync(machine, own),
                    _ => await ChangeAsync(machine, own),
                };
                // A package or a template does not bring the ISO of the file.
                if (machine.Action is MachineAction.Create or MachineAction.Replace && spec.Iso is not null)
                    await (await ChangeOfAsync(machine, vm)).RunAsync(own, cancellationToken);
                state.Made.TrySetResult(true);
                foreach (var copy in _order.MadeBeforeStart(spec).Where(chosen.ContainsKey))
                {
                    // The next run could not make the copy of a machine that runs.
                    if (!await _states[copy].Made.Task && spec.State == MachineState.Running && vm.State.PowerState != PowerState.On)
                    {
                        throw new VmDeployException(ErrorCodes.DependencyFailed,
                            $"{spec.Name} exists, but was not started, because its copy {copy.Name} could not be made, and most hosts can't copy a running VM.", spec.Name);
                    }
                }
                await ReadyAsync(_order.ReadyBeforeStart(spec), spec);
                await ReachStateAsync(machine, vm, own);
                state.Ready.TrySetResult(true);
                End(() => done(machine.Status with { Vm = vm, Status = MachineStatusKind.AsWanted, Differences = [], Action = machine.Action }));
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
        async Task<Vm> MakeAsync(PlannedMachine machine, IProgress<OperationProgress> own)
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
            return made.TryGetValue(machine.Status.Name, out var vm) ? vm
                : throw new VmDeployException(ErrorCodes.DependencyFailed, $"{machine.Status.Name} was not made.", machine.Status.Name);
        }

        async Task<IReadOnlyDictionary<string, Vm>> MakeGroupAsync(IReadOnlyList<PlannedMachine> group, IProgress<OperationProgress> own)
        {
            var made = new Dictionary<string, Vm>(StringComparer.OrdinalIgnoreCase);
            await slots.WaitAsync(cancellationToken);
            try
            {
                var plan = await PlanGroupAsync(group.Select(one => one.Spec).ToList(), group[0].Action == MachineAction.Replace, cancellationToken);
                await plan.RunAsync(plan.Names, vm => { lock (made) made[vm.Name] = vm; },
                    (name, e) => _states[group.First(one => string.Equals(one.Status.Name, name, StringComparison.OrdinalIgnoreCase)).Spec].Failure = e, own, cancellationToken);
                return made;
            }
            finally
            {
                slots.Release();
            }
        }

        async Task<MachineChange> ChangeOfAsync(PlannedMachine machine, Vm vm) => new(machine.Spec, vm, await _reader.FactsAsync(machine.Spec, cancellationToken))
        {
            HasOtherMedium = machine.Action is MachineAction.Create or MachineAction.Replace
                ? machine.Spec.Iso is not null : machine.Status.Differences.Any(one => one.Property == DeploymentComparison.IsoProperty),
        };

        async Task<Vm> ChangeAsync(PlannedMachine machine, IProgress<OperationProgress> own)
        {
            var vm = machine.Status.Vm!;
            await slots.WaitAsync(cancellationToken);
            try
            {
                var change = await ChangeOfAsync(machine, vm);
                if (machine.NeedsRestart)
                    await PowerAsync(vm, PowerAction.Stop, machine.Spec, own, cancellationToken);
                try
                {
                    await change.RunAsync(own, cancellationToken);
                }
                finally
                {
                    // Whatever happens: a machine that ran is not left off.
                    if (machine.NeedsRestart && machine.Spec.State != MachineState.Stopped)
                        await PowerAsync(vm, PowerAction.Start, machine.Spec, own, CancellationToken.None);
                }
                return vm;
            }
            finally
            {
                slots.Release();
            }
        }

        async Task ReachStateAsync(PlannedMachine machine, Vm vm, IProgress<OperationProgress> own)
        {
            var spec = machine.Spec;
            if (spec.State == MachineState.Running && vm.State.PowerState != PowerState.On)
                await PowerAsync(vm, PowerAction.Start, spec, own, cancellationToken);
            else if (spec.State == MachineState.Stopped && vm.State.PowerState != PowerState.Off)
                await PowerAsync(vm, PowerAction.Stop, spec, own, cancellationToken);
            if (spec.WaitFor is { } condition)
                await spec.Session.Waiting.WaitAsync(vm, condition, spec.Timeout, own, cancellationToken);
        }

        // The failure of one that linked clones depend on is returned.
        async Task<VmDeployException?> RemoveAsync(PlannedMachine machine)
        {
            try
            {
                await slots.WaitAsync(cancellationToken);
                try
                {
                    var vm = machine.Status.Vm!;
                    await (await vm.Session.PlanRemovalAsync(vm, force: true, cancellationToken)).RunAsync(progress, cancellationToken);
                }
                finally
                {
                    slots.Release();
                }
                End(() => done(machine.Status with { Vm = null, Action = MachineAction.Remove }));
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

        void End(Action tell)
        {
            lock (gate)
            {
                ended++;
                Report();
                tell();
            }
        }

        void Report() => progress.Report(bar with { Status = $"{ended} of {machines.Count}", Percent = machines.Count == 0 ? 100 : ended * 100 / machines.Count });
    }

    /// <inheritdoc/>
    public void Dispose() => _reader.Dispose();

    private static VmDeployException Blocked(MachineSpec machine, MachineSpec other) => new(ErrorCodes.DependencyFailed,
        $"{machine.Name} was not carried out, because {other.Name} is not as wanted.", machine.Name);

    private async Task PowerAsync(Vm vm, PowerAction action, MachineSpec machine, IProgress<OperationProgress> progress, CancellationToken cancellationToken) =>
        await (await machine.Session.Power.PlanAsync(vm, new PowerChange(action) { Force = _options.Force, Timeout = machine.Timeout }, cancellationToken)).RunAsync(progress, cancellationToken);

    private async Task<PlannedMachine> PlanAsync(MachineStatus status, IReadOnlyList<MachineStatus> all, CancellationToken cancellationToken)
    {
        try
        {
            return status.Status switch
            {
                MachineStatusKind.Missing => new(status, MachineAction.Create, await DescribeAsync(status.Spec!, all, isReplaced: false, cancellationToken)),
                MachineStatusKind.Different => await PlanChangeAsync(status, all, cancellationToken),
                MachineStatusKind.Extra when status.Spec is not null || _options.Prune => new(status, MachineAction.Remove, "Delete with its disks"),
                MachineStatusKind.Taken => new(status, MachineAction.None, "") { Refusal = Taken(status) },
                _ => new(status, MachineAction.None, ""),
            };
        }
        catch (VmDeployException e)
        {
            return new(status, MachineAction.None, "") { Refusal = e };
        }
    }

    private async Task<PlannedMachine> PlanChangeAsync(MachineStatus status, IReadOnlyList<MachineStatus> all, CancellationToken cancellationToken)
    {
        var spec = status.Spec!;
        var changes = string.Join(", ", status.Differences);
        if (status.Differences.Where(one => one.Cost == ChangeCost.Replace).Select(one => one.Property).Distinct().ToList() is { Count: > 0 } lasting)
        {
            return _options.AllowReplace
                ? new(status, MachineAction.Replace, $"{await DescribeAsync(spec, all, isReplaced: true, cancellationToken)} ({changes})")
                : new(status, MachineAction.None, "")
                {
                    Refusal = new VmDeployException(ErrorCodes.ReplaceNotAllowed, $"{spec.Name} can't be changed to what the file wants ({string.Join(", ", lasting)}); it must be replaced.", spec.Name),
                };
        }
        var needsRestart = status.Differences.Any(one => one.Cost == ChangeCost.MayRestart)
            && await new MachineChange(spec, status.Vm!, await _reader.FactsAsync(spec, cancellationToken)).NeedsRestartAsync(cancellationToken);
        if (needsRestart && !_options.AllowRestart)
        {
            return new(status, MachineAction.None, "")
            {
                Refusal = new VmDeployException(ErrorCodes.RestartNotAllowed, $"{spec.Name} is running and must be stopped for this change: {changes}.", spec.Name),
            };
        }
        return new(status, MachineAction.Change, $"Change {changes}{(needsRestart ? ", with a restart" : "")}") { NeedsRestart = needsRestart };
    }

    private VmDeployException Taken(MachineStatus status) => new(ErrorCodes.VmNotOfDeployment,
        $"VM '{status.Name}' on {status.Server} was not made by the deployment '{_deployment.Name}'.", status.Name);

    private async Task<string> DescribeAsync(MachineSpec machine, IReadOnlyList<MachineStatus> all, bool isReplaced, CancellationToken cancellationToken)
    {
        var start = machine.State == MachineState.Running ? ", power on" : "";
        // A source that does not exist yet can't be asked.
        if (_order.SourceOf(machine) is { } source && all.Any(one => one.Spec == source && one.Status == MachineStatusKind.Missing))
            return $"Clone {source.Name}, which is made first, as {machine.Name}{start}";
        // One plan for all of one source: the number of requests depends on the entries of the file, not on the machines.
        if (!_plans.TryGetValue((machine.Session, machine.Source, isReplaced), out var plan))
        {
            var group = all.Where(one => one.Spec is { } spec && spec.Session == machine.Session && spec.Source == machine.Source && one.Status == (isReplaced ? MachineStatusKind.Different : MachineStatusKind.Missing));
            _plans[(machine.Session, machine.Source, isReplaced)] = plan = PlanGroupAsync(group.Select(one => one.Spec!).ToList(), isReplaced, cancellationToken);
        }
        return (await plan).Describe(machine.Name) + start;
    }

    private async Task<DeploymentPlan> PlanGroupAsync(IReadOnlyList<MachineSpec> machines, bool isReplaced, CancellationToken cancellationToken)
    {
        var first = machines[0];
        var owner = new Ownership(_deployment.Name, first.Entry, (await _reader.FactsAsync(first, cancellationToken)).MadeFrom) { Names = first.NamePattern };
        return await first.Source.PlanAsync(first.Session, request => request with
        {
            Names = machines.Select(one => one.Name).ToList(),
            Numbers = machines.Select(one => one.Number).ToList(),
            Transfers = _transfers,
            ExistingVm = isReplaced ? ExistingVmAction.Replace : ExistingVmAction.Fail,
            Hardware = request.Hardware with
            {
                ExtraConfig = request.Hardware.ExtraConfig.Concat([new(first.Session.Ownership.Key, owner.ToString())]).ToDictionary(entry => entry.Key, entry => entry.Value),
            },
        }, _reader, cancellationToken);
    }

    // Two promises to the other machines.
    private sealed class Progress
    {
        public TaskCompletionSource<bool> Made { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource<bool> Ready { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public VmDeployException? Failure { get; set; }

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
