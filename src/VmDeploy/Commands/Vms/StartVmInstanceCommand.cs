namespace VmDeploy.PowerShell;

/// <summary>Powers VMs on.</summary>
[Cmdlet(VerbsLifecycle.Start, "VmInstance", SupportsShouldProcess = true, DefaultParameterSetName = ByVm)]
[OutputType(typeof(Vm))]
public sealed class StartVmInstanceCommand : VmPowerCmdlet
{
    private protected override PowerChange Change => new(PowerAction.Start);
}
