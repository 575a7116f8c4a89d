namespace VmDeploy.PowerShell;

/// <summary>Removes network adapters from VMs.</summary>
[Cmdlet(VerbsCommon.Remove, "VmNetworkAdapter", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
public sealed class RemoveVmNetworkAdapterCommand : NetworkAdapterActionCmdlet
{
    /// <inheritdoc/>
    protected override async Task ActAsync(VmNetworkAdapter device, CancellationToken cancellationToken)
    {
        var plan = await device.Vm.Session.NetworkAdapters.PlanRemoveAsync(device, cancellationToken);
        if (await ShouldProcessAsync(Describe(device), "Remove"))
            await plan.RunAsync(Progress, cancellationToken);
    }
}
