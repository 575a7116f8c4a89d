using VmDeploy.Simulator.Esxi.Data;
using VmDeploy.Simulator.Esxi.Sessions;

namespace VmDeploy.Simulator.Esxi.Core;

/// <summary>One call of a method.</summary>
/// <param name="Method">Wire name of the method.</param>
/// <param name="Arguments">Its parameters.</param>
/// <param name="Client">The caller; null before login.</param>
/// <param name="Aborted">The client has hung up.</param>
internal sealed record VimCall(string Method, DataObject Arguments, Session? Client, CancellationToken Aborted)
{
    /// <summary>The caller of a method that needs a login.</summary>
    public Session Session => Client ?? throw new InvalidOperationException("The method may be called before login.");

    /// <summary>A session that the call has opened; the reply has its cookie.</summary>
    public Session? Opened { get; set; }
}
