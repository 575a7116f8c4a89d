namespace VmDeploy.PowerShell;

/// <summary>Shuts VMs down through the guest, or powers them off.</summary>
[Cmdlet(VerbsLifecycle.Stop, "VmInstance", SupportsShouldProcess = true, DefaultParameterSetName = ByVm)]
[OutputType(typeof(Vm))]
public sealed class StopVmInstanceCommand : VmActionCmdlet
{
    /// <summary>Power off at once, without a guest shutdown.</summary>
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
        var go = Force ? await ShouldProcessHighImpactAsync(target, "Power off") : await ShouldProcessAsync(target, "Shut down the guest");
        if (!go)
            return;
        await vm.Session.Power.StopAsync(vm, Force, TimeSpan.FromSeconds(TimeoutSec), cancellationToken);
        WriteObject(vm);
    }
}
