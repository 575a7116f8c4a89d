using System.IO.Compression;
using SharpCompress.Archives;
using SharpCompress.Archives.SevenZip;
using SharpCompress.Compressors.BZip2;
using SharpCompress.Compressors.Xz;
using SharpCompress.Compressors.ZStandard;

namespace VmDeploy.Ova;

/// <summary>
/// Finds a package in what its first bytes say it is: a tar archive, one that is compressed, or a zip or 7z archive, with the files of the package
/// or with an .ova in it. Everything is read forward from where it lies.
/// </summary>
internal sealed class PackageFormat(CancellationToken cancellationToken)
{
    private const int StartLength = 8;
    private const int MostNested = 3;
    private const int MostMembers = 10_000;
    private const int ReadBuffer = 1 << 20;

    private static readonly (byte[] Magic, Func<Stream, Stream> Open)[] s_compressions =
    [
        ([0x1F, 0x8B, 0x08], stream => new GZipStream(stream, CompressionMode.Decompress)),
        ([0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0x00], stream => new XZStream(stream)),
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

    private readonly List<InflatedStore> _inflated = [];

    /// <summary>The package in a store; the store stays open as long as the package.</summary>
    public PackageSource Open(ByteStore store)
    {
        try
        {
            var source = Open(store, 0);
            source.Own(_inflated);
            return source;
        }
        catch
        {
            _inflated.ForEach(inflated => inflated.Dispose());
            throw;
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
            return new ArchiveSource(store.Path, members, hasEnd);
        if (packages.Count > 1)
        {
            throw new VmDeployException(ErrorCodes.OvaSeveralDescriptors,
                $"'{store.Path}' contains {packages.Count} packages: {Names.List(packages.Select(package => package.Name))}.", store.Path);
        }
        return Open(new SliceStore(store.Path, packages[0].Store, packages[0].Offset, packages[0].Length), depth + 1);
    }

    private InflatedStore Inflate(ByteStore store, Func<Stream, Stream> decompress) =>
        Inflate(store, null, token => decompress(new BufferedStream(store.OpenAt(0, null, token), ReadBuffer)));

    private InflatedStore Inflate(ByteStore store, long? length, Func<CancellationToken, Stream> open)
    {
        var inflated = new InflatedStore(store.Path, length, InflatedStore.MostOf(store.Length ?? 0), open);
        _inflated.Add(inflated);
        return inflated;
    }

    private (List<ArchiveMember> Members, bool HasEnd) TarMembersOf(ByteStore store)
    {
        using var view = new SeekableView(store, cancellationToken);
        var index = TarIndex.Read(view, store.Path, cancellationToken);
        return (index.Members.Select(member => new ArchiveMember(member.Name, store, member.Offset, member.Length, member.IsFile)).ToList(), index.HasEndMarker);
    }

    private List<ArchiveMember> MembersOf(ByteStore store, Func<Stream, IArchive> open)
    {
        var members = new List<ArchiveMember>();
        Guard(store, () =>
        {
            using var archive = open(new SeekableView(store, cancellationToken));
            foreach (var entry in archive.Entries)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (members.Count >= MostMembers)
                    throw new VmDeployException(ErrorCodes.OvaEntryNotSupported, $"'{store.Path}' has more than {MostMembers} members.", store.Path);
                if (entry.IsEncrypted)
                    throw new VmDeployException(ErrorCodes.OvaCompressionNotSupported, $"'{store.Path}' is encrypted, which is not supported.", store.Path);
                members.Add(ToMember(store, open, entry, members.Count));
            }
            return true;
        });
        return members;
    }

    private ArchiveMember ToMember(ByteStore store, Func<Stream, IArchive> open, IArchiveEntry entry, int index)
    {
        var name = (entry.Key ?? "").Replace('\\', '/');
        while (name.StartsWith("./", StringComparison.Ordinal))
            name = name.Substring(2);
        if (entry.Size < 0)
            throw new VmDeployException(ErrorCodes.OvaDamaged, $"'{store.Path}' is damaged: the size of '{name}' is {entry.Size}.", store.Path);
        var content = Inflate(store, entry.Size, token => OpenEntry(store, open, index, token));
        return new ArchiveMember(name, content, 0, entry.Size, !entry.IsDirectory && entry.LinkTarget is null);
    }

    // An archive reads one member at a time, so each reader has an archive of its own.
    private static EntryStream OpenEntry(ByteStore store, Func<Stream, IArchive> open, int index, CancellationToken cancellationToken)
    {
        var archive = open(new SeekableView(store, cancellationToken));
        try
        {
            return new EntryStream(archive, archive.Entries.ElementAt(index).OpenEntryStream());
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

    /// <summary>A member that closes its archive.</summary>
    private sealed class EntryStream(IDisposable archive, Stream entry) : ForwardStream
    {
        public override int Read(byte[] buffer, int offset, int count) => entry.Read(buffer, offset, count);

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                entry.Dispose();
                archive.Dispose();
            }
            base.Dispose(disposing);
        }
    }
}
