using VmDeploy.Simulator.Esxi.Core;
using VmDeploy.Simulator.Esxi.Data;

namespace VmDeploy.Simulator.Esxi.Inventory;

/// <summary>The entry point of the API.</summary>
[VimUnset("capability", "Capability")]
internal sealed class ServiceInstance(EsxiHost host, DataObject content) : ManagedObject(host, "ServiceInstance")
{
    [VimProperty("ServiceContent")]
    public DataObject Content => content;

    [VimProperty("dateTime")]
    public DateTime ServerClock => DateTime.UtcNow;

    [VimMethod(Anonymous = true)]
    public object RetrieveServiceContent(VimCall call) => content;

    [VimMethod]
    public object CurrentTime(VimCall call) => DateTime.UtcNow;
}
