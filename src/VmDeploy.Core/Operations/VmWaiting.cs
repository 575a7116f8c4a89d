namespace VmDeploy;

/// <summary>Waits for what VMs and their guests do, using notifications instead of polling.</summary>
public abstract class VmWaiting
{
    /// <summary>Waits until the VM meets the condition, and reads it again; <c>WaitTimeout</c> after <paramref name="timeout"/>.</summary>
    public async Task WaitAsync(Vm vm, VmCondition condition, TimeSpan timeout, CancellationToken cancellationToken)
    {
        string? seen = null;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(timeout);
        try
        {
            await UntilAsync(vm, condition, state => seen = state, limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new VmDeployException(ErrorCodes.WaitTimeout,
                $"{vm.Name}: {Missing(condition)} within {timeout.TotalSeconds:0} seconds; {seen ?? "its state is not known"}.", vm.Name);
        }
        await vm.RefreshAsync(cancellationToken);
    }

    /// <summary>As above, and reports how much of the time limit has passed.</summary>
    public Task WaitAsync(Vm vm, VmCondition condition, TimeSpan timeout, IProgress<OperationProgress> progress, CancellationToken cancellationToken) =>
        WaitAsync(vm, condition, timeout, progress, new OperationProgress(0, vm.Name, ""), cancellationToken);

    internal Task WaitAsync(
        Vm vm, VmCondition condition, TimeSpan timeout, IProgress<OperationProgress> progress, OperationProgress bar, CancellationToken cancellationToken) =>
        WaitProgress.RunAsync(WaitAsync(vm, condition, timeout, cancellationToken), bar with { Status = $"Waiting for {Describe(condition)}" }, timeout, progress);

    /// <summary>Waits without a time limit; <c>VmNotFound</c> if the VM is removed meanwhile.</summary>
    /// <param name="vm">The VM.</param>
    /// <param name="condition">What to wait for.</param>
    /// <param name="seen">Gets the state of the VM in words, each time it is read.</param>
    /// <param name="cancellationToken">Stops the wait.</param>
    private protected abstract Task UntilAsync(Vm vm, VmCondition condition, Action<string> seen, CancellationToken cancellationToken);

    private protected static VmDeployException Removed(Vm vm, Exception? cause = null) =>
        new(ErrorCodes.VmNotFound, $"{vm.Name} was removed during the wait.", vm.Name, cause);

    private static string Describe(VmCondition condition) => condition switch
    {
        VmCondition.On => "power-on",
        VmCondition.Off => "power-off",
        VmCondition.Tools => "the guest's tools",
        _ => "an IP address",
    };

    private static string Missing(VmCondition condition) => condition switch
    {
        VmCondition.On => "not powered on",
        VmCondition.Off => "not powered off",
        VmCondition.Tools => "the guest's tools did not start",
        _ => "no IP address was reported",
    };
}
