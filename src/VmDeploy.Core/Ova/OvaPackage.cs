using System;

namespace VmDeploy.Ova;

/// <summary>An opened OVA or OVF with its files.</summary>
public sealed class OvaPackage : IDisposable
{
    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
