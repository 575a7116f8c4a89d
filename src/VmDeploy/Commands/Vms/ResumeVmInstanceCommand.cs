namespace VmDeploy.PowerShell;

/// <summary>Resumes suspended VMs.</summary>
[Cmdlet(VerbsLifecycle.Resume, "VmInstance", SupportsShouldProcess = true, DefaultParameterSetName = ByVm)]
[OutputType(typeof(Vm))]
public sealed class ResumeVmInstanceCommand : VmPowerCmdlet
{
    private protected override PowerChange Change => new(PowerAction.Resume);
}
