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

    private protected override async Task RunAsync(DeploymentFile file, DeploymentSpec deployment, CancellationToken cancellationToken)
    {
        using var taken = DeploymentLock.Take(file);
        var options = new DeploymentOptions { AllowRestart = AllowRestart, Force = Force, AllowReplace = AllowReplace, Prune = Prune, ThrottleLimit = ThrottleLimit };
        using var run = await DeploymentRun.PlanAsync(deployment, options, cancellationToken);
        await RunAsync(run, cancellationToken);
    }

    private async Task RunAsync(DeploymentRun run, CancellationToken cancellationToken)
    {
        var chosen = new List<PlannedMachine>();
        foreach (var machine in run.Machines)
        {
            if (machine.Refusal is { } refusal)
                WriteError(refusal);
            else if (machine.Action == MachineAction.None)
                WriteObject(machine.Status with { Action = MachineAction.None });
            else if (machine.IsDestructive ? await ShouldProcessHighImpactAsync(machine.ToString(), machine.Description) : await ShouldProcessAsync(machine.ToString(), machine.Description))
                chosen.Add(machine);
        }
        if (chosen.Count > 0)
            await run.RunAsync(chosen, WriteObject, (_, failure) => WriteError(failure), Progress, cancellationToken);
    }
}
