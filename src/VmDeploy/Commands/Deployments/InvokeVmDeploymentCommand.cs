namespace VmDeploy.PowerShell;

/// <summary>Makes the machines of a deployment as its file wants them.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "VmDeployment", SupportsShouldProcess = true, DefaultParameterSetName = ByPath)]
[OutputType(typeof(MachineStatus))]
public sealed class InvokeVmDeploymentCommand : DeploymentCmdlet
{
    /// <summary>Stop running machines for changes that need it, and start them again.</summary>
    [Parameter]
    public SwitchParameter AllowRestart { get; set; }

    /// <summary>Power machines off that must be stopped, instead of asking their guests.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Replace machines that can't be changed.</summary>
    [Parameter]
    public SwitchParameter AllowReplace { get; set; }

    /// <summary>Remove machines that are no longer in the file.</summary>
    [Parameter]
    public SwitchParameter Prune { get; set; }

    /// <summary>How many machines are worked on at the same time, over all hosts.</summary>
    [Parameter]
    [ValidateRange(1, 64)]
    public int ThrottleLimit { get; set; } = 4;

    private protected override Task RunAsync(DeploymentFile file, DeploymentSpec deployment, IReadOnlyList<MachineStatus> unreached, CancellationToken cancellationToken)
    {
        foreach (var status in unreached)
            WriteObject(status with { Done = MachineAction.None });
        // A machine may have moved to a host that can't be reached now.
        var isWhole = deployment.Hosts.Count == file.Hosts.Count;
        if (Prune && !isWhole)
            WriteWarning("Nothing is pruned, because not all hosts of the file can be reached.");
        return ApplyAsync(file, deployment,
            new DeploymentOptions { AllowRestart = AllowRestart, Force = Force, AllowReplace = AllowReplace, Prune = Prune && isWhole, ThrottleLimit = ThrottleLimit }, cancellationToken);
    }
}
