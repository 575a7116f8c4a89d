namespace VmDeploy.PowerShell;

/// <summary>Connects network adapters to another network, or connects and disconnects them.</summary>
[Cmdlet(VerbsCommon.Set, "VmNetworkAdapter", SupportsShouldProcess = true)]
[OutputType(typeof(VmNetworkAdapter))]
public sealed class SetVmNetworkAdapterCommand : NetworkAdapterActionCmdlet
{
    /// <summary>The new network.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(NetworkCompleter))]
    public string? Network { get; set; }

    /// <summary>The new MAC address.</summary>
    [Parameter]
    [Alias("mac_address")]
    [ValidateNotNullOrEmpty]
    public string? MacAddress { get; set; }

    /// <summary>Connect or disconnect, at once where the VM runs, and at power-on.</summary>
    [Parameter]
    [Flag(Absent = null)]
    public bool? Connected { get; set; }

    /// <inheritdoc/>
    protected override async Task ActAsync(VmNetworkAdapter device, CancellationToken cancellationToken)
    {
        var change = new NetworkAdapterChange { Network = Network, MacAddress = MacAddress, Connected = Connected };
        var plan = await device.Vm.Session.NetworkAdapters.PlanSetAsync(device, change, cancellationToken);
        if (await ShouldProcessAsync(Describe(device), $"Set: {plan.Description}"))
            WriteObject(await plan.RunAsync(Progress, cancellationToken));
    }
}
