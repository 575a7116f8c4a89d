namespace VmDeploy;

/// <summary>Compares a deployment with its hosts; changes nothing.</summary>
internal static class DeploymentComparison
{
    /// <summary>The key of the ISO in the file.</summary>
    public const string IsoProperty = "iso_path";

    /// <summary>The only difference of a VM that a run has begun, and was ended before it was finished.</summary>
    public const string Unfinished = "unfinished";

    /// <summary>A status for each machine in the order of the file, and then for each extra VM.</summary>
    public static async Task<IReadOnlyList<MachineStatus>> RunAsync(DeploymentSpec deployment, DeploymentReader reader, CancellationToken cancellationToken)
    {
        var statuses = new List<MachineStatus>();
        foreach (var machine in deployment.Machines)
            statuses.Add(await CompareAsync(deployment, machine, reader, cancellationToken));
        // Two hosts of the file may be one: members of a pool, or a vCenter and its ESXi host.
        var known = new HashSet<string>(statuses.Where(one => one.Vm is not null).Select(one => Identity(one.Vm!)));
        var named = new HashSet<(VmSession, string)>(deployment.Machines.Select(one => (one.Session, one.Name.ToUpperInvariant())));
        bool IsLeftOut(DeployedVm vm) => deployment.LeftOut.Any(name => string.Equals(name, vm.Vm.Name, StringComparison.OrdinalIgnoreCase) || VmReplacement.IsSetAsideFor(vm.Vm, name));
        foreach (var host in deployment.Hosts.Distinct())
        {
            statuses.AddRange(reader.VmsOf(host)
                .Where(one => (one.IsOf(deployment.Name) || one.IsBegunBy(deployment.Name)) && !named.Contains((host, one.Vm.Name.ToUpperInvariant())) && !IsLeftOut(one) && known.Add(Identity(one.Vm)))
                .Select(one => new MachineStatus(deployment.Name, one.Vm.Name, host.Server, MachineStatusKind.Extra, [], one.Vm)));
        }
        return statuses;
    }

    // Ids of vCenter and of its hosts differ.
    private static string Identity(Vm vm) => $"{vm.Uuid} {vm.Path}";

    private static async Task<MachineStatus> CompareAsync(DeploymentSpec deployment, MachineSpec machine, DeploymentReader reader, CancellationToken cancellationToken)
    {
        var status = new MachineStatus(deployment.Name, machine.Name, machine.Session.Server, MachineStatusKind.AsWanted, [], null) { Spec = machine };
        try
        {
            var found = reader.Find(machine.Session, machine.Name, deployment.Name);
            status = status with { Vm = found?.Vm, Found = found };
            if (found is null)
                return machine.State == MachineState.Absent ? status : status with { Kind = MachineStatusKind.Missing };
            // The VM that was set aside for one that is not finished may be the only whole one.
            var isBegun = found.IsBegunBy(deployment.Name) && reader.SetAside(machine.Session, machine.Name, deployment.Name).Count == 0;
            if (!found.IsOf(deployment.Name) && !isBegun)
                return status with { Kind = MachineStatusKind.Taken };
            if (machine.State == MachineState.Absent)
                return status with { Kind = MachineStatusKind.Extra };
            if (isBegun)
                return status with { Kind = MachineStatusKind.Different, Differences = [new(Unfinished, "", "", ChangeCost.Replace)] };
            var differences = Differences(machine, found, await reader.FactsAsync(machine, cancellationToken)).ToList();
            return differences.Count == 0 ? status : status with { Kind = MachineStatusKind.Different, Differences = differences };
        }
        catch (VmDeployException e)
        {
            return status with { Kind = MachineStatusKind.Unknown, Failure = e };
        }
    }

