namespace VmDeploy;

/// <summary>A request for clones of a VM.</summary>
/// <param name="Source">The VM to copy.</param>
public sealed record CloneRequest(Vm Source) : DeploymentRequest
{
    /// <summary>Linked clones: child disks instead of copies. Fast, but they depend on the source's disks.</summary>
    public bool Linked { get; init; }

    /// <summary>Virtual CPUs; null for the source's.</summary>
    public int? CpuCount { get; init; }

    /// <summary>Memory in MiB; null for the source's.</summary>
    public long? MemoryMB { get; init; }

    /// <summary>Source network name to network name. An entry with the key <c>*</c> applies to all others.</summary>
    public IReadOnlyDictionary<string, string> NetworkMap { get; init; } = new Dictionary<string, string>();
}
