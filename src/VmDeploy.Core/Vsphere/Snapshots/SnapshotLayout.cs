namespace VmDeploy.Vsphere;

/// <summary>Which files of a VM belong to which snapshot (<c>VirtualMachineFileLayoutEx</c>).</summary>
internal sealed class SnapshotLayout
{
    private readonly Dictionary<int, long> _sizes = [];
    private readonly Dictionary<string, XElement> _snapshots = [];
    private readonly Dictionary<int, HashSet<int>> _now;

    public SnapshotLayout(XElement? layout)
    {
        foreach (var file in layout?.Children("file") ?? [])
            _sizes[file.Number("key") ?? -1] = VmProperties.Number(file.Value("size"));
        foreach (var snapshot in layout?.Children("snapshot") ?? [])
            _snapshots[snapshot.Value("key") ?? ""] = snapshot;
        _now = ChainsOf(layout);
    }

    /// <summary>Whether the memory was saved with a snapshot; null if the host does not say.</summary>
    public bool? HasMemory(string snapshot) => _snapshots.TryGetValue(snapshot, out var layout) ? layout.Number("memoryKey") is >= 0 : null;

    /// <summary>The saved state and memory, and what was written to the disks between a snapshot and those on it.</summary>
    /// <param name="snapshot">The snapshot's id.</param>
    /// <param name="children">Ids of the snapshots that were taken on it.</param>
    /// <param name="isCurrent">The VM itself runs on it.</param>
    /// <returns>Bytes; null if the host does not say.</returns>
    public long? SizeOf(string snapshot, IEnumerable<string> children, bool isCurrent)
    {
        if (!_snapshots.TryGetValue(snapshot, out var layout))
            return null;
        HashSet<int> files = [layout.Number("dataKey") ?? -1, layout.Number("memoryKey") ?? -1];
        var own = ChainsOf(layout);
        var later = children.Where(_snapshots.ContainsKey).Select(child => ChainsOf(_snapshots[child]));
        foreach (var chains in isCurrent ? later.Append(_now) : later)
        {
            foreach (var disk in own.Where(disk => chains.ContainsKey(disk.Key)))
                files.UnionWith(chains[disk.Key].Except(disk.Value));
        }
        return files.Where(_sizes.ContainsKey).Sum(key => _sizes[key]);
    }

    // The files of each disk with its parents, by the disk's key.
    private static Dictionary<int, HashSet<int>> ChainsOf(XElement? owner) => (owner?.Children("disk") ?? [])
        .GroupBy(disk => disk.Number("key") ?? -1)
        .ToDictionary(disk => disk.Key, disk => new HashSet<int>(disk.SelectMany(d => d.Children("chain")).SelectMany(unit => unit.Children("fileKey"))
            .Select(key => (int)VmProperties.Number(key.Value))));
}
