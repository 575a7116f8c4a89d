namespace VmDeploy.PowerShell;

/// <summary>What the cmdlets of one kind of part of VMs have in common.</summary>
/// <typeparam name="T">The kind of part.</typeparam>
/// <param name="Name">The kind in messages.</param>
/// <param name="Missing">The error if there is none.</param>
/// <param name="Ambiguous">The error if several are possible.</param>
/// <param name="ReadAsync">Reads the parts of a VM as they are now.</param>
internal sealed record DeviceKind<T>(
    string Name, ErrorCode Missing, ErrorCode Ambiguous, Func<Vm, CancellationToken, Task<IReadOnlyList<T>>> ReadAsync)
    where T : IVmDevice
{
    /// <summary>Those with one of the labels, which may contain wildcards; reports each label without wildcards that none has.</summary>
    public IReadOnlyList<T> Choose(Vm vm, IReadOnlyList<T> all, string[] labels, Action<VmDeployException> report)
    {
        var filter = new NameFilter(labels);
        var found = all.Where(one => filter.Matches(one.Label)).ToList();
        foreach (var label in filter.Unmatched)
        {
            var labelled = all.Count == 0 ? $"It has no {Name}." : $"Available: {Labels(all)}.";
            report(new VmDeployException(Missing, $"{vm} has no {Name} '{label}'. {labelled}", label));
        }
        return found;
    }

    /// <summary>The only one.</summary>
    public T Single(Vm vm, IReadOnlyList<T> all, bool needsLabel) => all.Count == 1 && !needsLabel ? all[0] : throw new VmDeployException(Ambiguous,
        all.Count switch
        {
            0 => $"{vm} has no {Name}.",
            1 => $"{vm} has 1 {Name}: {Labels(all)}. It must be named, because the VM boots from it and its data would be lost.",
            var count => $"{vm} has {count} {Name}s: {Labels(all)}.",
        }, vm);

    private static string Labels(IReadOnlyList<T> all) => string.Join(", ", all.Select(one => $"'{one.Label}'"));
}

/// <summary>The kinds.</summary>
internal static class DeviceKinds
{
    public static DeviceKind<VmCdrom> Cdrom { get; } = new("CD-ROM drive", ErrorCodes.CdromNotFound, ErrorCodes.AmbiguousCdrom,
        (vm, cancellationToken) => vm.Session.Cdroms.GetAsync(vm, cancellationToken));

    public static DeviceKind<VmDisk> Disk { get; } = new("disk", ErrorCodes.DiskNotFound, ErrorCodes.AmbiguousDisk, async (vm, cancellationToken) =>
    {
        await vm.RefreshAsync(cancellationToken);
        return vm.Disks;
    });

    public static DeviceKind<VmNetworkAdapter> NetworkAdapter { get; } = new("network adapter", ErrorCodes.NetworkAdapterNotFound, ErrorCodes.AmbiguousNetworkAdapter, async (vm, cancellationToken) =>
    {
        await vm.RefreshAsync(cancellationToken);
        return vm.NetworkAdapters;
    });
}
