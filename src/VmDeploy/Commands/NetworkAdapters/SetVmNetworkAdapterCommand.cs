namespace VmDeploy.PowerShell;

/// <summary>Connects network adapters to another network, or connects and disconnects them.</summary>
[Cmdlet(VerbsCommon.Set, "VmNetworkAdapter", SupportsShouldProcess = true)]
[OutputType(typeof(VmNetworkAdapter))]
public sealed class SetVmNetworkAdapterCommand : NetworkAdapterActionCmdlet
{
    /// <summary>The new network.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(NetworkCompleter))]
    [HostObjectName(typeof(VmNetwork))]
    public string? Network { get; set; }

    /// <summary>The new MAC address.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("mac_address")]
    [PlainText]
    public string? MacAddress { get; set; }

    /// <summary>Connect or disconnect, at once where the VM runs, and at power-on.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Flag(Absent = null)]
    public bool? Connected { get; set; }

    /// <inheritdoc/>
    protected override async Task ActAsync(VmNetworkAdapter device, CancellationToken cancellationToken)
    {
        // An adapter that is piped in has its own address, and an empty cell of a file counts as absent.
        var isOwn = !IsTyped(nameof(MacAddress)) && NetworkAdapter.Any(given => given.Device is not null);
        var change = new NetworkAdapterChange
        {
            Network = string.IsNullOrEmpty(Network) ? null : Network,
            MacAddress = isOwn || string.IsNullOrEmpty(MacAddress) ? null : MacAddress,
            Connected = Connected,
        };
        var plan = await device.Vm.Session.NetworkAdapters.PlanSetAsync(device, change, cancellationToken);
        if (await ShouldProcessAsync(Describe(device), plan.DescribeAs("Set")))
            WriteObject(await plan.RunAsync(Progress, cancellationToken));
    }
}
