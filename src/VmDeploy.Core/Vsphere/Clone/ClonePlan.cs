namespace VmDeploy.Vsphere;

internal sealed class ClonePlan(
    VsphereSession session, ResolvedClone clone,
    IReadOnlyDictionary<string, Vm> existing) : DeploymentPlan(session, clone.Request, existing)
{
    private readonly VsphereSession _session = session;
    private ResolvedClone _clone = clone;

    public override string Action => $"{(_clone.Request.Linked ? "Create linked clone of" : "Clone")} {_clone.Source.Vm.Name}";
    private protected override VmSummary Summary => _clone.Summarize();

    public static async Task<ClonePlan> CreateAsync(VsphereSession session, CloneRequest request, CancellationToken cancellationToken)
    {
        RequestChecks.Run(session.Limits, request);
        var inventory = await Inventory.ReadAsync(session.Properties, cancellationToken);
        var clone = await ResolvedClone.CreateAsync(session, request, inventory, cancellationToken);
        session.Host.CheckClone(clone);
        clone.Source.WarnOfOvfProperties(session, request);
        clone.Source.CheckSharedDisks(session, request);
        return new ClonePlan(session, clone, await session.FindExistingAsync(request.Names, clone.Placement.Folder, cancellationToken));
    }

    private protected override async Task PrepareAsync(RollbackScope scope, IProgress<OperationProgress> progress, CancellationToken cancellationToken)
    {
        if (_clone.Request.Linked)
            _clone = await _session.Host.PrepareLinkedAsync(_clone, scope, cancellationToken);
    }

    private protected override Task<Vm> CreateAsync(VmCreation creation) => _session.Host.CloneAsync(_clone, creation);
}
