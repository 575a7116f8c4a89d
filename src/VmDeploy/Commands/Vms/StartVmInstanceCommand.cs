namespace VmDeploy.PowerShell;

/// <summary>Powers VMs on.</summary>
[Cmdlet(VerbsLifecycle.Start, "VmInstance", SupportsShouldProcess = true, DefaultParameterSetName = ByVm)]
[OutputType(typeof(Vm))]
public sealed class StartVmInstanceCommand : VmActionCmdlet
{
    /// <inheritdoc/>
    protected override async Task ActAsync(Vm vm, CancellationToken cancellationToken)
    {
        if (!await ShouldProcessAsync(Describe(vm), "Power on"))
            return;
        await vm.Session.Power.StartAsync(vm, cancellationToken);
        WriteObject(vm);
    }
}
