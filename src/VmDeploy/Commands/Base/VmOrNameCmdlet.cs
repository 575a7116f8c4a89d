namespace VmDeploy.PowerShell;

/// <summary>
/// A cmdlet for VMs, which are objects with their own sessions or names, in one parameter: with a parameter set for names, PowerShell
/// binds the values of a file and then looks no further for the name.
/// </summary>
public abstract class VmOrNameCmdlet : SessionCmdlet
{
    /// <summary>The parameter set of VMs and their names.</summary>
    protected const string ByVm = "Vm";

    /// <summary>The VMs, or their names, with wildcards.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, ParameterSetName = ByVm)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(VmNameCompleter))]
    public virtual VmOrName[] Vm { get; set; } = [];

    /// <summary>Acts on each VM with its session; a failure does not stop the others.</summary>
    private protected async Task ForEachVmAsync(Func<Vm, Task> act, CancellationToken cancellationToken)
    {
        foreach (var vm in await FindAsync(cancellationToken))
            await TryAsync(vm, () => act(vm));
    }

    // A wildcard means all matches; a name without wildcards means one VM, unless nothing is changed.
    private async Task<IReadOnlyList<Vm>> FindAsync(CancellationToken cancellationToken)
    {
        var given = Vm.Select(one => one.Vm).OfType<Vm>().ToList();
        var names = Vm.Select(one => one.Name).OfType<string>().ToList();
        RememberUniqueNames(null);
        if (names.Count == 0)
            return given;
        var found = new List<Vm>();
        await FindVmsAsync(names, page => { found.AddRange(page); return Task.CompletedTask; }, cancellationToken);
        var sameNames = found.GroupBy(vm => vm.Name, StringComparer.OrdinalIgnoreCase).Where(same => same.Count() > 1).ToList();
        if (given.Count == 0)
            RememberUniqueNames(found);
        if (!GetType().GetCustomAttributes(typeof(CmdletAttribute), false).Cast<CmdletAttribute>().Single().SupportsShouldProcess)
            return [.. given, .. found];
        foreach (var same in sameNames.Where(same => names.Exists(name => !NameFilter.IsPattern(name) && Is(name, same.Key))))
        {
            WriteError(Ambiguous([.. same]));
            found.RemoveAll(vm => Is(vm.Name, same.Key));
        }
        return [.. given, .. found];

        static bool Is(string a, string b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);
    }
}
