using System.Collections.Generic;

namespace VmDeploy;

/// <summary>What clones of a VM should be.</summary>
/// <param name="Source">The VM to copy.</param>
public sealed record CloneRequest(Vm Source) : DeploymentRequest
{
    /// <summary>Child disks on the source's instead of copies: made at once, and dependent on the source's disks.</summary>
    public bool Linked { get; init; }

    /// <summary>Virtual CPUs; null leaves the source's.</summary>
    public int? CpuCount { get; init; }

    /// <summary>Memory in MiB; null leaves the source's.</summary>
    public long? MemoryMB { get; init; }

    /// <summary>Source network name to network name. An entry with the key <c>*</c> serves all others.</summary>
    public IReadOnlyDictionary<string, string> NetworkMap { get; init; } = new Dictionary<string, string>();
}
