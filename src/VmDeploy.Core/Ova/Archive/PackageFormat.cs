using System.IO.Compression;
using SharpCompress.Archives;
using SharpCompress.Archives.SevenZip;
using SharpCompress.Compressors.BZip2;
using SharpCompress.Compressors.ZStandard;
using VmDeploy.Transfer;

namespace VmDeploy.Ova;

/// <summary>
/// Finds a package in what its first bytes say it is: a tar archive, one that is compressed, or a zip or 7z archive, with the files of the package
/// or with an .ova in it. Everything is read forward from where it lies.
/// </summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1001", Justification = "The open package owns the places; a failure closes them.")]
internal sealed class PackageFormat(IProgress<OperationProgress>? progress, CancellationToken cancellationToken)
{
    private const int StartLength = 8;
    private const int MostNested = 3;
    private const int MostMembers = 1_000;
    private const long LargestMember = 1L << 50;
    private const int ReadBuffer = 1 << 20;

    private static readonly (byte[] Magic, Func<Stream, Stream> Open)[] s_compressions =
    [
        ([0x1F, 0x8B, 0x08], stream => new GZipStream(stream, CompressionMode.Decompress)),
        ([0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0x00], stream => new XzStreams(stream)),
        ([0x28, 0xB5, 0x2F, 0xFD], stream => new DecompressionStream(stream, leaveOpen: false)),
        ([(byte)'B', (byte)'Z', (byte)'h'], stream => BZip2Stream.Create(stream, SharpCompress.Compressors.CompressionMode.Decompress, decompressConcatenated: true)),
    ];

    private static readonly (byte[] Magic, Func<Stream, IArchive> Open)[] s_archives =
    [
        ([(byte)'P', (byte)'K', 3, 4], stream => SharpCompress.Archives.Zip.ZipArchive.OpenArchive(stream)),
        ([(byte)'7', (byte)'z', 0xBC, 0xAF, 0x27, 0x1C], stream => SevenZipArchive.OpenArchive(stream)),
    ];

    /// <summary>Whether all of it must be decompressed to find out what is in it.</summary>
    public static bool IsCompressed(byte[] start) => Array.Exists(s_compressions, known => StartsWith(start, known.Magic));

    private readonly ParkedPlaces _places = new();
    private TransferMeter? _meter;

    /// <summary>The package in a store; the store stays open as long as the package.</summary>
    public PackageSource Open(ByteStore store)
    {
        try
        {
            var source = Open(store, 0);
            source.Own([_places]);
            return source;
        }
        catch
        {
            _places.Dispose();
            throw;
        }
        finally
        {
            _meter?.Complete();
            _meter = null;
        }
    }

    private PackageSource Open(ByteStore store, int depth)
    {
        var start = store.ReadStart(StartLength, cancellationToken);
        if (Array.Find(s_compressions, known => StartsWith(start, known.Magic)) is { Open: { } decompress } && depth < MostNested)
            return Open(Inflate(store, decompress), depth + 1);
        var (members, hasEnd) = Array.Find(s_archives, known => StartsWith(start, known.Magic)) is { Open: { } open }
            ? (MembersOf(store, open), true)
            : TarMembersOf(store);

        var packages = members.Where(member => member.IsFile && !ArchiveSource.IsCompanionOfMac(member) && IsPackage(member.Name)).ToList();
        if (packages.Count == 0 || depth >= MostNested || members.Any(member => member.IsFile && HasExtension(member.Name, ".ovf")))
            return new ArchiveSource(store.Path, KeepStarts(members), hasEnd);
        if (packages.Count > 1)
        {
            throw new VmDeployException(ErrorCodes.OvaSeveralDescriptors,
                $"'{store.Path}' contains {packages.Count} packages: {Names.List(packages.Select(package => package.Name))}.", store.Path, hint: ErrorHint.ExtractPackage);
        }
        return Open(new SliceStore(store.Path, packages[0].Store, packages[0].Offset, packages[0].Length), depth + 1);
    }

    private InflatedStore Inflate(ByteStore store, Func<Stream, Stream> decompress) =>
        Inflate(store, null, token => decompress(new BufferedStream(Metered(store, store.OpenAt(0, null, token)), ReadBuffer)));

    private InflatedStore Inflate(ByteStore store, long? length, Func<CancellationToken, Stream> open) =>
        new(store.Path, length, InflatedStore.MostOf(store.Length ?? 0), open, _places);

    // A compressed package is read once to find out what is in it.
    private Stream Metered(ByteStore store, Stream compressed)
    {
        if (progress is null || _meter is not null)
            return compressed;
        var meter = _meter = new TransferMeter(progress, new OperationProgress(0, $"Opening {Path.GetFileName(store.Path)}", store.Path) { BytesTotal = store.Length });
        return new MeteredStream(compressed, count =>
        {
            if (_meter == meter)
                meter.Add(count);
        });
    }

    private (List<ArchiveMember> Members, bool HasEnd) TarMembersOf(ByteStore store)
    {
        using var view = new SeekableView(store, cancellationToken);
        var kept = store.IsForwardOnly ? new PrefixStore(store) : null;
        var members = new List<ArchiveMember>();
        var index = TarIndex.Read(view, store.Path, cancellationToken, found =>
            kept?.Keep(new ArchiveMember(found.Name, kept, found.Offset, found.Length, found.IsFile), (offset, count) => ReadAt(view, offset, count)));
        // What the compressor has to say of the whole stands at its end.
        if (store is InflatedStore inflated)
            inflated.ReadToEnd(cancellationToken);
        return (index.Members.Select(member => new ArchiveMember(member.Name, kept ?? store, member.Offset, member.Length, member.IsFile)).ToList(), index.HasEndMarker);
    }

