using System.Collections.Generic;
using System.Management.Automation;

namespace VmDeploy.PowerShell;

/// <summary>A cmdlet that makes a number of VMs of one kind.</summary>
public abstract class NewInstancesCmdlet : NewVmCmdlet
{
    /// <summary>How many VMs to make, numbered from 1.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("num_instances")]
    [WholeNumber(1, 1000, Absent = 1)]
    public int Count { get; set; } = 1;

    /// <summary>The names that are given, or null when they are made of the prefix.</summary>
    /// <param name="ownName">The name of the piped thing itself.</param>
    private protected IReadOnlyList<string>? ExactNames(string? ownName) => ExactNames(ownName, Count);

    /// <summary>The prefix, or what stands in for it, with its numbers.</summary>
    private protected IReadOnlyList<string> Numbered(string otherwise) => VmNames.Numbered(Given(nameof(NamePrefix), NamePrefix) ?? otherwise, Count);

    /// <summary>As above; a single VM without a prefix is called what it is made of.</summary>
    private protected IReadOnlyList<string> NumberedIfMany(string otherwise) =>
        Given(nameof(NamePrefix), NamePrefix) is null && Count == 1 ? [otherwise] : Numbered(otherwise);
}
