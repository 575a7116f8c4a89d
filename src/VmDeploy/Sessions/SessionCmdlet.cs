using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Threading;
using System.Threading.Tasks;

namespace VmDeploy.PowerShell;

/// <summary>A cmdlet that works on one session: the given one, or the only one that is open.</summary>
public abstract class SessionCmdlet : AsyncCmdlet
{
    /// <summary>The session to use; by default the only open one.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(OpenSessionCompleter))]
    public VmSession? Session { get; set; }

    /// <summary>The session to use.</summary>
    /// <exception cref="VmDeployException"><c>NoSession</c>, <c>AmbiguousSession</c> or <c>SessionClosed</c>.</exception>
    protected VmSession ResolveSession() => Sessions.Resolve(Session);

    /// <summary>Finds VMs by name, and writes an error for each name that has no wildcards and no VM.</summary>
    /// <param name="names">Names, with wildcards; none for all VMs.</param>
    /// <param name="found">Called for each as it arrives.</param>
    /// <param name="cancellationToken">Stops.</param>
    protected async Task FindVmsAsync(IReadOnlyList<string> names, Action<Vm> found, CancellationToken cancellationToken)
    {
        var patterns = names.Select(name => WildcardPattern.Get(name, WildcardOptions.IgnoreCase)).ToList();
        // A VM whose name really contains brackets is found by that name too.
        bool Matches(string name) => patterns.Exists(pattern => pattern.IsMatch(name)) || names.Contains(name, StringComparer.OrdinalIgnoreCase);
        await FindAsync(
            new VmQuery { NameFilter = names.Count > 0 ? Matches : null },
            names.Where(name => !WildcardPattern.ContainsWildcardCharacters(name)),
            vm => vm.Name, found, cancellationToken);
    }

    /// <summary>Finds VMs by the hypervisor's ids, and writes an error for each id that has no VM.</summary>
    protected Task FindVmsByIdAsync(IReadOnlyList<string> ids, Action<Vm> found, CancellationToken cancellationToken) =>
        FindAsync(new VmQuery { Ids = ids }, ids, vm => vm.Id, found, cancellationToken);

    private async Task FindAsync(
        VmQuery query, IEnumerable<string> expected, Func<Vm, string> key, Action<Vm> found, CancellationToken cancellationToken)
    {
        var session = ResolveSession();
        var missing = new HashSet<string>(expected, StringComparer.OrdinalIgnoreCase);
        await session.GetVmsAsync(query, page =>
        {
            foreach (var vm in page)
            {
                missing.Remove(key(vm));
                found(vm);
            }
        }, cancellationToken);
        foreach (var one in missing)
            WriteError(new VmDeployException(ErrorCodes.VmNotFound, $"There is no VM '{one}' on {session.Server}.", one));
    }
}
