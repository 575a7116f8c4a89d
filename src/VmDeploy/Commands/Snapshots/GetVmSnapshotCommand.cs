namespace VmDeploy.PowerShell;

/// <summary>Lists the snapshots of VMs.</summary>
[Cmdlet(VerbsCommon.Get, "VmSnapshot", DefaultParameterSetName = ByVm)]
[OutputType(typeof(VmSnapshot))]
public sealed class GetVmSnapshotCommand : VmOrNameCmdlet
{
    /// <summary>Names, with wildcards, or ids; by default all.</summary>
    [Parameter(Position = 1)]
    [SupportsWildcards]
    [HostObjectName(typeof(VmSnapshot), List = true)]
    [ArgumentCompleter(typeof(SnapshotCompleter))]
    public string[] Name { get; set; } = ["*"];

    /// <inheritdoc/>
    protected override Task ProcessRecordAsync(CancellationToken cancellationToken) => ForEachVmAsync(async vm =>
    {
        var filter = new NameFilter(Name);
        var all = await vm.Session.Snapshots.GetAsync(vm, cancellationToken);
        foreach (var snapshot in all.Where(one => filter.Matches(one.Name) | filter.Matches(one.Id)))
            WriteObject(snapshot);
        foreach (var name in filter.Unmatched)
            WriteError(new VmDeployException(ErrorCodes.SnapshotNotFound, $"Snapshot '{name}' not found on VM '{vm.Name}'.", name));
    }, cancellationToken);
}
