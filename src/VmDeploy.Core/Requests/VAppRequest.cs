using VmDeploy.Ova;

namespace VmDeploy;

/// <summary>A request for the VMs of a package with several machines (a VirtualSystemCollection).</summary>
/// <param name="Import">What all of them have in common; without names.</param>
public sealed record VAppRequest(OvaImportRequest Import)
{
    /// <summary>
    /// The pattern of the names: <c>{name}</c> stands for a machine's name in the package (its id if several have the name),
    /// <c>{source}</c> for the package's name, <c>{n}</c> and <c>{n:000}</c> for the number of the set.
    /// </summary>
    public string NamePattern { get; init; } = "{name}";

    /// <summary>Exact names instead: those of the first set in the order of the descriptor, then those of the second. Empty for the pattern.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>How many sets of the machines to create.</summary>
    public int Count { get; init; } = 1;

    /// <summary>Keep each set together as one vApp (vCenter).</summary>
    public bool AsVApp { get; init; }

    /// <summary>The names of the VMs, by machine, for each set.</summary>
    /// <exception cref="VmDeployException"><c>NameInvalid</c> or <c>DuplicateVmName</c>.</exception>
    internal IReadOnlyDictionary<OvfMachine, IReadOnlyList<string>> NameMachines(OvfGroup collection, string source, VmLimits limits)
    {
        var machines = collection.Machines.ToList();
        if (Names.Count > 0 && Names.Count != machines.Count * Count)
        {
            throw new VmDeployException(ErrorCodes.NameInvalid,
                $"{Names.Count} name{(Names.Count == 1 ? "" : "s")} given for {machines.Count * Count} VMs: {VmDeploy.Names.List(machines.Select(machine => machine.Name))}.",
                Names[0], hint: ErrorHint.NameMachines);
        }
        var isUnique = machines.GroupBy(machine => machine.Name, StringComparer.OrdinalIgnoreCase).All(same => same.Count() == 1);
        var names = machines.Select((machine, i) => (Machine: machine, Names: Names.Count > 0
            ? Enumerable.Range(0, Count).Select(set => Names[(set * machines.Count) + i]).ToList()
            : VmNames.FromPattern(NamePattern, source, Count, isUnique ? machine.Name : machine.Id))).ToDictionary(pair => pair.Machine, pair => pair.Names);
        VmNames.Check(names.Values.SelectMany(each => each).ToList(), limits);
        return names;
    }
}
