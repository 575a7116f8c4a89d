using System.Collections.Generic;
using VmDeploy.Simulator.Esxi.Core;
using VmDeploy.Simulator.Esxi.Data;
using VmDeploy.Simulator.Esxi.Inventory;

namespace VmDeploy.Simulator.Esxi.Datastores;

/// <summary>Lists the files of a datastore.</summary>
[VimUnset("supportedType", "FileQuery*")]
internal sealed class HostDatastoreBrowser(EsxiHost host, string id, Datastore datastore) : ManagedObject(host, id)
{
    [VimProperty("ManagedObjectReference*")]
    public IEnumerable<Mor> Datastore => [datastore.Self];
}
