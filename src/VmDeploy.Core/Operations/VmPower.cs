namespace VmDeploy;

/// <summary>Starts, stops, restarts, suspends and resumes VMs.</summary>
public abstract class VmPower
{
    /// <summary>Powers a VM on and reads it again; does nothing if it is already running.</summary>
    public async Task StartAsync(Vm vm, CancellationToken cancellationToken)
    {
        await ApplyAsync(vm, await ReadStateAsync(vm, cancellationToken), new PowerChange(PowerAction.Start), cancellationToken);
    }

    /// <summary>Reads a VM and plans a change of its power state; a VM that already has the new state is left as it is.</summary>
    /// <exception cref="VmDeployException"><c>WrongPowerState</c> if the change is not possible in its state.</exception>
    public async Task<PlannedChange<Vm>> PlanAsync(Vm vm, PowerChange change, CancellationToken cancellationToken)
    {
        var state = await ReadStateAsync(vm, cancellationToken);
        switch (change.Action)
        {
            case PowerAction.Stop when state is PowerState.Suspended or PowerState.Paused && !change.Force:
                throw new VmDeployException(ErrorCodes.WrongPowerState, $"{vm.Name} is {Text(state)}.", vm.Name, hint: ErrorHint.VmSuspended);
            case PowerAction.Restart when state != PowerState.On && !(change.Force && state == PowerState.Paused):
            case PowerAction.Suspend when state is not (PowerState.On or PowerState.Suspended):
                throw Refused(vm, state, "running");
            case PowerAction.Resume when state == PowerState.Off:
                throw Refused(vm, state, "suspended");
        }
        return new(Describe(change), async (_, token) =>
        {
            await ApplyAsync(vm, state, change, token);
            return vm;
        })
        { ChangesNothing = state == Wanted(change) };
    }

    /// <summary>Reads the power state that a VM has now.</summary>
    private protected abstract Task<PowerState> ReadStateAsync(Vm vm, CancellationToken cancellationToken);

    /// <summary>Changes the power state of a VM whose state allows it.</summary>
    private protected abstract Task ChangeAsync(Vm vm, PowerChange change, CancellationToken cancellationToken);

    /// <summary>The failure of a guest that did not end in time.</summary>
    private protected static VmDeployException TimedOut(string vm, PowerChange change) => new(ErrorCodes.GuestShutdownTimeout,
        $"{vm} did not {(change.Action == PowerAction.Restart ? "restart" : "shut down")} within {change.Timeout.TotalSeconds:0} s.", vm);

    private async Task ApplyAsync(Vm vm, PowerState state, PowerChange change, CancellationToken cancellationToken)
    {
        if (state != Wanted(change))
            await ChangeAsync(vm, change, cancellationToken);
        await vm.RefreshAsync(cancellationToken);
    }

    private static PowerState? Wanted(PowerChange change) => change.Action switch
    {
        PowerAction.Start or PowerAction.Resume => PowerState.On,
        PowerAction.Stop => PowerState.Off,
        PowerAction.Suspend => PowerState.Suspended,
        _ => null,
    };

    private static string Describe(PowerChange change) => change.Action switch
    {
        PowerAction.Start => "Power on",
        PowerAction.Stop => change.Force ? "Power off" : "Shut down the guest",
        PowerAction.Restart => change.Force ? "Reset" : "Restart the guest",
        _ => change.Action.ToString(),
    };

    private static string Text(PowerState state) => state switch
    {
        PowerState.On => "running",
        _ => state.ToString().ToLowerInvariant(),
    };

    private static VmDeployException Refused(Vm vm, PowerState state, string needed) => new(ErrorCodes.WrongPowerState,
        $"VM '{vm.Name}' is {Text(state)}; it must be {needed}.", vm.Name);
}
