using System.Collections.Generic;

namespace VmDeploy;

/// <summary>Which VMs to read.</summary>
public sealed record VmQuery
{
    /// <summary>Names with PowerShell-style wildcards; empty for all.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>The hypervisor's own ids (<c>vm-12</c>, an OpaqueRef or uuid); empty for all.</summary>
    public IReadOnlyList<string> Ids { get; init; } = [];
}
