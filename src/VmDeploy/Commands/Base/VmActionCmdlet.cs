namespace VmDeploy.PowerShell;

/// <summary>A cmdlet that acts on VMs: those piped in, with their own sessions, or those with a name.</summary>
public abstract class VmActionCmdlet : SessionCmdlet
{
    /// <summary>The parameter set of VMs, and the default; the names of other sets of VMs begin with it.</summary>
    protected const string ByVm = "Vm";

    /// <summary>The parameter set of names; the names of other sets of names begin with it.</summary>
    protected const string ByName = "Name";

    // Those names of the last search that only one VM has; null when VMs were piped in.
    private HashSet<string>? _names;

    /// <summary>The VMs.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = ByVm)]
    [ArgumentCompleter(typeof(VmNameCompleter))]
    public virtual Vm[] Vm { get; set; } = [];

    /// <summary>Names of VMs, with wildcards.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, ParameterSetName = ByName)]
    [PlainName]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(VmNameCompleter))]
    public virtual string[] Name { get; set; } = [];

    /// <summary>The pipeline object, kept to check that its name is the name of a VM.</summary>
    [Parameter(ValueFromPipeline = true, DontShow = true)]
    public PSObject? InputObject { get; set; }

    /// <summary>Acts on one VM, after confirmation.</summary>
    protected abstract Task ActAsync(Vm vm, CancellationToken cancellationToken);

    /// <inheritdoc/>
    protected sealed override async Task ProcessRecordAsync(CancellationToken cancellationToken)
    {
        PipedNameCheck.Run(InputObject);
        foreach (var vm in ParameterSetName.StartsWith(ByName, StringComparison.Ordinal) ? await FindAsync(cancellationToken) : Vm)
            await TryAsync(vm, () => ActAsync(vm, cancellationToken));
    }

    /// <summary>The VM for prompts and -WhatIf; with its path or id if the name may not be unique.</summary>
    protected string Describe(Vm vm) => _names?.Contains(vm.Name) ?? vm.Session.HasUniqueVmNames
        ? $"{vm} on {vm.Server}"
        : $"{NameWithPlace(vm)} on {vm.Server}";

    // A wildcard means all matches; a name without wildcards means one VM.
    private async Task<IReadOnlyList<Vm>> FindAsync(CancellationToken cancellationToken)
    {
        var found = new List<Vm>();
        await FindVmsAsync(Name, page => { found.AddRange(page); return Task.CompletedTask; }, cancellationToken);
        var sameNames = found.GroupBy(vm => vm.Name, StringComparer.OrdinalIgnoreCase).Where(same => same.Count() > 1).ToList();
        _names = [.. found.Select(vm => vm.Name).Where(name => !sameNames.Exists(same => Is(same.Key, name)))];
        if (!GetType().GetCustomAttributes(typeof(CmdletAttribute), false).Cast<CmdletAttribute>().Single().SupportsShouldProcess)
            return found;
        foreach (var same in sameNames.Where(same => Name.Any(name => !NameFilter.IsPattern(name) && Is(name, same.Key))))
        {
            WriteError(Ambiguous([.. same]));
            found.RemoveAll(vm => Is(vm.Name, same.Key));
        }
        return found;

        static bool Is(string a, string b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);
    }
}
