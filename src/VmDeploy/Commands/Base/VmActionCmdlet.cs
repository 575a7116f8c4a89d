namespace VmDeploy.PowerShell;

/// <summary>A cmdlet that acts on VMs, and whose -Name is the name of a VM.</summary>
public abstract class VmActionCmdlet : VmOrNameCmdlet
{
    /// <summary>The VMs, or their names, with wildcards.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, ParameterSetName = ByVm)]
    [Alias("Name")]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(VmNameCompleter))]
    public override VmOrName[] Vm { get; set; } = [];

    /// <summary>Acts on one VM, after confirmation.</summary>
    protected abstract Task ActAsync(Vm vm, CancellationToken cancellationToken);

    /// <inheritdoc/>
    protected override Task ProcessRecordAsync(CancellationToken cancellationToken)
    {
        PipedNameCheck.Run(InputObject);
        return ForEachVmAsync(vm => ActAsync(vm, cancellationToken), cancellationToken);
    }
}
