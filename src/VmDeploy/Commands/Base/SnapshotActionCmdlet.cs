namespace VmDeploy.PowerShell;

/// <summary>A cmdlet that acts on snapshots: those piped in, or those of a name or id on VMs.</summary>
public abstract class SnapshotActionCmdlet : VmOrNameCmdlet
{
    /// <summary>The snapshots, from Get-VmSnapshot.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = nameof(Snapshot))]
    [ArgumentCompleter(typeof(VmNameCompleter))]
    public VmSnapshot[] Snapshot { get; set; } = [];

    /// <summary>Name or id of a snapshot.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true, ParameterSetName = ByVm)]
    [Alias("snapshot_name")]
    [HostObjectName(typeof(VmSnapshot))]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(SnapshotCompleter))]
    public string Name { get; set; } = "";

    /// <summary>Acts on one snapshot, after confirmation.</summary>
    protected abstract Task ActAsync(VmSnapshot snapshot, CancellationToken cancellationToken);

    /// <inheritdoc/>
    protected sealed override async Task ProcessRecordAsync(CancellationToken cancellationToken)
    {
        if (ParameterSetName == ByVm)
        {
            await ForEachVmAsync(async vm =>
            {
                // The name of a VM that is piped in binds too.
                if (!IsTyped(nameof(Name)) && Vm.Any(given => given.Vm?.Name == Name))
                    throw new VmDeployException(ErrorCodes.NameInvalid, $"The name of a snapshot of VM '{vm.Name}' is missing.", vm.Name);
                await ActAsync(await vm.Session.Snapshots.FindAsync(vm, Name, cancellationToken), cancellationToken);
            }, cancellationToken);
            return;
        }
        foreach (var snapshot in Snapshot)
            await TryAsync(snapshot.Vm, () => ActAsync(snapshot, cancellationToken));
    }
}
