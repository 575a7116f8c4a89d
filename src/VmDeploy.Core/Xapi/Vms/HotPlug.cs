namespace VmDeploy.Xapi;

/// <summary>Plugs devices into running VMs and unplugs them, which needs drivers in the guest.</summary>
internal sealed class HotPlug(XapiSession session)
{
    private static readonly TimeSpan s_release = TimeSpan.FromMinutes(1);


    /// <summary>Refuses a VM into which, in its state, nothing can be plugged.</summary>
    /// <returns>Whether it runs, so that a new device must be plugged.</returns>
    /// <exception cref="VmDeployException"><c>HardwareNeedsPowerOff</c> or <c>ToolsNotRunning</c>.</exception>
    public async Task<bool> CheckAsync(Vm vm, XapiRecord record, CancellationToken cancellationToken)
    {
        var state = VmReader.PowerStateOf(record);
        if (state is PowerState.Suspended or PowerState.Paused)
            throw VmConfiguration.NeedsPowerOff(vm, state, "its devices can't be changed");
        if (state == PowerState.Off)
            return false;
        var guest = record.Reference("guest_metrics") is { } metrics ? await session.Client.FindAsync("VM_guest_metrics", metrics, cancellationToken) : null;
        return guest is not null && VmReader.HasDrivers(guest) ? true : throw NoDrivers(vm.Name);
    }

    /// <summary>Plugs a VBD or VIF.</summary>
    public async Task PlugAsync(string @class, string reference, string vm)
    {
        try
        {
            await session.Client.CallAsync($"{@class}.plug", CancellationToken.None, reference);
        }
        catch (XapiFailure failure) when (failure.Failure == "VM_MISSING_PV_DRIVERS")
        {
            throw NoDrivers(vm, failure);
        }
        catch (XapiFailure failure) when (failure.Failure == "DEVICE_ALREADY_ATTACHED")
        {
            // An earlier call has done it.
        }
    }

    /// <summary>Unplugs a VBD or VIF, if it is attached, and waits until the guest has released it.</summary>
    /// <exception cref="VmDeployException"><c>DeviceInUse</c> if the guest doesn't.</exception>
    public async Task UnplugAsync(string @class, string reference, string vm)
    {
        if (await session.Client.FindAsync(@class, reference, CancellationToken.None) is not { } record || !record.Flag("currently_attached"))
            return;
        try
        {
            await session.Client.CallAsync($"{@class}.unplug", CancellationToken.None, reference);
        }
        catch (XapiFailure failure) when (failure.Failure == "VM_MISSING_PV_DRIVERS")
        {
            throw NoDrivers(vm, failure);
        }
        catch (XapiFailure failure) when (failure.Failure is "DEVICE_DETACH_REJECTED" or "DEVICE_DETACH_TIMEOUT")
        {
            throw new VmDeployException(ErrorCodes.DeviceInUse, $"The guest of {vm} does not release the device: {failure.Failure}.", vm, failure);
        }
        catch (XapiFailure failure) when (failure.Failure == "DEVICE_ALREADY_DETACHED")
        {
            // An earlier call has done it.
        }
        using var limit = new CancellationTokenSource(s_release);
        try
        {
            await session.Events.WaitAsync(@class, reference, r => !r.Flag("currently_attached"), limit.Token);
        }
        catch (OperationCanceledException e)
        {
            throw new VmDeployException(ErrorCodes.DeviceInUse, $"The guest of {vm} has not released the device within {s_release.TotalSeconds:0} s.", vm, e);
        }
    }

    private static VmDeployException NoDrivers(string vm, Exception? cause = null) => new(ErrorCodes.ToolsNotRunning,
        $"{vm} is running, and its guest has no PV drivers, so devices can't be plugged or unplugged.", vm, cause, ErrorHint.PlugNeedsGuestDrivers);
}
