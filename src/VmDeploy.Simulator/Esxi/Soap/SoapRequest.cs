using VmDeploy.Simulator.Esxi.Data;
using VmDeploy.Simulator.Esxi.Schema;

namespace VmDeploy.Simulator.Esxi.Soap;

/// <summary>A valid call.</summary>
/// <param name="Method">The method.</param>
/// <param name="Arguments">Its parameters.</param>
internal sealed record SoapRequest(VimMethod Method, DataObject Arguments)
{
    public Mor This => Arguments.Ref("_this")!;
}
