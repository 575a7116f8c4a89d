namespace VmDeploy;

/// <summary>A request for clones of a VM.</summary>
/// <param name="Source">The VM to copy.</param>
public sealed record CloneRequest(Vm Source) : DeploymentRequest
{
    /// <summary>Linked clones: child disks instead of copies. Fast, but they depend on the source's disks.</summary>
    public bool Linked { get; init; }
}
