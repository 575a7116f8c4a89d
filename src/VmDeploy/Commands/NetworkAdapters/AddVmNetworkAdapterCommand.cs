namespace VmDeploy.PowerShell;

/// <summary>Adds a network adapter to VMs.</summary>
[Cmdlet(VerbsCommon.Add, "VmNetworkAdapter", SupportsShouldProcess = true, DefaultParameterSetName = ByVm)]
[OutputType(typeof(VmNetworkAdapter))]
public sealed class AddVmNetworkAdapterCommand : VmChangeCmdlet
{
    /// <summary>The network.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [HostObjectName(typeof(VmNetwork))]
    [ArgumentCompleter(typeof(NetworkCompleter))]
    public string Network { get; set; } = "";

    /// <summary>Model of the adapter; by default that of the VM's first adapter.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("nic_model")]
    [EnumName(typeof(NicModel))]
    public NicModel? NicModel { get; set; }

    /// <summary>MAC address; by default the host generates one.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("mac_address")]
    [PlainText]
    public string? MacAddress { get; set; }

    /// <summary>Connected at once, where the VM runs, and at power-on.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Flag(Absent = true)]
    public bool Connected { get; set; } = true;

    /// <inheritdoc/>
    protected override async Task ActAsync(Vm vm, CancellationToken cancellationToken)
    {
        var request = new NewNetworkAdapter(Network) { Model = NicModel, MacAddress = string.IsNullOrEmpty(MacAddress) ? null : MacAddress, Connected = Connected };
        var plan = await vm.Session.NetworkAdapters.PlanAddAsync(vm, request, cancellationToken);
        if (await ShouldProcessAsync(Describe(vm), $"Add a network adapter: {plan.Description}"))
            WriteObject(await plan.RunAsync(Progress, cancellationToken));
    }
}
