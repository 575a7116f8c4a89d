namespace VmDeploy;

/// <summary>A snapshot of a VM.</summary>
/// <param name="Vm">Its VM.</param>
/// <param name="Id">The hypervisor's id; names are not unique.</param>
/// <param name="Name">Its name.</param>
public sealed record VmSnapshot(Vm Vm, string Id, string Name)
{
    /// <summary>Free text.</summary>
    public string? Description { get; init; }

    /// <summary>When it was taken, in local time.</summary>
    public DateTime Created { get; init; }

    /// <summary>The name of the snapshot that it was taken on; null for the first.</summary>
    public string? Parent { get; init; }

    /// <summary>The id of that snapshot.</summary>
    public string? ParentId { get; init; }

    /// <summary>The VM runs on it: it was taken or restored last.</summary>
    public bool IsCurrent { get; init; }

    /// <summary>What the VM is after a restore: On (the guest continues from the saved memory), Suspended, or Off.</summary>
    public string PowerState { get; init; } = nameof(VmDeploy.PowerState.Off);

    /// <summary>It holds the memory of the guest.</summary>
    public bool HasMemory => PowerState != nameof(VmDeploy.PowerState.Off);

    /// <summary>The guest had written its data before it was taken (vSphere).</summary>
    public bool IsQuiesced { get; init; }

    /// <summary>Bytes on the datastore that exist because of it, where the hypervisor says so.</summary>
    public long? SizeBytes { get; init; }

    /// <summary>How many snapshots are above it.</summary>
    public int Depth { get; init; }

    /// <summary>The address of its host, for tables that mix sessions.</summary>
    public string Server => Vm.Server;

    /// <inheritdoc/>
    public override string ToString() => PrintableText.Escape(Name);

    /// <summary>For messages: name and time.</summary>
    internal string Describe() => $"'{Name}' of {Created.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)}";
}

/// <summary>A snapshot to take.</summary>
/// <param name="Vm">The VM.</param>
/// <param name="Name">Its name; need not be unique.</param>
public sealed record SnapshotRequest(Vm Vm, string Name)
{
    /// <summary>Free text.</summary>
    public string? Description { get; init; }

    /// <summary>Save the memory of a running guest too.</summary>
    public bool Memory { get; init; }

    /// <summary>Let the guest write its data first (vSphere, with tools).</summary>
    public bool Quiesce { get; init; }
}
