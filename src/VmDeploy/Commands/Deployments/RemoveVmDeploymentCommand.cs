namespace VmDeploy.PowerShell;

/// <summary>Removes all machines that a deployment has made.</summary>
[Cmdlet(VerbsCommon.Remove, "VmDeployment", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High, DefaultParameterSetName = ByPath)]
[OutputType(typeof(MachineStatus))]
public sealed class RemoveVmDeploymentCommand : DeploymentCmdlet
{
    // All that it has made is extra to an empty deployment.
    private protected override Task RunAsync(DeploymentFile file, DeploymentSpec deployment, IReadOnlyList<MachineStatus> unreached, CancellationToken cancellationToken) =>
        ApplyAsync(file, deployment with { Machines = [] }, new DeploymentOptions { Prune = true }, cancellationToken);
}
