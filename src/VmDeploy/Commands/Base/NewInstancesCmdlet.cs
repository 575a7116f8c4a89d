using System.Collections.Generic;
using System.Management.Automation;

namespace VmDeploy.PowerShell;

/// <summary>A cmdlet that makes a number of VMs of one kind.</summary>
public abstract class NewInstancesCmdlet : NewVmCmdlet
{
    /// <summary>How many VMs to make, numbered from 1.</summary>
    [Parameter(ParameterSetName = ByPrefix, ValueFromPipelineByPropertyName = true)]
    [Alias("num_instances")]
    [ValidateRange(1, 1000)]
    public int Count { get; set; } = 1;

    /// <summary>The prefix, or what stands in for it, with its numbers.</summary>
    private protected IReadOnlyList<string> Numbered(string otherwise) => VmNames.Numbered(NamePrefix ?? otherwise, Count);

    /// <summary>As above; a single VM without a prefix is called what it is made of.</summary>
    private protected IReadOnlyList<string> NumberedIfMany(string otherwise) =>
        NamePrefix is null && Count == 1 ? [otherwise] : Numbered(otherwise);
}
