namespace VmDeploy.PowerShell;

/// <summary>Removes snapshots; the VMs keep their data.</summary>
[Cmdlet(VerbsCommon.Remove, "VmSnapshot", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High, DefaultParameterSetName = nameof(Snapshot))]
public sealed class RemoveVmSnapshotCommand : SnapshotActionCmdlet
{
    // A list from the pipeline may contain children that were removed with their parent.
    private readonly HashSet<(VmSession Session, string Id)> _removed = [];

    /// <summary>Also remove its children and theirs.</summary>
    [Parameter]
    public SwitchParameter Children { get; set; }

    /// <inheritdoc/>
    protected override async Task ActAsync(VmSnapshot snapshot, CancellationToken cancellationToken)
    {
        var session = snapshot.Vm.Session;
        if (_removed.Contains((session, snapshot.Id)))
            return;
        var plan = await session.Snapshots.PlanRemoveAsync(snapshot, Children, cancellationToken);
        if (!await ShouldProcessAsync(Describe(snapshot.Vm), plan.Description))
            return;
        foreach (var removed in await plan.RunAsync(Progress, cancellationToken))
            _removed.Add((session, removed.Id));
    }
}
