namespace VmDeploy;

/// <summary>The first start of a VM that was just created; a failure says that the VM exists.</summary>
internal static class VmStart
{
    public static Task PowerOnAsync(Vm vm, CancellationToken cancellationToken) =>
        RunAsync(vm, "powered on", () => vm.Session.Power.StartAsync(vm, cancellationToken));

    public static Task WaitForIpAsync(Vm vm, TimeSpan limit, OperationProgress bar, IProgress<OperationProgress> progress, CancellationToken cancellationToken) =>
        RunAsync(vm, "given an IP address", () => vm.Session.Waiting.WaitAsync(vm, VmCondition.IpAddress, limit, progress, bar, cancellationToken));

    private static async Task RunAsync(Vm vm, string step, Func<Task> start)
    {
        try
        {
            await start();
        }
        catch (VmDeployException e)
        {
            throw new VmDeployException(e.Code, $"VM '{vm.Name}' exists, but could not be {step}: {e.Message}", vm, e, e.Hint);
        }
    }
}
