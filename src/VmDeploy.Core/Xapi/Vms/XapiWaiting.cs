namespace VmDeploy.Xapi;

internal sealed class XapiWaiting(XapiSession session) : VmWaiting
{
    private protected override async Task UntilAsync(Vm vm, VmCondition condition, Action<string> seen, CancellationToken cancellationToken)
    {
        var reference = (await session.VmRecordAsync(vm.Id, cancellationToken)).Ref;
        var watch = new XapiEvents.Watch(session.Events);
        watch.Add("VM", reference);
        string? metrics = null;
        while (true)
        {
            await watch.NextAsync(cancellationToken);
            var record = watch.Find(reference) ?? throw Removed(vm);
            var guest = metrics is null ? null : watch.Find(metrics);
            if (IsMet(condition, record, guest))
                return;
            seen($"it is {record.Text("power_state")}{(guest is null ? ", tools: none" : "")}");
            // The record of the guest exists only while its tools run.
            var current = record.Reference("guest_metrics");
            if (current == metrics)
                continue;
            if (metrics is not null)
                watch.Remove(metrics);
            if (current is not null)
                watch.Add("VM_guest_metrics", current);
            metrics = current;
        }
    }

    private static bool IsMet(VmCondition condition, XapiRecord vm, XapiRecord? guest) => condition switch
    {
        VmCondition.On => VmReader.PowerStateOf(vm) == PowerState.On,
        VmCondition.Off => VmReader.PowerStateOf(vm) == PowerState.Off,
        VmCondition.Tools => guest is not null && VmReader.HasDrivers(guest),
        _ => guest is not null && VmReader.IpAddressOf(guest) is not null,
    };
}
