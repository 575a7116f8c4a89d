namespace VmDeploy.PowerShell;

/// <summary>Lists the CD-ROM drives of VMs.</summary>
[Cmdlet(VerbsCommon.Get, "VmCdrom", DefaultParameterSetName = ByVm)]
[OutputType(typeof(VmCdrom))]
public sealed class GetVmCdromCommand : VmActionCmdlet
{
    /// <inheritdoc/>
    protected override async Task ActAsync(Vm vm, CancellationToken cancellationToken)
    {
        foreach (var cdrom in await vm.Session.Cdroms.GetAsync(vm, cancellationToken))
            WriteObject(cdrom);
    }
}
