namespace VmDeploy.Vsphere;

/// <summary>Restarts, suspends and resumes VMs.</summary>
internal sealed class VspherePower(VsphereSession session) : VmPower
{
    public override async Task RestartAsync(Vm vm, bool force, TimeSpan timeout, CancellationToken cancellationToken)
    {
        await vm.RefreshAsync(cancellationToken);
        if (vm.State.PowerState != PowerState.On)
            throw Refused(vm, "running");
        if (force)
            await session.Tasks.RunAsync(Reference(vm), "ResetVM_Task", vm.Name, cancellationToken);
        else
            await RebootGuestAsync(vm, cancellationToken);
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
                await session.Tasks.RunAsync(Reference(vm), "SuspendVM_Task", vm.Name, cancellationToken);
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
        await session.StartVmAsync(vm, cancellationToken);
    }

    // The host hands the request to the guest, and does not report the end.
    private async Task RebootGuestAsync(Vm vm, CancellationToken cancellationToken)
    {
        try
        {
            await session.Soap.CallAsync(Reference(vm), "RebootGuest", cancellationToken);
        }
        catch (VimFault fault) when (fault.Code == ErrorCodes.ToolsNotRunning)
        {
            throw new VmDeployException(ErrorCodes.ToolsNotRunning, $"{vm.Name}: the guest's tools do not run.", vm.Name, fault, ErrorHint.ResetWithForce);
        }
    }

    private static MoRef Reference(Vm vm) => new("VirtualMachine", vm.Id);
}
