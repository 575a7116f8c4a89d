namespace VmDeploy.PowerShell;

/// <summary>Suspends VMs to disk.</summary>
[Cmdlet(VerbsLifecycle.Suspend, "VmInstance", SupportsShouldProcess = true, DefaultParameterSetName = ByVm)]
[OutputType(typeof(Vm))]
public sealed class SuspendVmInstanceCommand : VmPowerCmdlet
{
    private protected override PowerChange Change => new(PowerAction.Suspend);
}
