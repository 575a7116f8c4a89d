namespace VmDeploy.Ova;

/// <summary>Finds the stored bytes of what a descriptor references.</summary>
internal sealed class PackageReferences(PackageSource source, OvfDescriptor descriptor, OvaManifest? manifest, CancellationToken cancellationToken)
{
    private const int PartDigits = 9;

    private readonly HashSet<string> _diskFiles = new HashSet<string>(descriptor.Disks.Select(disk => disk.FileRef).OfType<string>());

    public OvaFile Locate(OvfFileReference reference)
    {
        if (reference.Href.Contains("://") || reference.Href.StartsWith("//", StringComparison.Ordinal))
        {
            throw new VmDeployException(ErrorCodes.OvaReferenceInvalid,
                $"'{source.Path}' refers to '{reference.Href}', an address outside of the package.", reference.Href);
        }
        if (reference.Compression is not (null or "gzip"))
        {
            throw new VmDeployException(ErrorCodes.OvaCompressionNotSupported,
                $"'{reference.Href}' in '{source.Path}' is compressed with '{reference.Compression}', which is not supported.", reference.Href);
        }

        var parts = FindParts(reference);
        var isDisk = _diskFiles.Contains(reference.Id);
        return new OvaFile(reference.Id, reference.Href)
        {
            Parts = parts,
            StoredLength = Saturated.Sum(parts.Select(part => part.Length)),
            IsDisk = isDisk,
            // Some descriptors don't say that a disk is gzip'ed, and others say it of one that isn't. No disk begins like gzip;
            // any other file may be a gzip file on purpose.
            IsGzip = (isDisk || reference.Compression is not null) && BeginsLikeGzip(parts),
        };
    }

    private List<OvaPart> FindParts(OvfFileReference reference)
    {
        // An href is a URI reference, but many writers use the bare name.
        foreach (var name in new[] { reference.Href, Uri.UnescapeDataString(reference.Href) }.Select(WithoutDots).Distinct())
        {
            if (reference.ChunkSize is { } chunkSize && FindChunks(name, chunkSize) is { Count: > 0 } chunks)
                return chunks;
            if (source.Find(name) is { } whole)
                return [whole];
        }
        throw Missing(reference.ChunkSize is null ? reference.Href : PartName(reference.Href, 0));
    }

    private List<OvaPart> FindChunks(string prefix, long chunkSize)
    {
        // The manifest lists all parts, even if the last ones are missing.
        var count = 1 + source.NamesStartingWith(prefix + ".").Concat(manifest?.Entries.Select(entry => entry.FileName) ?? [])
            .Select(name => PartNumber(name, prefix)).DefaultIfEmpty(-1).Max();
        var parts = new List<OvaPart>();
        for (var i = 0; i < count; i++)
        {
            var part = source.Find(PartName(prefix, i)) ?? throw Missing(PartName(prefix, i));
            if (i < count - 1 && part.Length != chunkSize)
            {
                throw new VmDeployException(part.Length < chunkSize ? ErrorCodes.OvaTruncated : ErrorCodes.OvaDamaged,
                    $"'{part.Name}' of '{source.Path}' has {part.Length} bytes; every part but the last has {chunkSize}.", part.Name);
            }
            parts.Add(part);
        }
        return parts;
    }

    private static string PartName(string prefix, int number) => prefix + "." + number.ToString("D9", CultureInfo.InvariantCulture);

    private static int PartNumber(string name, string prefix) =>
        name.Length == prefix.Length + 1 + PartDigits && name.StartsWith(prefix + ".", StringComparison.Ordinal)
        && int.TryParse(name.Substring(prefix.Length + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1;

    private static string WithoutDots(string name) => name.StartsWith("./", StringComparison.Ordinal) ? name.Substring(2) : name;

    private bool BeginsLikeGzip(List<OvaPart> parts)
    {
        using var stream = new StoredStream(parts, manifest: null, cancellationToken);
        // Magic number and deflate, the only method (RFC 1952).
        var start = new byte[3];
        var length = 0;
        for (int read; length < start.Length && (read = stream.Read(start, length, start.Length - length)) > 0;)
            length += read;
        return start[0] == 0x1F && start[1] == 0x8B && start[2] == 8;
    }

    private VmDeployException Missing(string name) => new(ErrorCodes.OvaFileMissing,
        $"The descriptor names the file '{name}', which is not in '{source.Path}'.", name);
}
