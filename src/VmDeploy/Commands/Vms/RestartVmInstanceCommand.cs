namespace VmDeploy.PowerShell;

/// <summary>Restarts VMs through the guest, or resets them.</summary>
[Cmdlet(VerbsLifecycle.Restart, "VmInstance", SupportsShouldProcess = true, DefaultParameterSetName = ByVm)]
[OutputType(typeof(Vm))]
public sealed class RestartVmInstanceCommand : GuestPowerCmdlet
{
    private protected override PowerChange Change => ChangeTo(PowerAction.Restart);
}
