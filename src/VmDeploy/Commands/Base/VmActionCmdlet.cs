using System.Collections.Generic;
using System.Management.Automation;
using System.Threading;
using System.Threading.Tasks;

namespace VmDeploy.PowerShell;

/// <summary>A cmdlet that does something to VMs: those piped in, with their own sessions, or those of a name.</summary>
public abstract class VmActionCmdlet : SessionCmdlet
{
    /// <summary>The parameter set of VMs, and the default; other sets of VMs begin like it.</summary>
    protected const string ByVm = "Vm";

    /// <summary>The parameter set of names; other sets of names begin like it.</summary>
    protected const string ByName = "Name";

    /// <summary>The VMs.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = ByVm)]
    [ArgumentCompleter(typeof(VmNameCompleter))]
    public virtual Vm[] Vm { get; set; } = [];

    /// <summary>Names of VMs, with wildcards.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, ParameterSetName = ByName)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(VmNameCompleter))]
    public virtual string[] Name { get; set; } = [];

    /// <summary>What came down the pipeline, kept to see that its name is meant for a VM.</summary>
    [Parameter(ValueFromPipeline = true, DontShow = true)]
    public PSObject? InputObject { get; set; }

    /// <summary>Does it to one VM, after asking for it.</summary>
    protected abstract Task ActAsync(Vm vm, CancellationToken cancellationToken);

    /// <inheritdoc/>
    protected sealed override async Task ProcessRecordAsync(CancellationToken cancellationToken)
    {
        PipedNameCheck.Run(InputObject);
        foreach (var vm in ParameterSetName.StartsWith(ByName, System.StringComparison.Ordinal) ? await FindAsync(cancellationToken) : Vm)
        {
            try
            {
                UseSessionOf(vm);
                await ActAsync(vm, cancellationToken);
            }
            catch (VmDeployException e)
            {
                WriteError(e);
            }
        }
    }

    private async Task<IReadOnlyList<Vm>> FindAsync(CancellationToken cancellationToken)
    {
        var found = new List<Vm>();
        await FindVmsAsync(Name, page =>
        {
            found.AddRange(page);
            return Task.CompletedTask;
        }, cancellationToken);
        return found;
    }
}
