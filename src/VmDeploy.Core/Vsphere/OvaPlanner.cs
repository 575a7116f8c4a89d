using System.Collections.Generic;
using System.Linq;
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
        IReadOnlyDictionary<string, string> values = await OvaImportChecks.RunAsync(request, package, cancellationToken);
        Inventory inventory = await Inventory.ReadAsync(_session.Properties, cancellationToken);
        var placement = Placement.Resolve(inventory, request);
        long bytes = 0;
        foreach (OvaFile file in package.Files)
            bytes += await package.GetLengthAsync(file, cancellationToken);
        var plan = new OvaImportPlan(_session, request, package, placement,
            await _session.FindExistingAsync(request.Names, inventory, placement, cancellationToken),
            MapNetworks(request, package, placement), values, bytes);
        // The host's own verdict on the OVF belongs to the plan.
        await ImportSpec.CreateAsync(_session, plan, request.Names[0], cancellationToken);
        return plan;
    }

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
                _session.Log.NetworkAssumed(network.Name, Inventory.NameOf(found));
            }
            map[network.Name] = found ?? throw Placement.Missing(ErrorCodes.NetworkNotFound, "network", wanted,
                $"on '{placement.HostName}' (for the OVF's network '{network.Name}')", placement.Networks.Select(Inventory.NameOf));
        }
        return map;
    }
}
