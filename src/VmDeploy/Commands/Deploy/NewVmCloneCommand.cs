namespace VmDeploy.PowerShell;

/// <summary>Clones VMs.</summary>
[Cmdlet(VerbsCommon.New, "VmClone", SupportsShouldProcess = true)]
[OutputType(typeof(Vm))]
public sealed class NewVmCloneCommand : NewVmCmdlet
{
    /// <summary>The VMs to copy, or their names; by default -NamePrefix and 1, which Import-VmOva creates from the same file.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("SourceName", "source")]
    [ArgumentCompleter(typeof(VmNameCompleter))]
    public VmOrName[] Vm { get; set; } = [];

    /// <summary>Names of the copies: {source} stands for the source's name, {n} for a number from 1, {n:00} for one with leading zeros.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("name_pattern")]
    [NameText]
    public string? NamePattern { get; set; }

    /// <summary>How many copies to create.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("num_clones")]
    [WholeNumber(1, 1000, Absent = 1)]
    public int Count { get; set; } = 1;

    /// <summary>Linked clones: child disks instead of copies. Fast, but they depend on the source.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Flag]
    public SwitchParameter Linked { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessRecordAsync(CancellationToken cancellationToken)
    {
        if (InputObject?.BaseObject is VmTemplate template)
            throw new VmDeployException(ErrorCodes.VmIsTemplate, $"'{template.Name}' is a template, not a VM.", template);
        if (Vm is null || Array.IndexOf(Vm, null) >= 0)
            throw new VmDeployException(ErrorCodes.CloneSourceMissing, "The VM to copy is null.");
        var wanted = Vm.Length > 0 ? Vm : Given(nameof(NamePrefix), NamePrefix) is { } prefix ? [new VmOrName(prefix + "1")] : [];
        if (wanted.Length == 0)
            throw new VmDeployException(ErrorCodes.CloneSourceMissing, "No VM to copy was given.");
        foreach (var source in await FindVmsAsync(wanted, cancellationToken))
            await TryAsync(source, () => CloneAsync(source, cancellationToken));
    }

    private async Task CloneAsync(Vm source, CancellationToken cancellationToken)
    {
        var request = WithoutOwn(CreateRequest(source, NamesToMake(source)), source);
        await DeployAsync(await source.Session.PlanCloneAsync(request, cancellationToken), cancellationToken);
    }

    /// <summary>The request of these parameters.</summary>
    internal CloneRequest CreateRequest(Vm source, IReadOnlyList<string> names) => Complete(new CloneRequest(source), names) with { Linked = Linked };

    private IReadOnlyList<string> NamesToMake(Vm source)
    {
        var pattern = Given(nameof(NamePattern), NamePattern);
        // Without a VM the prefix names the source.
        if (Vm.Length > 0 && IsTyped(nameof(NamePattern)) && IsTyped(nameof(NamePrefix)))
            throw new VmDeployException(ErrorCodes.NameInvalid, $"The pattern '{NamePattern}' and the prefix '{NamePrefix}' exclude each other.", NamePattern);
        return ExactNames(source.Name, Count, nameof(NamePattern), pattern)
            ?? (pattern is null
                ? VmNames.Numbered((Given(nameof(NamePrefix), NamePrefix) ?? source.Name) + "_clone", Count)
                : VmNames.FromPattern(pattern, source.Name, Count));
    }
}
