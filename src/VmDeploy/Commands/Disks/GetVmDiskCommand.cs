namespace VmDeploy.PowerShell;

/// <summary>Lists the disks of VMs.</summary>
[Cmdlet(VerbsCommon.Get, "VmDisk", DefaultParameterSetName = ByVm)]
[OutputType(typeof(VmDisk))]
public sealed class GetVmDiskCommand : VmActionCmdlet
{
    /// <summary>Labels of the disks, with wildcards.</summary>
    [Parameter]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(DiskLabelCompleter))]
    public string[]? Label { get; set; }

    /// <inheritdoc/>
    protected override async Task ActAsync(Vm vm, CancellationToken cancellationToken)
    {
        await vm.RefreshAsync(cancellationToken);
        foreach (var disk in Label is null ? vm.Disks : DeviceLabels.Choose(vm, vm.Disks, Label, "disk", ErrorCodes.DiskNotFound, WriteError))
            WriteObject(disk);
    }
}
