namespace VmDeploy.PowerShell;

/// <summary>Removes all machines that a deployment has made.</summary>
[Cmdlet(VerbsCommon.Remove, "VmDeployment", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High, DefaultParameterSetName = ByPath)]
[OutputType(typeof(MachineStatus))]
public sealed class RemoveVmDeploymentCommand : DeploymentCmdlet
{
    private protected override async Task RunAsync(DeploymentFile file, DeploymentSpec deployment, CancellationToken cancellationToken)
    {
        using var taken = DeploymentLock.Take(file);
        // All that it has made is extra to an empty deployment.
        using var run = await DeploymentRun.PlanAsync(deployment with { Machines = [] }, new DeploymentOptions { Prune = true }, cancellationToken);
        var chosen = new List<PlannedMachine>();
        foreach (var machine in run.Machines)
        {
            if (await ShouldProcessAsync(machine.ToString(), machine.Description))
                chosen.Add(machine);
        }
        if (chosen.Count > 0)
            await run.RunAsync(chosen, WriteObject, (_, failure) => WriteError(failure), Progress, cancellationToken);
    }
}
