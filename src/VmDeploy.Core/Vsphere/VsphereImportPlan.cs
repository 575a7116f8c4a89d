using System.Collections.Generic;
using System.Linq;
using VmDeploy.Ova;

namespace VmDeploy.Vsphere;

/// <summary>An import whose names have been resolved on a vSphere host.</summary>
internal sealed class VsphereImportPlan : OvaImportPlan
{
    public VsphereImportPlan(OvaImportRequest request, OvaPackage package, Placement placement,
        IReadOnlyDictionary<string, ObjectContent> networks, IReadOnlyDictionary<string, string> properties, long bytes)
        : base(request, package)
    {
        Placement = placement;
        Networks = networks;
        Properties = properties;
        Bytes = bytes;
    }

    public Placement Placement { get; }

    /// <summary>Each OVF network's network on the host.</summary>
    public IReadOnlyDictionary<string, ObjectContent> Networks { get; }

    public IReadOnlyDictionary<string, string> Properties { get; }

    /// <summary>Bytes that one instance sends.</summary>
    public long Bytes { get; }

    public override string Destination =>
        $"datastore '{Inventory.NameOf(Placement.Datastore)}' on '{Placement.HostName}'"
        + string.Concat(Networks.Select(n => $", network '{n.Key}' -> '{Inventory.NameOf(n.Value)}'"));
}
