namespace VmDeploy.PowerShell;

/// <summary>A cmdlet that creates several VMs of one kind.</summary>
public abstract class NewInstancesCmdlet : NewVmCmdlet
{
    /// <summary>How many VMs to create, numbered from 1.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("num_instances")]
    [WholeNumber(1, 1000, Absent = 1)]
    public int Count { get; set; } = 1;

    /// <summary>The given names, or null if they are made from the prefix; the piped object's own name does not count.</summary>
    private protected IReadOnlyList<string>? ExactNames(string? ownName) => ExactNames(ownName, Count);

    /// <summary>The prefix, or its replacement, with numbers.</summary>
    private protected IReadOnlyList<string> Numbered(string otherwise) => VmNames.Numbered(Given(nameof(NamePrefix), NamePrefix) ?? otherwise, Count);

    /// <summary>The same; a single VM without a prefix gets the name of its source.</summary>
    private protected IReadOnlyList<string> NumberedIfMany(string otherwise) =>
        Given(nameof(NamePrefix), NamePrefix) is null && Count == 1 ? [otherwise] : Numbered(otherwise);
}
