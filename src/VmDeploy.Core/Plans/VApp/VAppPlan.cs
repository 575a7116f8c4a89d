using VmDeploy.Ova;

namespace VmDeploy;

/// <summary>
/// The machines of a package with several, each imported as a VM of its own, in one or more sets. A set is created as a whole or
/// rolled back, and started in the order of the package.
/// </summary>
internal sealed class VAppPlan : IDeploymentPlan
{
    private readonly OvaImportRequest _request;
    private readonly OvaPackage _package;
    private readonly CommonDisks _disks;
    private readonly IReadOnlyList<(OvfMachine Machine, DeploymentPlan Plan)> _machines;
    private readonly Dictionary<string, (OvfMachine Machine, DeploymentPlan Plan)> _byName = [];

    private VAppPlan(
        VmSession session, OvaImportRequest request, OvaPackage package, IReadOnlyList<(OvfMachine Machine, DeploymentPlan Plan)> machines, CommonDisks disks)
    {
        (Session, _request, _package, _machines, _disks) = (session, request, package, machines, disks);
        foreach (var machine in machines)
        {
            foreach (var name in machine.Plan.Names)
                _byName[name] = machine;
        }
        // Set by set.
        Names = Enumerable.Range(0, machines[0].Plan.Names.Count).SelectMany(set => machines.Select(machine => machine.Plan.Names[set])).ToList();
    }

    public VmSession Session { get; }

    public IReadOnlyList<string> Names { get; }

    private string Action => _machines[0].Plan.Action;

    /// <summary>Plans the import of every machine; changes nothing.</summary>
    public static async Task<VAppPlan> CreateAsync(VmSession session, VAppRequest request, OvaPackage package, CancellationToken cancellationToken)
    {
        var names = request.NameMachines(package.Descriptor.Group!, package.Name, session.Limits);
        var parts = new VAppParts(request.Import with { Transfers = request.Import.SharedTransfers }, package);
        var machines = new List<(OvfMachine Machine, DeploymentPlan Plan)>();
        parts.Disks.Check(session.Log);
        foreach (var machine in package.Descriptor.Group!.Machines)
            machines.Add((machine, await session.PlanOvaImportAsync(parts.Of(machine, names[machine]), package.OfMachine(machine), cancellationToken)));
        foreach (var set in Enumerable.Range(0, machines[0].Plan.Names.Count))
            parts.Disks.CheckReused(machines.Select(machine => (machine.Machine, machine.Plan.FindReused(machine.Plan.Names[set]))).ToList());
        return new VAppPlan(session, request.Import, package, machines, parts.Disks);
    }

    public bool Replaces(string name) => _byName[name].Plan.Replaces(name);

    public string Describe(string name)
    {
        var (machine, plan) = _byName[name];
        return plan.Describe(name) + _disks.Describe(machine) + VAppStart.Describe(machine, _request);
    }

    public async Task RunAsync(
        IReadOnlyList<string> names, Action<Vm> done, Action<string, VmDeployException> failed, IProgress<OperationProgress> progress, CancellationToken cancellationToken)
    {
        using var slots = new SemaphoreSlim(Math.Max(1, _request.ThrottleLimit));
        var whole = new OperationProgress(0, $"{Action} on {Session.Server}", "");
        var chosen = new HashSet<string>(names);
        object gate = new();
        int ended = 0, made = 0;
        long sent = 0;
        Report();
        try
        {
            var sets = SetsOf(chosen);
            var making = sets.Select(MakeAsync).ToArray();
            await Task.WhenAll(sets.Select((set, i) => EndAsync(set, making[i], Task.WhenAll(making))));
        }
        finally
        {
            progress.Report(whole with { IsCompleted = true });
        }
        if (sent > 0)
            Session.Log.BytesSent(Action, sent, made);
        cancellationToken.ThrowIfCancellationRequested();

        // Never throws: the scope of the set is still to be committed or rolled back.
        async Task<Failure?> MakeAsync(VAppSet set)
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            Failure? first = null;
            await Task.WhenAll(set.Members.Select(async member =>
            {
                await slots.WaitAsync(CancellationToken.None);
                try
                {
                    if ((member.Vm = member.Plan.FindReused(member.Name)) is not null)
                        return;
                    stop.Token.ThrowIfCancellationRequested();
                    var isOneOfMany = member.Plan.Names.Count(name => chosen.Contains(name) && member.Plan.FindReused(name) is null) > 1;
                    member.Vm = await member.Plan.MakeAsync(
                        member.Name, member.Bar.Id, isOneOfMany, set.Scope, set.Shared, bytes => Interlocked.Add(ref sent, bytes), progress, stop.Token);
                    Interlocked.Increment(ref made);
                }
                catch (Exception e)
                {
                    lock (set)
                        first ??= new Failure(member, e);
                    stop.Cancel();
                }
                finally
                {
                    slots.Release();
                }
            }));
            return first;
        }

