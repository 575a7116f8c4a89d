namespace VmDeploy.PowerShell;

/// <summary>Copies VMs and templates from one host to another.</summary>
[Cmdlet(VerbsCommon.Copy, "VmInstance", SupportsShouldProcess = true)]
[OutputType(typeof(Vm))]
public sealed class CopyVmInstanceCommand : NewInstancesCmdlet
{
    // They run when all are known, several at a time.
    private readonly List<(DeploymentPlan Plan, IReadOnlyList<string> Names)> _copies = [];
    private TransferLimit? _transfers;

    /// <summary>The VMs to copy, or their names; templates from Get-VmTemplate.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("SourceName", "source")]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(VmNameCompleter))]
    public VmOrName[] Vm { get; set; } = [];

    /// <summary>The session to copy to, or its id.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ValidateNotNull]
    [SessionTransformation]
    [ArgumentCompleter(typeof(OpenSessionCompleter))]
    public VmSession Destination { get; set; } = null!;

    /// <summary>Names of the copies: {source} stands for the source's name, {n} for a number from 1, {n:00} for one with leading zeros.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("name_pattern")]
    [NameText]
    public string? NamePattern { get; set; }

    /// <summary>Copy VMs that are not off through a temporary snapshot.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Flag]
    public SwitchParameter Snapshot { get; set; }

    /// <summary>The copies have the MAC addresses of their sources.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("keep_mac_address")]
    [Flag]
    public SwitchParameter KeepMacAddress { get; set; }

    /// <summary>Disk provisioning.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("disk_provisioning")]
    [EnumName(typeof(DiskProvisioning))]
    public DiskProvisioning? DiskProvisioning { get; set; }

    /// <summary>Edit the descriptor that the host gets, so that the host does not refuse it.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Flag]
    public SwitchParameter Adapt { get; set; }

    // They are those of the destination.
    private protected override bool HasPlacesOfSession => false;

    private protected override bool HasRemainingWork => _copies.Count > 0;

    // A VM that is piped in binds its own place too, which is not that of its copy.
    private protected override string PlaceOfNames => InputObject?.BaseObject is Vm ? "" : base.PlaceOfNames;

    /// <inheritdoc/>
    protected override async Task ProcessRecordAsync(CancellationToken cancellationToken)
    {
        if (InputObject?.BaseObject is VmTemplate template)
        {
            foreach (var source in await UseSessionOf(template.Session, template).GetVmsAsync(new VmQuery { Ids = [template.Id] }, cancellationToken))
                await PlanAsync(source, cancellationToken);
            return;
        }
        PipedNameCheck.Run(InputObject);
        if (Vm is null || Vm.Length == 0 || Array.IndexOf(Vm, null) >= 0)
            throw new VmDeployException(ErrorCodes.CloneSourceMissing, "No VM to copy was given.");
        foreach (var source in await FindVmsAsync(Vm, cancellationToken))
            await TryAsync(source, () => PlanAsync(source, cancellationToken));
    }

    private protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        using var slots = new SemaphoreSlim(ThrottleLimit);
        await Task.WhenAll(_copies.Select((copy, i) => TryAsync(async () =>
        {
            await slots.WaitAsync(cancellationToken);
            try
            {
                await copy.Plan.RunAsync(copy.Names, WriteObject, (_, failure) => WriteError(failure), new ProgressGroup(Progress, i), cancellationToken);
            }
            finally
            {
                slots.Release();
            }
        })));
    }

    private async Task PlanAsync(Vm source, CancellationToken cancellationToken)
    {
        var pattern = Given(nameof(NamePattern), NamePattern);
        if (IsTyped(nameof(NamePattern)) && IsTyped(nameof(NamePrefix)))
            throw new VmDeployException(ErrorCodes.NameInvalid, $"The pattern '{NamePattern}' and the prefix '{NamePrefix}' exclude each other.", NamePattern);
        var names = ExactNames(source.Name, Count, nameof(NamePattern), pattern)
            ?? (pattern is null ? NumberedIfMany(source.Name) : VmNames.FromPattern(pattern, source.Name, Count));
        var request = WithoutOwn(Complete(new CopyRequest(source), names), source) with
        {
            Snapshot = Snapshot,
            KeepMacAddress = KeepMacAddress,
            DiskProvisioning = DiskProvisioning,
            Adapt = Adapt,
            Transfers = _transfers ??= new TransferLimit(ThrottleLimit),
        };
        var plan = await CheckPlaces(UseSession(Destination)).PlanCopyAsync(request, cancellationToken);
        if (await ConfirmAsync(plan, runsLater: true) is { Count: > 0 } confirmed)
            _copies.Add((plan, confirmed));
    }
}
