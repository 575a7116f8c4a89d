namespace VmDeploy.Ova;

/// <summary>A file of <c>ovf:References</c>.</summary>
/// <param name="Id">The id that disks refer to.</param>
/// <param name="Href">Name, or prefix of the parts' names.</param>
/// <param name="DeclaredSize"><c>ovf:size</c>: often wrong, for display only.</param>
/// <param name="ChunkSize">Bytes of a part, when the file is split.</param>
/// <param name="Compression"><c>gzip</c>, or null.</param>
public sealed record OvfFileReference(string Id, string Href, long? DeclaredSize, long? ChunkSize, string? Compression);

/// <summary>A disk of the DiskSection or the SharedDiskSection.</summary>
/// <param name="DiskId">The id that hardware items refer to.</param>
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

    /// <summary>
    /// The machines of a group that refer to it have the same disk at run time (a SharedDisk, DSP0243 2.0 section 9.13). Of another disk, each
    /// machine gets a private copy.
    /// </summary>
    public bool IsShared { get; init; }
}

/// <summary>A network of the NetworkSection.</summary>
/// <param name="Name">The name that NICs refer to; the key of a network map.</param>
/// <param name="Description">Its purpose.</param>
public sealed record OvfNetwork(string Name, string? Description)
{
    /// <inheritdoc/>
    public override string ToString() => PrintableText.Escape(Name);
}

/// <summary>A deployment option (<c>ovf:Configuration</c>).</summary>
/// <param name="Id">The id that a user chooses.</param>
/// <param name="Label">Short name.</param>
/// <param name="Description">Description for the user.</param>
/// <param name="IsDefault">Used if no option is chosen.</param>
public sealed record OvfDeploymentOption(string Id, string? Label, string? Description, bool IsDefault)
{
    /// <inheritdoc/>
    public override string ToString() => PrintableText.Escape(Id);
}
