namespace VmDeploy.PowerShell;

/// <summary>Shuts VMs down through the guest, or powers them off.</summary>
[Cmdlet(VerbsLifecycle.Stop, "VmInstance", SupportsShouldProcess = true, DefaultParameterSetName = ByVm)]
[OutputType(typeof(Vm))]
public sealed class StopVmInstanceCommand : GuestPowerCmdlet
{
    private protected override PowerChange Change => ChangeTo(PowerAction.Stop);
}
