using VmDeploy.Simulator.Esxi.Core;
using VmDeploy.Simulator.Esxi.Inventory;

namespace VmDeploy.Simulator.Esxi.Vms;

/// <summary>What a VM on some host or cluster can have.</summary>
[VimUnset("datastoreBrowser", "ManagedObjectReference")]
internal sealed class EnvironmentBrowser(EsxiHost host, string id, ComputeResource compute) : ManagedObject(host, id)
{
    public ComputeResource Compute => compute;
}
