namespace VmDeploy.PowerShell;

/// <summary>Enlarges disks of VMs.</summary>
[Cmdlet(VerbsCommon.Set, "VmDisk", SupportsShouldProcess = true)]
[OutputType(typeof(VmDisk))]
public sealed class SetVmDiskCommand : DiskActionCmdlet
{
    /// <summary>The new size in GiB.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [Alias("size_gb")]
    [SizeGB]
    public double SizeGB { get; set; }

    /// <inheritdoc/>
    protected override async Task ActAsync(VmDisk device, CancellationToken cancellationToken)
    {
        var plan = await device.Vm.Session.Disks.PlanGrowAsync(device, Sizes.FromGB(SizeGB), cancellationToken);
        if (await ShouldProcessAsync(Describe(device), plan.DescribeAs("Grow")))
            WriteObject(await plan.RunAsync(Progress, cancellationToken));
    }
}
