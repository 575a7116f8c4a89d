namespace VmDeploy;

/// <summary>The consoles of VMs.</summary>
public abstract class VmScreen
{
    private protected const long MaxPicture = 32L << 20;

    /// <summary>A screenshot of the console of a running VM.</summary>
    /// <exception cref="VmDeployException"><c>WrongPowerState</c> if it is not running; <c>ScreenNotAvailable</c> if the host gives no picture.</exception>
    public async Task<VmScreenshot> CaptureAsync(Vm vm, CancellationToken cancellationToken)
    {
        await vm.RefreshAsync(cancellationToken);
        if (vm.State.PowerState != PowerState.On)
            throw new VmDeployException(ErrorCodes.WrongPowerState, $"VM '{vm.Name}' is not running, so its console shows nothing.", vm.Name);
        return await vm.Session.Retries.Call.RunAsync(async _ =>
        {
            var content = await ReadAsync(vm, cancellationToken);
            var (format, width, height) = Picture.Inspect(content) ?? throw NotAvailable(vm, "the host's reply is not a picture");
            return new VmScreenshot(vm, format, width, height) { Bytes = content };
        }, e => e is VmDeployException { IsTransient: true }, cancellationToken);
    }

    /// <summary>The content of a picture file.</summary>
    private protected abstract Task<byte[]> ReadAsync(Vm vm, CancellationToken cancellationToken);

    private protected static VmDeployException NotAvailable(Vm vm, string why, bool isTransient = false, Exception? cause = null) =>
        new(ErrorCodes.ScreenNotAvailable, $"No picture of the console of VM '{vm.Name}': {why}.", vm.Name, cause) { IsTransient = isTransient };
}
