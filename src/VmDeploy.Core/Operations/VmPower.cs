namespace VmDeploy;

/// <summary>Starts, stops, restarts, suspends and resumes VMs.</summary>
public abstract class VmPower
{
    /// <summary>Powers a VM on and reads it again; does nothing if it is already running.</summary>
    public abstract Task StartAsync(Vm vm, CancellationToken cancellationToken);

    /// <summary>Stops a VM and reads it again; does nothing if it is already off.</summary>
    /// <param name="vm">The VM.</param>
    /// <param name="force">Power off at once instead of asking the guest to shut down.</param>
    /// <param name="timeout">Time limit for the guest; the call then fails with <c>GuestShutdownTimeout</c>.</param>
    /// <param name="cancellationToken">Stops the wait.</param>
    public abstract Task StopAsync(Vm vm, bool force, TimeSpan timeout, CancellationToken cancellationToken);

    /// <summary>Restarts a running VM and reads it again; <c>WrongPowerState</c> if it is not running.</summary>
    /// <param name="vm">The VM.</param>
    /// <param name="force">Reset it at once instead of asking the guest to restart.</param>
    /// <param name="timeout">Time limit for the guest to shut down before it restarts; the call then fails with <c>GuestShutdownTimeout</c>.</param>
    /// <param name="cancellationToken">Stops the wait.</param>
    public abstract Task RestartAsync(Vm vm, bool force, TimeSpan timeout, CancellationToken cancellationToken);

    /// <summary>Saves a running VM to disk and reads it again; does nothing if it is already suspended.</summary>
    public abstract Task SuspendAsync(Vm vm, CancellationToken cancellationToken);

    /// <summary>Resumes a suspended or paused VM and reads it again; does nothing if it is already running.</summary>
    public abstract Task ResumeAsync(Vm vm, CancellationToken cancellationToken);

    /// <summary>The failure of an operation that needs another power state.</summary>
    /// <param name="vm">The VM, just read.</param>
    /// <param name="needed">The required state.</param>
    private protected static VmDeployException Refused(Vm vm, string needed) => new(ErrorCodes.WrongPowerState,
        $"VM '{vm.Name}' is {(vm.State.PowerState == PowerState.Off ? "off" : vm.PowerState.ToLowerInvariant())}; it must be {needed}.", vm.Name);
}
