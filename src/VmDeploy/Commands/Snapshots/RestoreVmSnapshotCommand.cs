namespace VmDeploy.PowerShell;

/// <summary>Restores VMs to a snapshot.</summary>
[Cmdlet(VerbsData.Restore, "VmSnapshot", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High, DefaultParameterSetName = nameof(Snapshot))]
[OutputType(typeof(Vm))]
public sealed class RestoreVmSnapshotCommand : SnapshotActionCmdlet
{
    /// <inheritdoc/>
    protected override async Task ActAsync(VmSnapshot snapshot, CancellationToken cancellationToken)
    {
        var plan = await snapshot.Vm.Session.Snapshots.PlanRestoreAsync(snapshot, cancellationToken);
        if (await ShouldProcessAsync(Describe(snapshot.Vm), plan.Description))
            WriteObject(await plan.RunAsync(Progress, cancellationToken));
    }
}
