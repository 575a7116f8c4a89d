namespace VmDeploy;

/// <summary>A request for VMs from a template.</summary>
/// <param name="Template">The template's name, uuid or id.</param>
public sealed record TemplateRequest(string Template) : DeploymentRequest
{
    /// <summary>Virtual CPUs; null for the template's.</summary>
    public int? CpuCount { get; init; }

    /// <summary>Memory in MiB; null for the template's.</summary>
    public long? MemoryMB { get; init; }

    /// <summary>Size of the first disk in bytes; null for the template's. A disk can't shrink.</summary>
    public long? DiskBytes { get; init; }

    /// <summary>Sizes of further empty disks in bytes.</summary>
    public IReadOnlyList<long> ExtraDiskBytes { get; init; } = [];

    /// <summary>The network of all adapters; null for the template's.</summary>
    public string? Network { get; init; }

    /// <summary>VLAN tag 1..4094 on <see cref="Network"/>'s uplink; the VLAN's network is created if it doesn't exist (XenServer).</summary>
    public int? Vlan { get; init; }

    /// <summary>A full copy of the disks instead of a fast clone (XenServer).</summary>
    public bool FullCopy { get; init; }
}
