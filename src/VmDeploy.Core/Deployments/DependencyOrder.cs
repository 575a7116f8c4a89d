namespace VmDeploy;

/// <summary>
/// What each machine waits for. A machine is made when those that it depends on are ready, and started when all machines that copy it
/// are made, since most hosts can't copy a running VM. One that copies a machine it depends on is only started after it.
/// </summary>
internal sealed class DependencyOrder
{
    private readonly ILookup<string, MachineSpec> _byName;
    private readonly Dictionary<MachineSpec, MachineSpec> _sources = [];
    private readonly ILookup<MachineSpec, MachineSpec> _copies;

    /// <summary>Creates it.</summary>
    /// <param name="all">The machines of a deployment; those that should be absent have no place in the order.</param>
    /// <exception cref="VmDeployException"><c>DependencyCycle</c>, or <c>DependencyUnknown</c> if a machine depends on one that is not in the file, or absent.</exception>
    public DependencyOrder(IReadOnlyList<MachineSpec> all)
    {
        var machines = all.Where(one => one.State != MachineState.Absent).ToList();
        var places = machines.GroupBy(one => (one.Session, one.Name.ToUpperInvariant())).ToDictionary(same => same.Key, same => same.First());
        foreach (var machine in machines)
        {
            if (machine.Source is VmCopySource copy && places.TryGetValue((machine.Session, copy.Source.ToUpperInvariant()), out var source))
                _sources[machine] = source;
        }
        _copies = _sources.ToLookup(pair => pair.Value, pair => pair.Key);
        _byName = machines.SelectMany(one => NamesOf(one).Select(name => (name, one))).ToLookup(pair => pair.name, pair => pair.one, StringComparer.OrdinalIgnoreCase);
        foreach (var machine in machines)
        {
            if (machine.DependsOn.FirstOrDefault(name => !_byName.Contains(name)) is { } unknown)
            {
                var isAbsent = all.Any(one => NamesOf(one).Contains(unknown, StringComparer.OrdinalIgnoreCase));
                throw new VmDeployException(ErrorCodes.DependencyUnknown, $"{machine.Name} depends on '{unknown}', which {(isAbsent ? "should be absent" : "is not in the file")}.", unknown);
            }
        }
        var states = new Dictionary<(MachineSpec, bool), bool>();
        foreach (var machine in machines)
            Visit((machine, true), [], states);
    }

    /// <summary>The machines that must be ready before this one is made.</summary>
    public IReadOnlyList<MachineSpec> ReadyBeforeMake(MachineSpec machine) => Dependencies(machine).Where(one => one != SourceOf(machine)).ToList();

    /// <summary>The machine that this one copies; null if it copies none of the file.</summary>
    public MachineSpec? SourceOf(MachineSpec machine) => _sources.TryGetValue(machine, out var source) ? source : null;

    /// <summary>The machines that must be made before this one is started.</summary>
    public IReadOnlyList<MachineSpec> MadeBeforeStart(MachineSpec machine) => _copies[machine].ToList();

    /// <summary>The machines that must be ready before this one is started.</summary>
    public IReadOnlyList<MachineSpec> ReadyBeforeStart(MachineSpec machine) => Dependencies(machine).Where(one => one == SourceOf(machine)).ToList();

    /// <summary>The machines that must be as wanted, or made, before this one.</summary>
    public IEnumerable<MachineSpec> Before(MachineSpec machine) => SourceOf(machine) is { } source ? Dependencies(machine).Append(source) : Dependencies(machine);

    private static IEnumerable<string> NamesOf(MachineSpec machine) => new[] { machine.Name, machine.Entry }.Distinct(StringComparer.OrdinalIgnoreCase);

    private IEnumerable<MachineSpec> Dependencies(MachineSpec machine) => machine.DependsOn.SelectMany(name => _byName[name]).Distinct();

    // Depth first; a machine is two nodes, made and ready.
    private void Visit((MachineSpec Machine, bool IsReady) node, IReadOnlyList<string> path, Dictionary<(MachineSpec, bool), bool> states)
    {
        if (states.TryGetValue(node, out var isDone))
        {
            if (isDone)
                return;
            throw new VmDeployException(ErrorCodes.DependencyCycle, $"Machines depend on each other: {string.Join(" -> ", path.Append(node.Machine.Name).Distinct())}.", node.Machine.Name);
        }
        states[node] = false;
        var before = node.IsReady
            ? ReadyBeforeStart(node.Machine).Select(one => (one, true)).Concat(MadeBeforeStart(node.Machine).Select(one => (one, false))).Append((node.Machine, false))
            : ReadyBeforeMake(node.Machine).Select(one => (one, true)).Concat(SourceOf(node.Machine) is { } source ? [(source, false)] : []);
        foreach (var next in before)
            Visit(next, [.. path, node.Machine.Name], states);
        states[node] = true;
    }
}
