namespace VmDeploy.PowerShell;

/// <summary>A cmdlet that changes the power state of VMs.</summary>
public abstract class VmPowerCmdlet : VmActionCmdlet
{
    /// <summary>The change.</summary>
    private protected abstract PowerChange Change { get; }

    /// <inheritdoc/>
    protected sealed override async Task ActAsync(Vm vm, CancellationToken cancellationToken)
    {
        var plan = await vm.Session.Power.PlanAsync(vm, Change, cancellationToken);
        var action = plan.ChangesNothing ? plan.DescribeAs(plan.Description) : plan.Description;
        if (Change.Force && !plan.ChangesNothing ? await ShouldProcessHighImpactAsync(Describe(vm), action) : await ShouldProcessAsync(Describe(vm), action))
            WriteObject(await plan.RunAsync(Progress, cancellationToken));
    }
}

/// <summary>A cmdlet that asks guests to end, or ends them at once.</summary>
public abstract class GuestPowerCmdlet : VmPowerCmdlet
{
    /// <summary>At once, without a guest shutdown.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Time limit for the guest shutdown in seconds.</summary>
    [Parameter]
    [ValidateRange(1, 86400)]
    public int TimeoutSec { get; set; } = 300;

    /// <summary>The change with these parameters.</summary>
    private protected PowerChange ChangeTo(PowerAction action) => new(action) { Force = Force, Timeout = TimeSpan.FromSeconds(TimeoutSec) };
}
