namespace VmDeploy.Ova;

/// <summary>A file that the descriptor references (<c>ovf:References/ovf:File</c>), found in the package.</summary>
/// <param name="Id">The <c>ovf:id</c>, which disks refer to.</param>
/// <param name="Href">The <c>ovf:href</c>: the name, or the prefix of the parts' names.</param>
public sealed record OvaFile(string Id, string Href)
{
    /// <summary>Bytes as stored in the package, all parts together.</summary>
    public long StoredLength { get; init; }

    /// <summary>
    /// Bytes as sent to a host: <see cref="StoredLength"/>, or null for a gzip'ed file, whose length is known
    /// only after it has been inflated once (<see cref="OvaPackage.GetLengthAsync"/>). Never <c>ovf:size</c>, which is often wrong.
    /// </summary>
    public long? Length => IsGzip ? null : StoredLength;

    /// <summary>The stored bytes are gzip and are inflated by <see cref="OvaPackage.OpenFile"/>.</summary>
    public bool IsGzip { get; init; }

    /// <summary>A disk refers to it.</summary>
    public bool IsDisk { get; init; }

    /// <summary>The stored bytes: one part, or the chunks in order.</summary>
    public IReadOnlyList<OvaPart> Parts { get; init; } = [];

    /// <inheritdoc/>
    public override string ToString() => PrintableText.Escape(Href);
}

/// <summary>A run of stored bytes that the manifest lists under its own name.</summary>
public sealed record OvaPart
{
    internal OvaPart(string name, ByteStore store, long offset, long length)
    {
        Name = name;
        Store = store;
        Offset = offset;
        Length = length;
    }

    /// <summary>The name in the archive or folder.</summary>
    public string Name { get; }

    /// <summary>The file or address that holds the bytes.</summary>
    public string Path => Store.Path;

    /// <summary>Where they begin in it, in bytes.</summary>
    public long Offset { get; }

    /// <summary>Number of bytes.</summary>
    public long Length { get; }

    internal ByteStore Store { get; }

    /// <inheritdoc/>
    public override string ToString() => PrintableText.Escape(Name);
}
