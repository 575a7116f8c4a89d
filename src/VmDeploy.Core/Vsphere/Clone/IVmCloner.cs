using System;
using System.Threading;
using System.Threading.Tasks;

namespace VmDeploy.Vsphere;

/// <summary>A way to make a copy of a VM that is powered off.</summary>
internal interface IVmCloner
{
    /// <summary>Makes one clone, powered off; on any failure nothing of it is left.</summary>
    /// <param name="clone">What to make.</param>
    /// <param name="name">The clone's name.</param>
    /// <param name="percent">Told how far it is, 0..100.</param>
    /// <param name="cancellationToken">Stops it.</param>
    Task<Vm> CloneAsync(ResolvedClone clone, string name, Action<int> percent, CancellationToken cancellationToken);
}
