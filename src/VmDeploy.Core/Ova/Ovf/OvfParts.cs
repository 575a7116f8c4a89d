namespace VmDeploy.Ova;

/// <summary>A file of <c>ovf:References</c>.</summary>
/// <param name="Id">What disks refer to.</param>
/// <param name="Href">Name, or prefix of the parts' names.</param>
/// <param name="DeclaredSize"><c>ovf:size</c>: often wrong, for display only.</param>
/// <param name="ChunkSize">Bytes of a part, when the file is split.</param>
/// <param name="Compression"><c>gzip</c>, or null.</param>
public sealed record OvfFileReference(string Id, string Href, long? DeclaredSize, long? ChunkSize, string? Compression);

/// <summary>A disk of the DiskSection.</summary>
/// <param name="DiskId">What hardware items refer to.</param>
/// <param name="FileRef">The file that holds it; null for an empty disk.</param>
/// <param name="CapacityBytes">Virtual size in bytes; null where it is not given.</param>
public sealed record OvfDisk(string DiskId, string? FileRef, long? CapacityBytes)
{
    /// <summary>Bytes that the disk occupies when thin.</summary>
    public long? PopulatedBytes { get; init; }

    /// <summary>URI of the format.</summary>
    public string? Format { get; init; }

    /// <summary>The disk that this one is a delta to.</summary>
    public string? ParentRef { get; init; }
}

/// <summary>A network of the NetworkSection.</summary>
/// <param name="Name">What NICs refer to, and what a network map is keyed by.</param>
/// <param name="Description">What it is for.</param>
public sealed record OvfNetwork(string Name, string? Description);

/// <summary>A deployment option (<c>ovf:Configuration</c>).</summary>
/// <param name="Id">What is chosen by.</param>
/// <param name="Label">Short name.</param>
/// <param name="Description">What it gives.</param>
/// <param name="IsDefault">Taken when none is chosen.</param>
public sealed record OvfDeploymentOption(string Id, string? Label, string? Description, bool IsDefault);
