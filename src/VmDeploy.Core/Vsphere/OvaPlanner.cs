using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.Extensions.Logging;
using VmDeploy.Ova;

namespace VmDeploy.Vsphere;

/// <summary>Resolves an import's names on the host and finds out whether the host would take it; changes nothing.</summary>
internal sealed class OvaPlanner
{
    private readonly PropertyReader _properties;
    private readonly ILogger _log;

    public OvaPlanner(PropertyReader properties, ILogger log)
    {
        _properties = properties;
        _log = log;
    }

    public async Task<VsphereImportPlan> PlanAsync(OvaImportRequest request, OvaPackage package, CancellationToken cancellationToken)
    {
        IReadOnlyDictionary<string, string> values = await OvaImportChecks.RunAsync(request, package, cancellationToken);
        Inventory inventory = await Inventory.ReadAsync(_properties, cancellationToken);
        var placement = Placement.Resolve(inventory,
            new PlacementRequest(request.Datacenter, request.HostName, request.Datastore, request.Folder, request.ResourcePool));
        await RefuseTakenNamesAsync(request.Names, inventory, placement, cancellationToken);
        long bytes = 0;
        foreach (OvaFile file in package.Files)
            bytes += await package.GetLengthAsync(file, cancellationToken);
        return new VsphereImportPlan(request, package, placement, MapNetworks(request, package, placement), values, bytes);
    }

    private async Task RefuseTakenNamesAsync(
        IReadOnlyList<string> names, Inventory inventory, Placement placement, CancellationToken cancellationToken)
    {
        var taken = new List<string>();
        await _properties.ReadAllAsync([new PropertySet("VirtualMachine", "name", "parent")], page =>
        {
            taken.AddRange(page.Where(vm => InSameDatacenter(vm, inventory, placement)).Select(Inventory.NameOf).Intersect(names));
            return Task.CompletedTask;
        }, cancellationToken);
        if (taken.Count > 0)
        {
            throw new VmDeployException(ErrorCodes.VmNameExists,
                $"A VM with this name exists in datacenter '{Inventory.NameOf(placement.Datacenter)}': {string.Join(", ", taken.Select(n => $"'{n}'"))}.",
                taken[0]);
        }
    }

    // A VM inside a vApp has no parent folder; it counts, to be safe.
    private static bool InSameDatacenter(ObjectContent vm, Inventory inventory, Placement placement) =>
        inventory[vm.Reference("parent")] is not { } folder || inventory.IsUnder(folder, placement.Datacenter.Object);

    private Dictionary<string, ObjectContent> MapNetworks(OvaImportRequest request, OvaPackage package, Placement placement)
    {
        var map = new Dictionary<string, ObjectContent>();
        foreach (OvfNetwork network in package.Descriptor.Networks)
        {
            string? given = request.NetworkMap.TryGetValue(network.Name, out string? named) || request.NetworkMap.TryGetValue("*", out named) ? named : null;
            string wanted = given ?? network.Name;
            ObjectContent? found = placement.Networks.FirstOrDefault(n => Inventory.NameOf(n) == wanted);
            if (found is null && given is null && placement.Networks.Count == 1)
            {
                found = placement.Networks[0];
                _log.NetworkAssumed(network.Name, Inventory.NameOf(found));
            }
            map[network.Name] = found ?? throw Placement.Missing(ErrorCodes.NetworkNotFound, "network", wanted,
                $"on '{placement.HostName}' (for the OVF's network '{network.Name}')", placement.Networks.Select(Inventory.NameOf));
        }
        return map;
    }
}
