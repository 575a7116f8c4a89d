using System.Collections;

namespace VmDeploy.PowerShell;

/// <summary>The session's networks, one for all adapters; then the OVA's, as a hashtable that maps each to one of the session's.</summary>
internal sealed class NetworkMapCompleter : Completer
{
    internal override Func<CancellationToken, Task<IEnumerable<Completion>>> Find(IDictionary bound, Func<string, bool>? typed)
    {
        var onHost = FindOnHost(bound, typed);
        var inOva = new OvfNetworkCompleter().Find(bound, typed);
        return async cancellationToken =>
        {
            var there = (await onHost(cancellationToken)).ToList();
            var wanted = await NamesAsync(inOva, cancellationToken);
            return wanted.Count == 0 ? there : there.Append(Map(wanted, there));
        };
    }

    // The host's networks are offered without the OVA too.
    private static async Task<IReadOnlyList<string>> NamesAsync(Func<CancellationToken, Task<IEnumerable<Completion>>> inOva, CancellationToken cancellationToken)
    {
        try
        {
            return (await inOva(cancellationToken)).Select(network => network.Name).ToList();
        }
        catch (VmDeployException)
        {
            return [];
        }
    }

    // The OVA can be read without a session.
    private static Func<CancellationToken, Task<IEnumerable<Completion>>> FindOnHost(IDictionary bound, Func<string, bool>? typed)
    {
        try
        {
            return new NetworkCompleter().Find(bound, typed);
        }
        catch (VmDeployException)
        {
            return _ => Task.FromResult<IEnumerable<Completion>>([]);
        }
    }

    private static Completion Map(IReadOnlyList<string> wanted, IReadOnlyList<Completion> there)
    {
        var entries = wanted.Select(name =>
        {
            var target = there.FirstOrDefault(network => network.Name == name) ?? (there.Count == 1 ? there[0] : null);
            return $"{Completion.Literal(name)} = {Completion.Literal(target?.Name ?? "")}";
        });
        var text = $"@{{ {string.Join("; ", entries)} }}";
        return new Completion(text, "A map of each network of the OVA to a network of the host") { Text = text, Aliases = wanted };
    }
}
