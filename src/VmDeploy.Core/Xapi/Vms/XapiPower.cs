namespace VmDeploy.Xapi;

internal sealed class XapiPower(XapiSession session) : VmPower
{
    private const string CleanReboot = "VM.clean_reboot";

    public override async Task StartAsync(Vm vm, CancellationToken cancellationToken)
    {
        var record = await session.VmRecordAsync(vm.Id, cancellationToken);
        switch (VmReader.PowerStateOf(record))
        {
            case PowerState.Off:
                await session.Tasks.RunAsync("VM.start", null, cancellationToken, record.Ref, false, false);
                break;
            case PowerState.Suspended:
                await session.Tasks.RunAsync("VM.resume", null, cancellationToken, record.Ref, false, false);
                break;
            case PowerState.Paused:
                await session.Tasks.RunAsync("VM.unpause", null, cancellationToken, record.Ref);
                break;
        }
        await vm.RefreshAsync(cancellationToken);
    }

    public override async Task StopAsync(Vm vm, bool force, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var record = await session.VmRecordAsync(vm.Id, cancellationToken);
        var state = VmReader.PowerStateOf(record);
        if (state != PowerState.Off)
        {
            if (force || state != PowerState.On)
                await session.Tasks.RunAsync("VM.hard_shutdown", null, cancellationToken, record.Ref);
            else
                await AskGuestAsync("VM.clean_shutdown", record, timeout, cancellationToken);
        }
        await vm.RefreshAsync(cancellationToken);
    }

    public override async Task RestartAsync(Vm vm, bool force, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var record = await ReadAsync(vm, cancellationToken);
        if (vm.State.PowerState != PowerState.On && !(force && vm.State.PowerState == PowerState.Paused))
            throw Refused(vm, "running");
        if (force)
            await session.Tasks.RunAsync("VM.hard_reboot", null, cancellationToken, record.Ref);
        else
            await AskGuestAsync(CleanReboot, record, timeout, cancellationToken, ErrorHint.ResetWithForce);
        await vm.RefreshAsync(cancellationToken);
    }

    public override async Task SuspendAsync(Vm vm, CancellationToken cancellationToken)
    {
        var record = await ReadAsync(vm, cancellationToken);
        if (vm.State.PowerState == PowerState.Suspended)
            return;
        if (vm.State.PowerState != PowerState.On)
            throw Refused(vm, "running");
        try
        {
            await session.Tasks.RunAsync("VM.suspend", null, cancellationToken, record.Ref);
        }
        catch (XapiFailure failure) when (failure.Code == ErrorCodes.ToolsNotRunning)
        {
            throw GuestTools.NotRunning(record.Name, failure, ErrorHint.SuspendNeedsTools);
        }
        await vm.RefreshAsync(cancellationToken);
    }

    public override async Task ResumeAsync(Vm vm, CancellationToken cancellationToken)
    {
        await ReadAsync(vm, cancellationToken);
        if (vm.State.PowerState == PowerState.Off)
            throw Refused(vm, "suspended");
        await StartAsync(vm, cancellationToken);
    }

    /// <summary>Runs a task that ends when the guest has shut down.</summary>
    /// <param name="method">VM.clean_shutdown or VM.clean_reboot.</param>
    /// <param name="vm">The VM.</param>
    /// <param name="timeout">Time limit for the guest.</param>
    /// <param name="cancellationToken">Cancels the task.</param>
    /// <param name="hint">For a guest without tools.</param>
    private async Task AskGuestAsync(string method, XapiRecord vm, TimeSpan timeout, CancellationToken cancellationToken, ErrorHint? hint = null)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(timeout);
        cancellationToken.ThrowIfCancellationRequested();
        // Not cancelled: otherwise the guest may get the request, and the task is not known.
        var task = await session.Client.TextAsync($"Async.{method}", CancellationToken.None, vm.Ref);
        try
        {
            await session.Tasks.EndedAsync(method, task, limit.Token, timeout);
        }
        catch (XapiFailure failure) when (failure.Code == ErrorCodes.ToolsNotRunning)
        {
            throw GuestTools.NotRunning(vm.Name, failure, hint);
        }
        catch (OperationCanceledException)
        {
            using var patience = new CancellationTokenSource(session.Timeout);
            await session.Tasks.CancelAsync(task, patience.Token);
            cancellationToken.ThrowIfCancellationRequested();
            throw new VmDeployException(ErrorCodes.GuestShutdownTimeout, $"{vm.Name} did not {(method == CleanReboot ? "restart" : "shut down")} within {timeout.TotalSeconds:0} s.", vm.Name);
        }
        finally
        {
            await session.Tasks.DestroyAsync(task);
        }
    }

    private async Task<XapiRecord> ReadAsync(Vm vm, CancellationToken cancellationToken)
    {
        await vm.RefreshAsync(cancellationToken);
        return await session.VmRecordAsync(vm.Id, cancellationToken);
    }
}
