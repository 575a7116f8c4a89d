namespace VmDeploy.Vsphere;

internal sealed class VspherePower(VsphereSession session) : VmPower
{
    public override async Task StartAsync(Vm vm, CancellationToken cancellationToken)
    {
        await vm.RefreshAsync(cancellationToken);
        if (vm.State.PowerState != PowerState.On)
            await PowerOnAsync(vm, cancellationToken);
        await vm.RefreshAsync(cancellationToken);
    }

    public override async Task StopAsync(Vm vm, bool force, TimeSpan timeout, CancellationToken cancellationToken)
    {
        await vm.RefreshAsync(cancellationToken);
        if (vm.State.PowerState == PowerState.Off)
            return;
        if (force)
            await session.Tasks.RunAsync(MoRef.Of(vm), "PowerOffVM_Task", vm.Name, cancellationToken);
        else if (vm.State.PowerState == PowerState.Suspended)
            throw new VmDeployException(ErrorCodes.WrongPowerState, $"{vm.Name} is suspended.", vm.Name, hint: ErrorHint.VmSuspended);
        else
            await ShutdownGuestAsync(vm, timeout, cancellationToken);
        await vm.RefreshAsync(cancellationToken);
    }

    public override async Task RestartAsync(Vm vm, bool force, TimeSpan timeout, CancellationToken cancellationToken)
    {
        await vm.RefreshAsync(cancellationToken);
        if (vm.State.PowerState != PowerState.On)
            throw Refused(vm, "running");
        if (force)
            await session.Tasks.RunAsync(MoRef.Of(vm), "ResetVM_Task", vm.Name, cancellationToken);
        else
            await RebootGuestAsync(vm, timeout, cancellationToken);
        await vm.RefreshAsync(cancellationToken);
    }

    public override async Task SuspendAsync(Vm vm, CancellationToken cancellationToken)
    {
        await vm.RefreshAsync(cancellationToken);
        switch (vm.State.PowerState)
        {
            case PowerState.Suspended:
                return;
            case PowerState.On:
                await session.Tasks.RunAsync(MoRef.Of(vm), "SuspendVM_Task", vm.Name, cancellationToken);
                await vm.RefreshAsync(cancellationToken);
                return;
            default:
                throw Refused(vm, "running");
        }
    }

    public override async Task ResumeAsync(Vm vm, CancellationToken cancellationToken)
    {
        await vm.RefreshAsync(cancellationToken);
        if (vm.State.PowerState == PowerState.Off)
            throw Refused(vm, "suspended");
        // Powering a suspended VM on resumes it.
        await StartAsync(vm, cancellationToken);
    }

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

    private async Task ShutdownGuestAsync(Vm vm, TimeSpan timeout, CancellationToken cancellationToken)
    {
        try
        {
            await session.Soap.CallAsync(MoRef.Of(vm), "ShutdownGuest", cancellationToken);
        }
        catch (VimFault fault) when (fault.Type == "ToolsUnavailable")
        {
            throw GuestTools.NotRunning(vm.Name, fault);
        }
        await WaitForGuestAsync(vm, ["runtime.powerState"], values => values["runtime.powerState"].Value == "poweredOff", "shut down", timeout, cancellationToken);
    }

    private async Task WaitForGuestAsync(Vm vm, string[] properties, Func<IReadOnlyDictionary<string, XElement>, bool> isDone, string action, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(timeout);
        try
        {
            await session.Waiter.WaitAsync(MoRef.Of(vm), properties, isDone, limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new VmDeployException(ErrorCodes.GuestShutdownTimeout, $"{vm.Name} did not {action} within {timeout.TotalSeconds:0} s.", vm.Name);
        }
    }

    // The host passes the request to the guest. The guest has shut down when its tools stop.
    private async Task RebootGuestAsync(Vm vm, TimeSpan timeout, CancellationToken cancellationToken)
    {
        try
        {
            await session.Soap.CallAsync(MoRef.Of(vm), "RebootGuest", cancellationToken);
        }
        catch (VimFault fault) when (fault.Code == ErrorCodes.ToolsNotRunning)
        {
            throw GuestTools.NotRunning(vm.Name, fault, ErrorHint.ResetWithForce);
        }
        await WaitForGuestAsync(vm, ["guest.toolsRunningStatus", "runtime.powerState"],
            values => values["runtime.powerState"].Value != "poweredOn" || !values.TryGetValue("guest.toolsRunningStatus", out var tools) || tools.Value != "guestToolsRunning",
            "restart", timeout, cancellationToken);
    }
}
