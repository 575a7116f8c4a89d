namespace VmDeploy.PowerShell;

/// <summary>Takes snapshots of VMs.</summary>
[Cmdlet(VerbsCommon.New, "VmSnapshot", SupportsShouldProcess = true, DefaultParameterSetName = ByVm)]
[OutputType(typeof(VmSnapshot))]
public sealed class NewVmSnapshotCommand : VmOrNameCmdlet
{
    /// <summary>Name of the snapshot.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true)]
    [Alias("snapshot_name")]
    [PlainText]
    [ValidateNotNullOrEmpty]
    public string Name { get; set; } = "";

    /// <summary>Free text.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [PlainText]
    public string? Description { get; set; }

    /// <summary>Save the memory of a running guest too.</summary>
    // Not from a file, where "memory" is the key of -MemoryMB.
    [Parameter]
    public SwitchParameter Memory { get; set; }

    /// <summary>Let the guest write its data first (vSphere, with tools).</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Flag]
    public SwitchParameter Quiesce { get; set; }

    /// <inheritdoc/>
    protected override Task ProcessRecordAsync(CancellationToken cancellationToken) => ForEachVmAsync(async vm =>
    {
        // The name of a VM that is piped in binds too.
        if (!IsTyped(nameof(Name)) && Vm.Any(given => given.Vm?.Name == Name))
            throw new VmDeployException(ErrorCodes.NameInvalid, $"A snapshot of VM '{vm.Name}' needs a name.", vm.Name);
        var request = new SnapshotRequest(vm, Name) { Description = string.IsNullOrEmpty(Description) ? null : Description, Memory = Memory, Quiesce = Quiesce };
        var plan = await vm.Session.Snapshots.PlanTakeAsync(request, cancellationToken);
        if (await ShouldProcessAsync(Describe(vm), plan.Description))
            WriteObject(await plan.RunAsync(Progress, cancellationToken));
    }, cancellationToken);
}
