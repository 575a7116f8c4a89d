namespace VmDeploy;

/// <summary>Which VMs to read.</summary>
public sealed record VmQuery
{
    /// <summary>A filter for names, or null for all.</summary>
    public Func<string, bool>? NameFilter { get; init; }

    /// <summary>The hypervisor's own ids (<c>vm-12</c>, an OpaqueRef or uuid); empty for all.</summary>
    public IReadOnlyList<string> Ids { get; init; } = [];
}
