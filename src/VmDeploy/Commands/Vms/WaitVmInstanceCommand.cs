namespace VmDeploy.PowerShell;

/// <summary>Waits until VMs are on or off, or until their guests report.</summary>
[Cmdlet(VerbsLifecycle.Wait, "VmInstance", DefaultParameterSetName = ByVm)]
[OutputType(typeof(Vm))]
public sealed class WaitVmInstanceCommand : VmActionCmdlet
{
    /// <summary>The condition to wait for.</summary>
    [Parameter(Position = 1)]
    [EnumName(typeof(VmCondition), Absent = VmCondition.IpAddress, Prefix = "Powered")]
    public VmCondition For { get; set; } = VmCondition.IpAddress;

    /// <summary>Seconds to wait for each VM.</summary>
    [Parameter]
    [ValidateRange(1, 86400)]
    public int TimeoutSec { get; set; } = 300;

    /// <inheritdoc/>
    protected override async Task ActAsync(Vm vm, CancellationToken cancellationToken)
    {
        await vm.Session.Waiting.WaitAsync(vm, For, TimeSpan.FromSeconds(TimeoutSec), Progress, cancellationToken);
        WriteObject(vm);
    }
}
