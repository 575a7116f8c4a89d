namespace VmDeploy.Vsphere;

public sealed partial class VsphereSession
{
    /// <inheritdoc/>
    public override async Task WaitVmAsync(Vm vm, VmCondition condition, TimeSpan timeout, CancellationToken cancellationToken)
    {
        IReadOnlyDictionary<string, XElement> seen = new Dictionary<string, XElement>();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(timeout);
        try
        {
            await Waiter.WaitAsync(VmRef(vm.Id), ["runtime.powerState", "guest.toolsRunningStatus", "guest.ipAddress", "runtime.question"],
                values => IsMet(condition, seen = values), limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new VmDeployException(ErrorCodes.WaitTimeout,
                $"{vm.Name}: {Missing(condition)} within {timeout.TotalSeconds:0} seconds; {Describe(seen)}.", vm.Name);
        }
        catch (VmDeployException e) when (e.Code == ErrorCodes.ObjectGone)
        {
            throw new VmDeployException(ErrorCodes.VmNotFound, $"{vm.Name} was removed during the wait.", vm.Name, e);
        }
        await vm.RefreshAsync(cancellationToken);
    }

    private static bool IsMet(VmCondition condition, IReadOnlyDictionary<string, XElement> values) => condition switch
    {
        VmCondition.On => Text(values, "runtime.powerState") == "poweredOn",
        VmCondition.Off => Text(values, "runtime.powerState") == "poweredOff",
        VmCondition.Tools => Text(values, "guest.toolsRunningStatus") == "guestToolsRunning",
        VmCondition.IpAddress => Text(values, "guest.ipAddress") is { Length: > 0 } address && !IsLinkLocal(address),
        _ => throw new ArgumentOutOfRangeException(nameof(condition)),
    };

    private static string Missing(VmCondition condition) => condition switch
    {
        VmCondition.On => "not powered on",
        VmCondition.Off => "not powered off",
        VmCondition.Tools => "the guest's tools did not start",
        _ => "no IP address was reported",
    };

    // What the user looks at next; a VM that waits for an answer waits for ever.
    private static string Describe(IReadOnlyDictionary<string, XElement> values) => string.Join(", ", new[]
    {
        Text(values, "runtime.powerState") is { } power ? $"it is {power}" : "its state is not known",
        Text(values, "guest.toolsRunningStatus") is { } tools ? $"tools: {tools}" : null,
        Text(values, "guest.ipAddress") is { Length: > 0 } address ? $"address: {address}" : null,
        values.TryGetValue("runtime.question", out var question) ? $"it waits for an answer: {question.Value("text")}" : null,
    }.Where(part => part is not null));

    // A guest has one before DHCP answers; it can't be reached.
    private static bool IsLinkLocal(string address) =>
        address.StartsWith("169.254.", StringComparison.Ordinal) || address.StartsWith("fe80:", StringComparison.OrdinalIgnoreCase);

    private static string? Text(IReadOnlyDictionary<string, XElement> values, string path) =>
        values.TryGetValue(path, out var value) ? value.Value : null;
}