        async Task EndAsync(VAppSet set, Task<Failure?> own, Task all)
        {
            var failure = await own;
            // Other sets may be copied from the VMs of this one.
            if (failure is not null || set.Members.Any(member => member.Plan.IsSource(member.Vm!)))
                await all;
            if (failure is not null)
            {
                await RollBackAsync(set, failure);
                return;
            }
            set.Scope.Commit();
            var failures = new Dictionary<VAppMember, VmDeployException>();
            // One after the other: the last of them takes their shared disks with it.
            foreach (var member in set.Members)
                await TryAsync(failures, member, () => member.Plan.RemoveReplacedAsync(member.Name));
            try
            {
                if ((_request.PowerOn || _request.WaitForIp is not null) && !cancellationToken.IsCancellationRequested)
                    await StartAsync(set, failures);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                // The VMs are emitted as they are.
            }
            foreach (var member in set.Members)
            {
                End(() =>
                {
                    done(member.Vm!);
                    if (failures.TryGetValue(member, out var reason))
                        failed(member.Name, reason);
                });
            }
        }

        async Task RollBackAsync(VAppSet set, Failure failure)
        {
            var left = await set.Scope.RollBackAsync(failure.Reason);
            switch (failure.Reason)
            {
                case VmDeployException known:
                    var others = set.Members.Where(member => member != failure.Member && member.Plan.FindReused(member.Name) is null).Select(member => member.Name).ToList();
                    var message = others.Count == 0 ? known.Message
                        : $"{known.Message} The other VMs of the same vApp are not created either: {VmDeploy.Names.List(others)}.";
                    End(() => failed(failure.Member.Name, new VmDeployException(known.Code, message, known.Target, known, known.Hint) { IsTransient = known.IsTransient }.WithLeftovers(left)));
                    break;
                case OperationCanceledException when cancellationToken.IsCancellationRequested:
                    break;
                default:
                    System.Runtime.ExceptionServices.ExceptionDispatchInfo.Capture(failure.Reason).Throw();
                    break;
            }
        }

        async Task StartAsync(VAppSet set, Dictionary<VAppMember, VmDeployException> failures)
        {
            var start = new VAppStart(set.Members, progress, cancellationToken);
            await start.RunAsync(_package.Descriptor.Group!);
            foreach (var pair in start.Failures)
            {
                failures[pair.Key] = start.Skipped.Count == 0 ? pair.Value : new VmDeployException(pair.Value.Code,
                    $"{pair.Value.Message} Not powered on after it: {VmDeploy.Names.List(start.Skipped.Select(member => member.Name))}.", pair.Value.Target, pair.Value, pair.Value.Hint);
            }
            if (_request.WaitForIp is { } limit)
            {
                await Task.WhenAll(start.Started.Select(member =>
                    TryAsync(failures, member, () => VmStart.WaitForIpAsync(member.Vm!, limit, member.Bar, progress, cancellationToken))));
            }
        }

        static async Task TryAsync(Dictionary<VAppMember, VmDeployException> failures, VAppMember member, Func<Task> act)
        {
            try
            {
                await act();
            }
            catch (VmDeployException e)
            {
                lock (failures)
                    failures[member] = e;
            }
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

    private List<VAppSet> SetsOf(HashSet<string> chosen)
    {
        var sets = new List<VAppSet>();
        for (var set = 0; set < _machines[0].Plan.Names.Count; set++)
        {
            var members = _machines.Where(machine => chosen.Contains(machine.Plan.Names[set]))
                .Select(machine => new VAppMember(machine.Machine, machine.Plan, machine.Plan.Names[set],
                    new OperationProgress(Names.ToList().IndexOf(machine.Plan.Names[set]) + 1, machine.Plan.Names[set], "") { ParentId = 0 })).ToList();
            if (members.Count > 0)
                sets.Add(new VAppSet(members, new RollbackScope(Session, VmDeploy.Names.List(members.Select(member => member.Name)))));
        }
        return sets;
    }

    private sealed record VAppSet(IReadOnlyList<VAppMember> Members, RollbackScope Scope)
    {
        public SharedDisks Shared { get; } = new();
    }

    private sealed record Failure(VAppMember Member, Exception Reason);
}
