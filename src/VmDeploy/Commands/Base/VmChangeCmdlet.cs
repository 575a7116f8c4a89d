namespace VmDeploy.PowerShell;

/// <summary>
/// A cmdlet that changes VMs to values that a file can contain beside their names. One parameter takes VMs and names: with a parameter
/// set for names, PowerShell binds the values of a file and then looks no further for the name.
/// </summary>
public abstract class VmChangeCmdlet : VmOrNameCmdlet
{
    /// <summary>The VMs, or their names, with wildcards.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, ParameterSetName = ByVm)]
    [Alias("Name")]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(VmNameCompleter))]
    public override VmOrName[] Vm { get; set; } = [];

    /// <summary>The pipeline object, kept to check that its name is the name of a VM.</summary>
    [Parameter(ValueFromPipeline = true, DontShow = true)]
    public PSObject? InputObject { get; set; }

    /// <summary>Acts on one VM, after confirmation.</summary>
    protected abstract Task ActAsync(Vm vm, CancellationToken cancellationToken);

    /// <inheritdoc/>
    protected sealed override Task ProcessRecordAsync(CancellationToken cancellationToken)
    {
        PipedNameCheck.Run(InputObject);
        foreach (var message in UnboundPropertyCheck.Run(this, InputObject))
            WriteWarning(message);
        return ForEachVmAsync(vm => ActAsync(vm, cancellationToken), cancellationToken);
    }
}
