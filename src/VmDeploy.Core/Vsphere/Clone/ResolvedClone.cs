using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using System.Xml.Linq;

namespace VmDeploy.Vsphere;

/// <summary>A clone request with everything that it names found.</summary>
/// <param name="Source">The VM to copy.</param>
/// <param name="Request">What was asked for.</param>
/// <param name="Placement">Where it goes.</param>
/// <param name="Networks">New backings of adapters that change their network, by the adapter's key.</param>
internal sealed record ResolvedClone(
    CloneSource Source, CloneRequest Request, Placement Placement, IReadOnlyDictionary<string, XElement> Networks)
{
    /// <summary>The snapshot that linked clones on vCenter hang on; null for full clones.</summary>
    public MoRef? Snapshot { get; init; }

    public static async Task<ResolvedClone> CreateAsync(
        VsphereSession session, CloneRequest request, Inventory inventory, CancellationToken cancellationToken)
    {
        var source = await CloneSource.ReadAsync(session, request.Source, cancellationToken);
        var placement = Placement.Beside(inventory, source, request);
        var networks = new Dictionary<string, XElement>();
        foreach (var adapter in source.Adapters.Where(_ => request.NetworkMap.Count > 0))
        {
            var present = VmProperties.NetworkNameOf(adapter, inventory) ?? "";
            if (NetworkBacking.Mapped(request.NetworkMap, present) is { } wanted)
            {
                networks[adapter.Value("key")!] = await NetworkBacking.CreateAsync(
                    session, NetworkBacking.Find(placement, wanted, $" (for the source's network '{present}')"), cancellationToken);
            }
        }
        return new ResolvedClone(source, request, placement, networks);
    }
}