    // Of members that are decompressed one after the other. Those of a tar archive have theirs.
    private List<ArchiveMember> KeepStarts(List<ArchiveMember> members)
    {
        if (members.Find(member => member.IsFile) is not { Store: InflatedStore { IsForwardOnly: true } store } || members.Exists(member => member.IsFile && member.Store != store))
            return members;
        var kept = new PrefixStore(store);
        foreach (var member in members.OrderBy(member => member.Offset))
            kept.Keep(member, (offset, count) => ReadAt(store, offset, count));
        return members.ConvertAll(member => member with { Store = kept });
    }

    private byte[] ReadAt(ByteStore store, long offset, int count)
    {
        using var stream = store.OpenAt(offset, count, cancellationToken);
        return ReadFully(stream, count, store.Path);
    }

    private static byte[] ReadAt(SeekableView view, long offset, int count)
    {
        view.Position = offset;
        return ReadFully(view, count, view.Path);
    }

    private static byte[] ReadFully(Stream stream, int count, string path)
    {
        var bytes = new byte[count];
        for (int done = 0, read; done < count; done += read)
        {
            if ((read = stream.Read(bytes, done, count - done)) == 0)
                throw new VmDeployException(ErrorCodes.OvaTruncated, $"'{path}' ends earlier than its members.", path);
        }
        return bytes;
    }

    private List<ArchiveMember> MembersOf(ByteStore store, Func<Stream, IArchive> open)
    {
        var members = new List<ArchiveMember>();
        Guard(store, () =>
        {
            using var archive = open(new SeekableView(store, cancellationToken));
            var solid = archive.IsSolid ? Solid(store, open, archive) : null;
            long offset = 0;
            foreach (var entry in archive.Entries)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (members.Count >= MostMembers)
                    throw new VmDeployException(ErrorCodes.OvaEntryNotSupported, $"'{store.Path}' has more than {MostMembers} members.", store.Path);
                if (entry.IsEncrypted)
                    throw new VmDeployException(ErrorCodes.OvaCompressionNotSupported, $"'{store.Path}' is encrypted, which is not supported.", store.Path);
                members.Add(ToMember(store, open, entry, members.Count, solid, offset));
                offset += HasBytes(entry) ? entry.Size : 0;
            }
            return true;
        });
        return members;
    }

    private static bool HasBytes(IArchiveEntry entry) => !entry.IsDirectory && entry.Size > 0;

    // Each member of a solid archive needs all that are before it.
    private InflatedStore Solid(ByteStore store, Func<Stream, IArchive> open, IArchive archive)
    {
        var members = archive.Entries.Take(MostMembers).Where(HasBytes).Select(entry => (entry.Size, entry.Crc)).ToList();
        return Inflate(store, null, token => new SolidStream(open(new SeekableView(store, token)), members));
    }

    private ArchiveMember ToMember(ByteStore store, Func<Stream, IArchive> open, IArchiveEntry entry, int index, InflatedStore? solid, long offset)
    {
        var name = (entry.Key ?? "").Replace('\\', '/');
        while (name.StartsWith("./", StringComparison.Ordinal))
            name = name.Substring(2);
        if (entry.Size is < 0 or > LargestMember || offset > LargestMember)
            throw new VmDeployException(ErrorCodes.OvaDamaged, $"'{store.Path}' is damaged: the size of '{name}' is {entry.Size}.", store.Path);
        var isFile = !entry.IsDirectory && entry.LinkTarget is null;
        return solid is not null
            ? new ArchiveMember(name, solid, offset, entry.Size, isFile)
            : new ArchiveMember(name, Inflate(store, entry.Size, token => OpenEntry(store, open, index, token)), 0, entry.Size, isFile);
    }

    // An archive reads one member at a time, so each reader has an archive of its own.
    private static EntryStream OpenEntry(ByteStore store, Func<Stream, IArchive> open, int index, CancellationToken cancellationToken)
    {
        var archive = open(new SeekableView(store, cancellationToken));
        try
        {
            var entry = archive.Entries.ElementAt(index);
            return new EntryStream(archive, entry.OpenEntryStream(), entry.Size, entry.Crc);
        }
        catch
        {
            archive.Dispose();
            throw;
        }
    }

    // The reader of archives throws whatever its arithmetic makes of damaged headers.
    private static T Guard<T>(ByteStore store, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception e) when (e is not (VmDeployException or OperationCanceledException))
        {
            throw new VmDeployException(ErrorCodes.OvaDamaged, $"'{store.Path}' is damaged: {e.Message}", store.Path, e);
        }
    }

    private static bool IsPackage(string name) => HasExtension(name, ".ova") || HasExtension(name, ".ova.gz") || HasExtension(name, ".ova.xz") || HasExtension(name, ".ova.zst");

    private static bool HasExtension(string name, string extension) => name.EndsWith(extension, StringComparison.OrdinalIgnoreCase);

    private static bool StartsWith(byte[] start, byte[] magic) => start.AsSpan().StartsWith(magic);
}
