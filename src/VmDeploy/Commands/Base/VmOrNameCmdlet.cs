namespace VmDeploy.PowerShell;

/// <summary>A cmdlet whose VMs are objects or names in one parameter, because -Name is the name of something else.</summary>
public abstract class VmOrNameCmdlet : SessionCmdlet
{
    /// <summary>The parameter set of VMs and their names.</summary>
    protected const string ByVm = "Vm";

    /// <summary>The VMs, or their names.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, ParameterSetName = ByVm)]
    [ArgumentCompleter(typeof(VmNameCompleter))]
    public virtual VmOrName[] Vm { get; set; } = [];

    /// <summary>Acts on each VM with its session; a failure does not stop the others.</summary>
    private protected async Task ForEachVmAsync(Func<Vm, Task> act, CancellationToken cancellationToken)
    {
        foreach (var vm in await FindVmsAsync(Vm, cancellationToken))
            await TryAsync(vm, () => act(vm));
    }

    /// <summary>The VM for prompts and -WhatIf.</summary>
    private protected static string Describe(Vm vm) =>
        $"{(vm.Session.HasUniqueVmNames ? vm.ToString() : NameWithPlace(vm))} on {vm.Server}";
}
