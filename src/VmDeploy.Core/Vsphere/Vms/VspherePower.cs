namespace VmDeploy.Vsphere;

internal sealed class VspherePower(VsphereSession session) : VmPower
{
    private protected override async Task<PowerState> ReadStateAsync(Vm vm, CancellationToken cancellationToken)
    {
        await vm.RefreshAsync(cancellationToken);
        return vm.State.PowerState;
    }

    // Powering a suspended VM on resumes it.
    private protected override Task ChangeAsync(Vm vm, PowerChange change, CancellationToken cancellationToken) => change.Action switch
    {
        PowerAction.Stop or PowerAction.Restart when !change.Force => AskGuestAsync(vm, change, cancellationToken),
        PowerAction.Stop => session.Tasks.RunAsync(MoRef.Of(vm), "PowerOffVM_Task", vm.Name, cancellationToken),
        PowerAction.Restart => session.Tasks.RunAsync(MoRef.Of(vm), "ResetVM_Task", vm.Name, cancellationToken),
        PowerAction.Suspend => session.Tasks.RunAsync(MoRef.Of(vm), "SuspendVM_Task", vm.Name, cancellationToken),
        _ => PowerOnAsync(vm, cancellationToken),
    };

    // A host may ask a question before it powers a VM on, and waits for ever; the administrator must answer it.
    private async Task PowerOnAsync(Vm vm, CancellationToken cancellationToken)
    {
        var reference = MoRef.Of(vm);
        try
        {
            await session.Tasks.RunAskingAsync(reference, "PowerOnVM_Task", vm.Name, question => throw PendingQuestion.Pending(vm.Name, question), cancellationToken);
        }
        catch (VimFault fault) when (fault.Code == ErrorCodes.HostBusy)
        {
            var now = await session.Properties.ReadAsync(reference, cancellationToken, "runtime.question");
            if (now["runtime.question"] is { } question)
                throw PendingQuestion.Pending(vm.Name, question);
            throw;
        }
    }

    // The host passes the request to the guest. A guest that restarts has shut down when its tools stop.
    private async Task AskGuestAsync(Vm vm, PowerChange change, CancellationToken cancellationToken)
    {
        var isRestart = change.Action == PowerAction.Restart;
        try
        {
            await session.Soap.CallAsync(MoRef.Of(vm), isRestart ? "RebootGuest" : "ShutdownGuest", cancellationToken);
        }
        catch (VimFault fault) when (fault.Code == ErrorCodes.ToolsNotRunning)
        {
            throw GuestTools.NotRunning(vm.Name, fault, isRestart ? ErrorHint.ResetWithForce : null);
        }
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(change.Timeout);
        try
        {
            await session.Waiter.WaitAsync(MoRef.Of(vm), isRestart ? ["guest.toolsRunningStatus", "runtime.powerState"] : ["runtime.powerState"],
                values => IsOff(values) || (isRestart && !(values.TryGetValue("guest.toolsRunningStatus", out var tools) && tools.Value == "guestToolsRunning")), limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw TimedOut(vm.Name, change);
        }

        static bool IsOff(IReadOnlyDictionary<string, XElement> values) => values["runtime.powerState"].Value == "poweredOff";
    }
}
