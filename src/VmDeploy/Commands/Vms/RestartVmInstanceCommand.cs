namespace VmDeploy.PowerShell;

/// <summary>Restarts VMs through the guest, or resets them.</summary>
[Cmdlet(VerbsLifecycle.Restart, "VmInstance", SupportsShouldProcess = true, DefaultParameterSetName = ByVm)]
[OutputType(typeof(Vm))]
public sealed class RestartVmInstanceCommand : VmActionCmdlet
{
    /// <summary>Reset at once, without a guest shutdown.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Time limit for the guest shutdown in seconds.</summary>
    [Parameter]
    [ValidateRange(1, 86400)]
    public int TimeoutSec { get; set; } = 300;

    /// <inheritdoc/>
    protected override async Task ActAsync(Vm vm, CancellationToken cancellationToken)
    {
        var target = Describe(vm);
        var go = Force ? await ShouldProcessHighImpactAsync(target, "Reset") : await ShouldProcessAsync(target, "Restart the guest");
        if (!go)
            return;
        await vm.Session.Power.RestartAsync(vm, Force, TimeSpan.FromSeconds(TimeoutSec), cancellationToken);
        WriteObject(vm);
    }
}
