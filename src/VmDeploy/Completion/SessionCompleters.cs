using System.Collections;

namespace VmDeploy.PowerShell;

/// <summary>Completes with the objects of the session's host.</summary>
internal abstract class SessionCompleter : Completer
{
    /// <summary>The datacenter that the command names; null if none.</summary>
    protected string? Datacenter { get; private set; }

    internal sealed override Func<CancellationToken, Task<IEnumerable<Completion>>> Find(IDictionary bound, Func<string, bool>? typed)
    {
        Datacenter = bound[nameof(NewVmCmdlet.Datacenter)]?.ToString();
        var session = SessionTable.Current.Resolve(SessionTransformationAttribute.Find(SessionIn(bound)) as VmSession);
        return cancellationToken => FindAsync(session, typed, cancellationToken);
    }

    /// <summary>The session, or its id, whose objects the parameter takes: that of the destination where the command has one.</summary>
    protected virtual object? SessionIn(IDictionary bound) =>
        bound[nameof(CopyVmInstanceCommand.Destination)] is { } destination && PlainValue.Of(destination) is VmSession or int
            ? destination : bound[nameof(SessionCmdlet.Session)];

    protected abstract Task<IEnumerable<Completion>> FindAsync(
        VmSession session, Func<string, bool>? typed, CancellationToken cancellationToken);

    /// <summary>Whether something is in the datacenter that the command names; on XenServer everything is.</summary>
    protected bool IsChosen(string? datacenter) => Datacenter is null || datacenter is null or ""
        || string.Equals(datacenter, Datacenter, StringComparison.OrdinalIgnoreCase)
        || datacenter.EndsWith($"/{Datacenter}", StringComparison.OrdinalIgnoreCase);
}

internal sealed class DatastoreCompleter : SessionCompleter
{
    protected override async Task<IEnumerable<Completion>> FindAsync(
        VmSession session, Func<string, bool>? typed, CancellationToken cancellationToken) =>
        (await session.Discovery.GetDatastoresAsync(cancellationToken)).Where(one => IsChosen(one.Datacenter)).Select(one =>
            new Completion(one.Name, $"{one.Type} {Readable.Bytes(one.FreeBytes)} free of {Readable.Bytes(one.CapacityBytes)}"))
        .Concat((await session.Discovery.GetPlacesAsync([VmPlaceKind.DatastoreCluster], cancellationToken)).Where(one => IsChosen(one.Datacenter)).Select(one => new Completion(one.Name, "Datastore cluster")));
}

internal sealed class NetworkCompleter : SessionCompleter
{
    protected override async Task<IEnumerable<Completion>> FindAsync(
        VmSession session, Func<string, bool>? typed, CancellationToken cancellationToken) =>
        (await session.Discovery.GetNetworksAsync(cancellationToken)).Where(one => IsChosen(one.Datacenter)).Select(one =>
            new Completion(one.Name, one.Vlan is { } vlan ? $"{one.Type} VLAN {vlan}" : one.Type));
}

/// <summary>Places of the chosen datacenter by their paths, also found by their last segments.</summary>
internal abstract class PlaceCompleter(params VmPlaceKind[] kinds) : SessionCompleter
{
    protected override async Task<IEnumerable<Completion>> FindAsync(
        VmSession session, Func<string, bool>? typed, CancellationToken cancellationToken) =>
        (await session.Discovery.GetPlacesAsync(kinds, cancellationToken)).Where(place => place.PlaceKind == VmPlaceKind.Datacenter || IsChosen(place.Datacenter)).GroupBy(place => place.Path).Select(same =>
            new Completion(same.Key, string.Join(", ", same.Select(place => place.Parent)))
            {
                Aliases = [same.Key.Substring(same.Key.LastIndexOf('/') + 1)],
            });
}

internal sealed class GuestIdCompleter : SessionCompleter
{
    protected override async Task<IEnumerable<Completion>> FindAsync(
        VmSession session, Func<string, bool>? typed, CancellationToken cancellationToken) =>
        (await session.Choices.GetGuestIdsAsync(cancellationToken)).Select(guest => new Completion(guest.Id, guest.Name));
}

internal sealed class DatacenterCompleter() : PlaceCompleter(VmPlaceKind.Datacenter);

internal sealed class FolderCompleter() : PlaceCompleter(VmPlaceKind.Folder);

internal sealed class ResourcePoolCompleter() : PlaceCompleter(VmPlaceKind.ResourcePool);

