namespace VmDeploy;

/// <summary>Compares a deployment with its hosts; changes nothing.</summary>
internal static class DeploymentComparison
{
    /// <summary>The key of the ISO in the file.</summary>
    public const string IsoProperty = "iso_path";

    /// <summary>A status for each machine in the order of the file, and then for each extra VM.</summary>
    public static async Task<IReadOnlyList<MachineStatus>> RunAsync(DeploymentSpec deployment, DeploymentReader reader, CancellationToken cancellationToken)
    {
        var statuses = new List<MachineStatus>();
        foreach (var machine in deployment.Machines)
            statuses.Add(await CompareAsync(deployment, machine, reader, cancellationToken));
        var named = new HashSet<(VmSession, string)>(deployment.Machines.Select(one => (one.Session, Key(one.Name))));
        // Two hosts of the file may be one: members of a pool, or a vCenter and its ESXi host.
        var known = new HashSet<string>(statuses.Where(one => one.Vm is not null).Select(one => Identity(one.Vm!)));
        foreach (var host in deployment.Hosts.Distinct())
        {
            statuses.AddRange(reader.VmsOf(host)
                .Where(one => IsOwn(deployment, one) && !named.Contains((host, Key(one.Vm.Name))) && known.Add(Identity(one.Vm)))
                .Select(one => new MachineStatus(deployment.Name, one.Vm.Name, host.Server, MachineStatusKind.Extra, [], one.Vm)));
        }
        return statuses;
    }

    /// <summary>Whether the deployment has made a VM; one that a run has set aside to replace it counts too.</summary>
    public static bool IsOwn(DeploymentSpec deployment, DeployedVm vm) => string.Equals(vm.Owner?.Deployment, deployment.Name, StringComparison.OrdinalIgnoreCase)
        && vm.Owner!.IsOf(VmReplacement.NameBefore(vm.Vm.Name) ?? vm.Vm.Name);

    // Ids of vCenter and of its hosts differ.
    private static string Identity(Vm vm) => $"{vm.Uuid} {vm.Path}";

    private static string Key(string name) => name.ToUpperInvariant();

    private static async Task<MachineStatus> CompareAsync(DeploymentSpec deployment, MachineSpec machine, DeploymentReader reader, CancellationToken cancellationToken)
    {
        var found = reader.Find(machine.Session, machine.Name);
        var status = new MachineStatus(deployment.Name, machine.Name, machine.Session.Server, MachineStatusKind.AsWanted, [], found?.Vm) { Spec = machine };
        if (found is null)
            return machine.State == MachineState.Absent ? status : status with { Status = MachineStatusKind.Missing };
        if (!IsOwn(deployment, found))
            return status with { Status = MachineStatusKind.Taken };
        if (machine.State == MachineState.Absent)
            return status with { Status = MachineStatusKind.Extra };
        var differences = Differences(machine, found, await reader.FactsAsync(machine, cancellationToken)).ToList();
        return differences.Count == 0 ? status : status with { Status = MachineStatusKind.Different, Differences = differences };
    }

