namespace VmDeploy;

/// <summary>The parts of one VM of a plan and its location, for -WhatIf.</summary>
internal sealed record VmSummary
{
    public int? CpuCount { get; init; }
    public long? MemoryMB { get; init; }
    public IReadOnlyList<long> DiskBytes { get; init; } = [];
    public string? Datastore { get; init; }

    /// <summary>The datastore cluster that the datastore was chosen from, and why.</summary>
    public string? DatastoreCluster { get; init; }

    /// <summary>Path of the datacenter; null where there is only one.</summary>
    public string? Datacenter { get; init; }

    /// <summary>Host or cluster.</summary>
    public string? Host { get; init; }

    /// <summary>Network by the source's network name; the key is the same name or empty if the source has none.</summary>
    public IReadOnlyList<(string Source, string Target)> Networks { get; init; } = [];

    /// <summary>Path of the folder; empty for the top.</summary>
    public string? Folder { get; init; }

    /// <summary>Path of the resource pool; empty for the root.</summary>
    public string? ResourcePool { get; init; }

    /// <summary>What else will be created or used, for example <c>ISO [ds1] iso/x.iso</c>.</summary>
    public IReadOnlyList<string> Others { get; init; } = [];

    /// <summary>For example <c>2 vCPU, 4 GB, disks 20 GB + 5 GB, datastore 'ds1', network 'VM Network' -> 'Lab', folder 'prod/web'</c>.</summary>
    public override string ToString() => string.Join(", ", Parts());

    private IEnumerable<string> Parts()
    {
        if (CpuCount is { } cpus)
            yield return $"{cpus} vCPU";
        if (MemoryMB is { } memory)
            yield return SizeText.Format(memory << 20);
        yield return DiskBytes.Count switch
        {
            0 => "no disks",
            1 => $"disk {SizeText.Format(DiskBytes[0])}",
            _ => $"disks {string.Join(" + ", DiskBytes.Select(SizeText.Format))}",
        };
        foreach (var (kind, name) in new[] { ("datastore", Datastore), ("host", Host), ("datacenter", Datacenter) })
        {
            if (!string.IsNullOrEmpty(name))
                yield return kind == "datastore" && DatastoreCluster is not null ? $"{kind} '{name}' ({DatastoreCluster})" : $"{kind} '{name}'";
        }
        foreach (var (source, target) in Networks)
            yield return source.Length == 0 || source == target ? $"network '{target}'" : $"network '{source}' -> '{target}'";
        foreach (var (kind, path) in new[] { ("folder", Folder), ("resource pool", ResourcePool) })
        {
            if (!string.IsNullOrEmpty(path))
                yield return $"{kind} '{path}'";
        }
        foreach (var other in Others)
            yield return other;
    }
}
