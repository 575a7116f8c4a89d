namespace VmDeploy;

/// <summary>Changes the settings of VMs: CPUs, memory, name, notes.</summary>
public abstract class VmConfiguration
{
    /// <summary>Checks the settings against what the VM allows in its power state; changes nothing.</summary>
    /// <exception cref="VmDeployException"><c>HardwareNeedsPowerOff</c>, with the setting that forbids the change while the VM runs.</exception>
    public abstract Task<PlannedChange<Vm>> PlanAsync(Vm vm, VmSettings settings, CancellationToken cancellationToken);

    /// <summary>The failure of a change that the VM doesn't allow in its power state.</summary>
    internal static VmDeployException NeedsPowerOff(Vm vm, PowerState state, string reason) => new(ErrorCodes.HardwareNeedsPowerOff,
        $"{vm.Name} is {(state == PowerState.On ? "running" : state.ToString().ToLowerInvariant())}: {reason}.", vm.Name,
        hint: state == PowerState.Suspended ? ErrorHint.VmSuspended : null);
}