/// <summary>Paths of all places.</summary>
internal sealed class AnyPlaceCompleter() : PlaceCompleter((VmPlaceKind[])Enum.GetValues(typeof(VmPlaceKind)));

/// <summary>Names of hosts.</summary>
internal class HypervisorCompleter : SessionCompleter
{
    protected override async Task<IEnumerable<Completion>> FindAsync(
        VmSession session, Func<string, bool>? typed, CancellationToken cancellationToken) =>
        (await FindHostsAsync(session, cancellationToken)).Select(host => new Completion(host.Name, host.Product));

    protected async Task<IReadOnlyList<VmHypervisor>> FindHostsAsync(VmSession session, CancellationToken cancellationToken)
    {
        var hosts = await session.Discovery.GetHypervisorsAsync(cancellationToken);
        if (Datacenter is not null)
        {
            var places = (await session.Discovery.GetPlacesAsync([VmPlaceKind.Host], cancellationToken)).ToLookup(place => place.Id, place => place.Datacenter);
            hosts = hosts.Where(host => places[host.Id].All(IsChosen)).ToList();
        }
        return hosts;
    }
}

/// <summary>Names of hosts and clusters.</summary>
internal sealed class HostCompleter : HypervisorCompleter
{
    protected override async Task<IEnumerable<Completion>> FindAsync(
        VmSession session, Func<string, bool>? typed, CancellationToken cancellationToken)
    {
        var hosts = await FindHostsAsync(session, cancellationToken);
        // A pool of XenServer is not a place: a VM prefers one of its hosts.
        var clusters = hosts.Where(host => host.Cluster is not null && session.Hypervisor != HypervisorKind.XenServer).GroupBy(host => host.Cluster!);
        return hosts.Select(host => new Completion(host.Name, host.Product))
            .Concat(clusters.Select(cluster => new Completion(cluster.Key, $"Cluster of {cluster.Count()} hosts")));
    }
}

/// <summary>VM names. Details for the tooltip are read only for matches.</summary>
internal sealed class VmNameCompleter : SessionCompleter
{
    protected override object? SessionIn(IDictionary bound) => bound[nameof(SessionCmdlet.Session)];

    protected override async Task<IEnumerable<Completion>> FindAsync(
        VmSession session, Func<string, bool>? typed, CancellationToken cancellationToken) =>
        (await session.GetVmsAsync(new VmQuery { NameFilter = name => typed?.Invoke(name) != false && !VmNames.IsUnfinished(name) }, cancellationToken))
            .Select(vm => new Completion(vm.Name, $"{vm.PowerState}, {vm.CpuCount} CPU, {vm.MemoryMB} MB"));
}

/// <summary>Ids of VMs; what is typed may be a name.</summary>
internal sealed class VmIdCompleter : SessionCompleter
{
    protected override async Task<IEnumerable<Completion>> FindAsync(
        VmSession session, Func<string, bool>? typed, CancellationToken cancellationToken) =>
        (await session.GetVmsAsync(new VmQuery(), cancellationToken)).Select(vm => new Completion(vm.Id, vm.Name) { Aliases = [vm.Name] });
}

/// <summary>The ids of the open sessions.</summary>
internal sealed class OpenSessionCompleter : Completer
{
    internal override Func<CancellationToken, Task<IEnumerable<Completion>>> Find(IDictionary bound, Func<string, bool>? typed)
    {
        var open = SessionTable.Current.Open.Select(session =>
            new Completion($"{session.Id}: {session}", session.Product) { Text = session.Id.ToString(System.Globalization.CultureInfo.InvariantCulture) });
        return _ => Task.FromResult(open);
    }
}

/// <summary>The servers of the open sessions.</summary>
internal sealed class SessionServerCompleter : Completer
{
    internal override Func<CancellationToken, Task<IEnumerable<Completion>>> Find(IDictionary bound, Func<string, bool>? typed)
    {
        var open = SessionTable.Current.Open.Select(session => new Completion(session.Server, session.Product));
        return _ => Task.FromResult(open);
    }
}

internal sealed class TemplateCompleter : SessionCompleter
{
    protected override async Task<IEnumerable<Completion>> FindAsync(
        VmSession session, Func<string, bool>? typed, CancellationToken cancellationToken) =>
        (await session.Discovery.GetTemplatesAsync(cancellationToken)).Select(one => new Completion(one.Name, one.Description));
}
