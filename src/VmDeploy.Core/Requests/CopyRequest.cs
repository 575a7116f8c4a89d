namespace VmDeploy;

/// <summary>A request for copies of a VM on this host or another.</summary>
/// <param name="Source">The VM, or a template, of any session.</param>
public sealed record CopyRequest(Vm Source) : OvaImportRequest(Source.Name)
{
    /// <summary>Copy a VM that is not off through a temporary snapshot.</summary>
    public bool Snapshot { get; init; }

    /// <summary>The copy has the MAC addresses of the source.</summary>
    public bool KeepMacAddress { get; init; }
}
