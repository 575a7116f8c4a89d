using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using VmDeploy.Ova;

namespace VmDeploy.Vsphere;

/// <summary>Resolves an import's names on the host and finds out whether the host would take it; changes nothing.</summary>
internal sealed class OvaPlanner
{
    private readonly VsphereSession _session;

    public OvaPlanner(VsphereSession session) => _session = session;

    public async Task<OvaImportPlan> PlanAsync(OvaImportRequest request, OvaPackage package, CancellationToken cancellationToken)
    {
        var values = await RequestChecks.RunAsync(_session.Limits, request, package, cancellationToken);
        var inventory = await Inventory.ReadAsync(_session.Properties, cancellationToken);
        var placement = Placement.Resolve(inventory, request);
        long bytes = 0;
        foreach (var file in package.Files)
            bytes += await package.GetLengthAsync(file, cancellationToken);
        var plan = new OvaImportPlan(_session, request, package, placement,
            await _session.FindExistingAsync(request.Names, placement, cancellationToken),
            MapNetworks(request, package, placement), values, bytes);
        // The host's own verdict on the OVF belongs to the plan.
        await ImportSpec.CreateAsync(_session, plan, request.Names[0], cancellationToken);
        return plan;
    }

    private Dictionary<string, ObjectContent> MapNetworks(OvaImportRequest request, OvaPackage package, Placement placement)
    {
        var map = new Dictionary<string, ObjectContent>();
        foreach (var network in package.Descriptor.Networks)
        {
            var given = NetworkMaps.Find(request.NetworkMap, network.Name);
            if (given is null && placement.Networks.Count == 1)
            {
                map[network.Name] = placement.Networks[0];
                if (Inventory.NameOf(placement.Networks[0]) != network.Name)
                    _session.Log.NetworkAssumed(network.Name, Inventory.NameOf(placement.Networks[0]));
                continue;
            }
            map[network.Name] = NetworkBacking.Find(placement, given ?? network.Name, $" (for the OVF's network '{network.Name}')");
        }
        return map;
    }
}