    /// <summary>In what a VM differs from its machine.</summary>
    public static IEnumerable<MachineDifference> Differences(MachineSpec machine, DeployedVm found, SourceFacts facts)
    {
        var (vm, wanted) = (found.Vm, machine.Wanted.Hardware);
        if (!string.Equals(vm.Name, machine.Name, StringComparison.OrdinalIgnoreCase))
            yield return new("name", machine.Name, vm.Name, ChangeCost.Change);
        foreach (var part in facts.MadeFrom)
        {
            // Where the file says more than it did, a place or a form is as it happens to be.
            if (!found.Owner!.MadeFrom.TryGetValue(part.Key, out var before))
                before = part.Key is MachineSource.SourceAspect or MachineSource.CloudInitAspect or MachineSource.SecureBootAspect ? "" : part.Value;
            if (!string.Equals(before, part.Value, StringComparison.OrdinalIgnoreCase))
                yield return IsFingerprint(part.Key) ? new(part.Key, "", "", ChangeCost.Replace) : new(part.Key, part.Value, before, ChangeCost.Replace);
        }
        if (wanted.Firmware is { } firmware && found.Firmware is { } own && own != firmware)
            yield return new("firmware", firmware.ToString(), own.ToString(), ChangeCost.Replace);
        if (machine.Session.Hypervisor != HypervisorKind.XenServer && wanted.GuestId is { } guest && !string.Equals(guest, vm.GuestId, StringComparison.OrdinalIgnoreCase))
            yield return new("guest_id", guest, vm.GuestId ?? "", ChangeCost.Replace);
        if (wanted.NicModel?.ToString() is { } model && vm.NetworkAdapters.FirstOrDefault(one => one.Model is not null && !string.Equals(one.Model, model, StringComparison.OrdinalIgnoreCase)) is { } other)
            yield return new("nic_model", model, other.Model!, ChangeCost.Replace);
        if (wanted.CpuCount is { } cpus && cpus != vm.CpuCount)
            yield return new("cpu", Text(cpus), Text(vm.CpuCount), ChangeCost.Change);
        if (wanted.MemoryMB is { } memory && memory != vm.MemoryMB)
            yield return new("memory", Text(memory), Text(vm.MemoryMB), ChangeCost.Change);
        var ofSource = found.Owner!.Disks ?? facts.Disks;
        foreach (var (key, index, bytes) in WantedDisks(machine, ofSource))
        {
            var present = index < vm.Disks.Count ? vm.Disks[index].CapacityBytes : 0;
            // An empty disk in the place of the system's is not the machine.
            if (!SourceHardware.IsSame(bytes, present) && bytes != present)
                yield return new(key, SizeText.Format(bytes), present == 0 ? "no disk" : SizeText.Format(present), bytes < present || present == 0 && (index < ofSource || key == "disk" && machine.Source is not IsoSource) ? ChangeCost.Replace : ChangeCost.Change);
        }
        foreach (var (index, network) in OtherNetworks(machine, vm, facts))
            yield return new("network", network, index < vm.NetworkAdapters.Count ? vm.NetworkAdapters[index].NetworkName ?? "" : "no adapter", ChangeCost.Change);
        foreach (var (index, address) in wanted.MacAddresses.Select((address, i) => (i, MacAddress.Parse(address))))
        {
            var present = index < vm.NetworkAdapters.Count ? vm.NetworkAdapters[index].MacAddress ?? "" : "no adapter";
            if (!string.Equals(present, address, StringComparison.OrdinalIgnoreCase))
                yield return new("mac_address", address, present, ChangeCost.Change);
        }
        foreach (var entry in OtherExtraConfig(machine, found))
            yield return new($"extra_config.{entry.Key}", "", "", ChangeCost.Change);
        if (OtherIso(machine, found) is { } iso)
            yield return new(IsoProperty, iso.Length == 0 ? "empty" : iso, found.Isos.Count == 0 ? "empty" : string.Join(", ", found.Isos), ChangeCost.Change);
        if (machine.Wanted.Annotation is { } annotation && annotation != (vm.Annotation ?? ""))
            yield return new("annotation", annotation, vm.Annotation ?? "", ChangeCost.Change);
        if (machine.State == MachineState.Running && vm.State.PowerState != PowerState.On || machine.State == MachineState.Stopped && vm.State.PowerState != PowerState.Off)
            yield return new("state", machine.State.ToString(), vm.PowerState, ChangeCost.Change);
    }

    /// <summary>The sizes that the file wants, with the positions of the disks.</summary>
    /// <param name="machine">The machine.</param>
    /// <param name="ofSource">How many disks its VM has from the source; null if that is not known.</param>
    public static IEnumerable<(string Key, int Index, long Bytes)> WantedDisks(MachineSpec machine, int? ofSource)
    {
        var wanted = machine.Wanted is IsoVmRequest iso ? iso.WithDefaults().Hardware : machine.Wanted.Hardware;
        foreach (var (size, index) in (wanted.DiskBytes ?? []).Select((size, i) => (size, i)))
        {
            if (size is { } bytes)
                yield return ("disk", index, bytes);
        }
        // Which of the disks are further ones is not known if the source isn't.
        if (ofSource is not { } own)
            yield break;
        var first = Math.Max(own, wanted.DiskBytes?.Count ?? 0);
        foreach (var (bytes, index) in wanted.ExtraDiskBytes.Select((bytes, i) => (bytes, i)))
            yield return ("extra_disk_gb", first + index, bytes);
    }

    /// <summary>The networks that the file wants where the VM has another or no adapter, with the positions of the adapters. A map says nothing of an adapter that exists.</summary>
    public static IEnumerable<(int Index, string Network)> OtherNetworks(MachineSpec machine, Vm vm, SourceFacts facts)
    {
        // The network of a VLAN has a name of its own.
        IEnumerable<(int Index, string Network)> wanted = machine.Wanted.Hardware.Networks switch
        {
            null => [],
            _ when machine.Wanted is TemplateRequest { Vlan: not null } => [],
            { Count: 1 } one => Enumerable.Range(0, Math.Max(1, vm.NetworkAdapters.Count)).Select(i => (i, one[0])),
            var all => all.Select((network, i) => (i, network)),
        };
        return wanted.Where(one => one.Index >= vm.NetworkAdapters.Count
            || vm.NetworkAdapters[one.Index].NetworkName != (facts.NetworkNames.TryGetValue(one.Network, out var name) ? name : one.Network));
    }

    /// <summary>The entries of the extra configuration that the file wants, where the VM has another value.</summary>
    public static IEnumerable<KeyValuePair<string, string>> OtherExtraConfig(MachineSpec machine, DeployedVm found) =>
        machine.Wanted.Hardware.ExtraConfig.Where(entry => entry.Value != (found.ExtraConfig.TryGetValue(entry.Key, out var there) ? there : ""));

    /// <summary>The ISO that the file wants in the drive, where another or none is; empty for an empty drive.</summary>
    public static string? OtherIso(MachineSpec machine, DeployedVm found) =>
        (machine.Source is IsoSource source ? source.FromIso.IsoPath : machine.Iso) is { } iso && !IsIn(iso, found.Isos) ? iso : null;

    // A local file is on the host under its own name.
    private static bool IsIn(string iso, IReadOnlyList<string> present) => iso.Length == 0 ? present.Count == 0
        : iso[0] == '[' ? present.Any(one => WithoutBlank(one) == WithoutBlank(iso))
        : present.Any(one => FileName(one) == FileName(iso));

    private static string WithoutBlank(string path) => path.Replace("] ", "]");

    private static string FileName(string path) => path.Substring(path.LastIndexOfAny(['/', '\\', ']']) + 1).Trim();

    private static bool IsFingerprint(string aspect) => aspect is MachineSource.SourceAspect or MachineSource.CloudInitAspect;

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
