namespace VmDeploy.Xapi;

internal sealed class XapiPower(XapiSession session) : VmPower
{
    private protected override async Task<PowerState> ReadStateAsync(Vm vm, CancellationToken cancellationToken) =>
        VmReader.PowerStateOf(await session.VmRecordAsync(vm.Id, cancellationToken));

    private protected override async Task ChangeAsync(Vm vm, PowerChange change, CancellationToken cancellationToken)
    {
        var record = await session.VmRecordAsync(vm.Id, cancellationToken);
        switch (change.Action)
        {
            case PowerAction.Stop or PowerAction.Restart when !change.Force:
                await AskGuestAsync(record, change, cancellationToken);
                break;
            case PowerAction.Stop:
                await session.Tasks.RunAsync("VM.hard_shutdown", null, cancellationToken, record.Ref);
                break;
            case PowerAction.Restart:
                await session.Tasks.RunAsync("VM.hard_reboot", null, cancellationToken, record.Ref);
                break;
            case PowerAction.Suspend:
                await SuspendAsync(record, cancellationToken);
                break;
            default:
                await StartAsync(record, cancellationToken);
                break;
        }
    }

    private Task StartAsync(XapiRecord vm, CancellationToken cancellationToken) => VmReader.PowerStateOf(vm) switch
    {
        PowerState.Suspended => session.Tasks.RunAsync("VM.resume", null, cancellationToken, vm.Ref, false, false),
        PowerState.Paused => session.Tasks.RunAsync("VM.unpause", null, cancellationToken, vm.Ref),
        _ => session.Tasks.RunAsync("VM.start", null, cancellationToken, vm.Ref, false, false),
    };

    private async Task SuspendAsync(XapiRecord vm, CancellationToken cancellationToken)
    {
        try
        {
            await session.Tasks.RunAsync("VM.suspend", null, cancellationToken, vm.Ref);
        }
        catch (XapiFailure failure) when (failure.Code == ErrorCodes.ToolsNotRunning)
        {
            throw GuestTools.NotRunning(vm.Name, failure, ErrorHint.SuspendNeedsTools);
        }
    }

    // The task ends when the guest has shut down.
    private async Task AskGuestAsync(XapiRecord vm, PowerChange change, CancellationToken cancellationToken)
    {
        var method = change.Action == PowerAction.Restart ? "VM.clean_reboot" : "VM.clean_shutdown";
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(change.Timeout);
        cancellationToken.ThrowIfCancellationRequested();
        // Not cancelled: otherwise the guest may get the request, and the task is not known.
        var task = await session.Client.TextAsync($"Async.{method}", CancellationToken.None, vm.Ref);
        try
        {
            await session.Tasks.EndedAsync(method, task, limit.Token, change.Timeout);
        }
        catch (XapiFailure failure) when (failure.Code == ErrorCodes.ToolsNotRunning)
        {
            throw GuestTools.NotRunning(vm.Name, failure, change.Action == PowerAction.Restart ? ErrorHint.ResetWithForce : null);
        }
        catch (OperationCanceledException)
        {
            using var patience = new CancellationTokenSource(session.Timeout);
            await session.Tasks.CancelAsync(task, patience.Token);
            cancellationToken.ThrowIfCancellationRequested();
            throw TimedOut(vm.Name, change);
        }
        finally
        {
            await session.Tasks.DestroyAsync(task);
        }
    }
}
