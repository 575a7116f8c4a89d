namespace VmDeploy.Vsphere;

internal sealed class VsphereWaiting(VsphereSession session) : VmWaiting
{
    private protected override async Task UntilAsync(Vm vm, VmCondition condition, Action<string> seen, CancellationToken cancellationToken)
    {
        try
        {
            await session.Waiter.WaitAsync(MoRef.Of(vm), ["runtime.powerState", "guest.toolsRunningStatus", "guest.ipAddress", "runtime.question"], values =>
            {
                seen(Describe(values));
                return IsMet(condition, values);
            }, cancellationToken);
        }
        catch (VmDeployException e) when (e.Code == ErrorCodes.ObjectGone)
        {
            throw Removed(vm, e);
        }
    }

    private static bool IsMet(VmCondition condition, IReadOnlyDictionary<string, XElement> values) => condition switch
    {
        VmCondition.On => Text(values, "runtime.powerState") == "poweredOn",
        VmCondition.Off => Text(values, "runtime.powerState") == "poweredOff",
        VmCondition.Tools => Text(values, "guest.toolsRunningStatus") == "guestToolsRunning",
        VmCondition.IpAddress => Text(values, "guest.ipAddress") is { Length: > 0 } address && !IsLinkLocal(address),
        _ => throw new ArgumentOutOfRangeException(nameof(condition)),
    };

    // What the user needs to know; a VM that waits for an answer waits for ever.
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