    private static IEnumerable<MachineDifference> Differences(MachineSpec machine, DeployedVm found, SourceFacts facts)
    {
        var (vm, wanted) = (found.Vm, machine.Wanted.Hardware);
        foreach (var part in facts.MadeFrom)
        {
            var before = found.Owner!.MadeFrom.TryGetValue(part.Key, out var value) ? value : "";
            if (before != part.Value)
                yield return IsFingerprint(part.Key) ? new(part.Key, "", "", ChangeCost.Replace) : new(part.Key, part.Value, before, ChangeCost.Replace);
        }
        if (wanted.CpuCount is { } cpus && cpus != vm.CpuCount)
            yield return new("cpu", Text(cpus), Text(vm.CpuCount), ChangeCost.MayRestart);
        if (wanted.MemoryMB is { } memory && memory != vm.MemoryMB)
            yield return new("memory", Text(memory), Text(vm.MemoryMB), ChangeCost.MayRestart);
        foreach (var (key, index, bytes) in WantedDisks(machine, facts))
        {
            var present = index < vm.Disks.Count ? vm.Disks[index].CapacityBytes : 0;
            if (!SourceHardware.IsSame(bytes, present) && bytes != present)
                yield return new(key, SizeText.Format(bytes), present == 0 ? "no disk" : SizeText.Format(present), bytes < present ? ChangeCost.Replace : ChangeCost.MayRestart);
        }
        foreach (var (index, network) in OtherNetworks(machine, vm, facts))
            yield return new("network", network, index < vm.NetworkAdapters.Count ? vm.NetworkAdapters[index].NetworkName ?? "" : "no adapter", ChangeCost.InPlace);
        foreach (var (index, address) in wanted.MacAddresses.Select((address, i) => (i, MacAddress.Parse(address))))
        {
            var present = index < vm.NetworkAdapters.Count ? vm.NetworkAdapters[index].MacAddress ?? "" : "no adapter";
            if (!string.Equals(present, address, StringComparison.OrdinalIgnoreCase))
                yield return new("mac_address", address, present, ChangeCost.MayRestart);
        }
        if (IsoOf(machine) is { } iso && !IsIn(iso, found.Isos))
            yield return new(IsoProperty, iso.Length == 0 ? "empty" : iso, found.Isos.Count == 0 ? "empty" : string.Join(", ", found.Isos), ChangeCost.InPlace);
        if (machine.Wanted.Annotation is { } annotation && annotation != (vm.Annotation ?? ""))
            yield return new("annotation", annotation, vm.Annotation ?? "", ChangeCost.InPlace);
        if (machine.State is MachineState.Running or MachineState.Stopped && (vm.State.PowerState == PowerState.On) != (machine.State == MachineState.Running))
            yield return new("state", machine.State.ToString(), vm.PowerState, ChangeCost.InPlace);
    }

    /// <summary>The sizes that the file wants, with the positions of the disks.</summary>
    public static IEnumerable<(string Key, int Index, long Bytes)> WantedDisks(MachineSpec machine, SourceFacts facts)
    {
        var wanted = machine.Wanted is IsoVmRequest iso ? iso.WithDefaults().Hardware : machine.Wanted.Hardware;
        foreach (var (size, index) in (wanted.DiskBytes ?? []).Select((size, i) => (size, i)))
        {
            if (size is { } bytes)
                yield return ("disk", index, bytes);
        }
        // Which of the disks are further ones is not known if the source isn't.
        if (facts.Disks is not { } own)
            yield break;
        var first = Math.Max(own, wanted.DiskBytes?.Count ?? 0);
        foreach (var (bytes, index) in wanted.ExtraDiskBytes.Select((bytes, i) => (bytes, i)))
            yield return ("extra_disk_gb", first + index, bytes);
    }

    /// <summary>The networks that the file wants where the VM has another or no adapter, with the positions of the adapters. A map says nothing of an adapter that exists.</summary>
    public static IEnumerable<(int Index, string Network)> OtherNetworks(MachineSpec machine, Vm vm, SourceFacts facts)
    {
        IEnumerable<(int Index, string Network)> wanted = machine.Wanted.Hardware.Networks switch
        {
            null => [],
            { Count: 1 } one => Enumerable.Range(0, Math.Max(1, vm.NetworkAdapters.Count)).Select(i => (i, one[0])),
            var all => all.Select((network, i) => (i, network)),
        };
        return wanted.Where(one => one.Index >= vm.NetworkAdapters.Count
            || vm.NetworkAdapters[one.Index].NetworkName != (facts.NetworkNames.TryGetValue(one.Network, out var name) ? name : one.Network));
    }

    /// <summary>The ISO that the file wants in the drive.</summary>
    public static string? IsoOf(MachineSpec machine) => machine.Source is IsoSource source ? source.FromIso.IsoPath : machine.Iso;

    // A local file is on the host under its own name.
    private static bool IsIn(string iso, IReadOnlyList<string> present) => iso.Length == 0
        ? present.Count == 0
        : present.Any(one => one == iso || FileName(one) == FileName(iso));

    private static string FileName(string path) => path.Substring(path.LastIndexOfAny(['/', '\\', ']']) + 1).Trim();

    private static bool IsFingerprint(string aspect) => aspect is MachineSource.SourceAspect or "cloud_init";

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
