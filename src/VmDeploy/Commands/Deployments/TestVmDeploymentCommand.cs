namespace VmDeploy.PowerShell;

/// <summary>Compares the machines of a deployment with their hosts.</summary>
[Cmdlet(VerbsDiagnostic.Test, "VmDeployment", DefaultParameterSetName = ByPath)]
[OutputType(typeof(MachineStatus), typeof(bool))]
public sealed class TestVmDeploymentCommand : DeploymentCmdlet
{
    /// <summary>Emit only whether everything is as the file wants it.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    private protected override async Task RunAsync(DeploymentFile file, DeploymentSpec deployment, IReadOnlyList<MachineStatus> unreached, CancellationToken cancellationToken)
    {
        IReadOnlyList<MachineStatus> statuses = [.. await DeploymentRun.CompareAsync(deployment, cancellationToken), .. unreached];
        foreach (var status in statuses.Where(one => one.Failure is not null))
            WriteError(About(status, status.Failure!));
        if (Quiet)
            WriteObject(statuses.All(one => one.Kind == MachineStatusKind.AsWanted));
        else
            await WriteObjectsAsync(statuses);
    }
}
