using System.Runtime.ExceptionServices;
using System.Text;
using SharpCompress.Archives;
using SharpCompress.Archives.Tar;
using SharpCompress.Common;

namespace VmDeploy.Ova;

/// <summary>
/// The position of each member of a tar archive. SharpCompress parses the archive; this class finds the damage that it
/// ignores, refuses what can't be deployed and bounds the work. Only headers are read, so an archive of any size takes a few reads.
/// </summary>
internal sealed class TarIndex(Stream archive, string path, Func<long, long, long> available, Action<TarMember>? found)
{
    // An OVA has a handful of members; these bounds stop an archive that was made to use up memory or time.
    private const int MaxHeaders = 10_000;
    private const int MaxExtensionBytes = 1 << 15;
    private const long LargestMember = 1L << 50;

    // POSIX.1-2017 ustar; all sizes in bytes.
    private const int BlockSize = 512;
    private const int SizeAt = 124, SizeLength = 12;
    private const int ChecksumAt = 148, ChecksumLength = 8;
    private const int TypeAt = 156;
    private const int MagicAt = 257;
    private const int PrefixAt = 345, PrefixLength = 157;

    private int _headers;

    /// <summary>The members in their order; if two have the same name, as after an append, the later one counts.</summary>
    public IReadOnlyList<TarMember> Members { get; private set; } = [];

    /// <summary>The archive ends with a block of zeros, as it should, and not just with the end of the file.</summary>
    public bool HasEndMarker { get; private set; }

    /// <summary>Reads the headers of an archive, which stays open.</summary>
    /// <param name="archive">The archive.</param>
    /// <param name="path">Its path, for messages.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <param name="found">Gets each member before the next is looked for.</param>
    /// <exception cref="VmDeployException"><c>OvaNotATar</c>, <c>OvaTruncated</c>, <c>OvaDamaged</c> or <c>OvaEntryNotSupported</c>.</exception>
    public static TarIndex Read(Stream archive, string path, CancellationToken cancellationToken, Action<TarMember>? found = null)
    {
        var index = new TarIndex(archive, path, archive is SeekableView view ? view.Available : (position, count) => Math.Max(0, Math.Min(count, archive.Length - position)), found);
        index.CheckFormat();
        index.ReadMembers(cancellationToken);
        return index;
    }

    private void CheckFormat()
    {
        var start = ReadAt(0, (int)available(0, BlockSize));
        if (start.Length < BlockSize)
            throw NotATar($"has only {start.Length} bytes, less than any archive{LooksLike(start)}");
        if (!IsZero(start) && !HasValidChecksum(start))
            throw NotATar($"is not a tar archive{LooksLike(start)}");
        if (IsZero(start) && IsoImage.IsIso(archive))
            throw new VmDeployException(ErrorCodes.OvaNotATar, $"'{path}' is an ISO image, not an OVA.", path, hint: ErrorHint.IsoIsNotAPackage);
    }

    private void ReadMembers(CancellationToken cancellationToken)
    {
        var source = new HeaderSource(archive);
        using var entries = Entries(source).GetEnumerator();
        var members = new Dictionary<string, (TarMember Member, int Order)>(StringComparer.Ordinal);
        for (long at = 0; ReadMemberHeader(at) is { } header;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var member = ToMember(Next(entries, source, header), header);
            found?.Invoke(member);
            members[member.Name] = (member, members.Count + _headers);
            at = header.End + ((member.Length + BlockSize - 1) & -BlockSize);
        }
        Members = members.Values.OrderBy(found => found.Order).Select(found => found.Member).ToList();
    }

    // Opened as soon as the first header is known to be valid.
    private static IEnumerable<IArchiveEntry> Entries(HeaderSource source)
    {
        using var tar = TarArchive.OpenArchive(source, new SharpCompress.Readers.ReaderOptions
        {
            LeaveStreamOpen = true,
            ArchiveEncoding = new ArchiveEncoding { Forced = Encoding.UTF8 },
        });
        foreach (var entry in tar.Entries)
            yield return entry;
    }

    private IArchiveEntry Next(IEnumerator<IArchiveEntry> entries, HeaderSource source, (char Type, long End) header)
    {
        try
        {
            if (entries.MoveNext())
                return entries.Current;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            source.Failure?.Throw();
            throw Damaged(header.End - BlockSize, "a valid header is missing", e);
        }
        throw Damaged(header.End - BlockSize, "a member has no name");
    }

    private TarMember ToMember(IArchiveEntry entry, (char Type, long End) header)
    {
        var name = WithoutTimes(entry.Key ?? "", header.End - BlockSize);
        // Links, devices and folders have no bytes; their size field is ignored.
        var length = header.Type is >= '1' and <= '6' ? 0 : entry.Size;
        if (length < 0)
            throw Damaged(header.End - BlockSize, $"the size of '{name}' is {length}");
        // No file is larger; the end of such a member would overflow.
        var left = available(header.End, Math.Min(length, LargestMember));
        if (length > left)
            throw Truncated($"within '{name}': {length} bytes should follow, but only {left} do");
        if (header.Type == 'S' || name.Contains("GNUSparseFile."))
            throw NotSupported($"holds '{name}' as a sparse member, which can't be sent to a host");
        while (name.StartsWith("./", StringComparison.Ordinal))
            name = name.Substring(2);
        return new TarMember(name, header.End, length, IsFile: header.Type is '0' or '\0' or '7' && !name.EndsWith("/", StringComparison.Ordinal));
    }

    // GNU archives ("ustar" space) may keep times where POSIX ("ustar" NUL) has the start of a long name; SharpCompress reads them as the name.
    private string WithoutTimes(string name, long at)
    {
        var block = ReadAt(at, BlockSize);
        if (block[MagicAt + 5] != ' ')
            return name;
        var times = Encoding.UTF8.GetString(block, PrefixAt, PrefixLength).Replace('\0', ' ').Trim() + "/";
        return times.Length > 1 && name.StartsWith(times, StringComparison.Ordinal) ? name.Substring(times.Length) : name;
    }

    /// <summary>
    /// The type of the next member and the end of its header, past its extended headers; null at the end of the archive.
    /// SharpCompress takes a header with a wrong checksum for the end, and doesn't check those of extended headers.
    /// </summary>
    private (char Type, long End)? ReadMemberHeader(long at)
    {
        for (var isExtended = false; ; isExtended = true)
        {
            var left = available(at, BlockSize);
            var block = ReadAt(at, (int)left);
            if (IsZero(block))
            {
                HasEndMarker = left >= BlockSize;
                return isExtended ? throw Truncated("after the extended header of its last member") : null;
            }
            if (left < BlockSize)
                throw Truncated("in the middle of a header");
            if (!HasValidChecksum(block))
                throw Damaged(at, "a valid header is missing");
            if (++_headers > MaxHeaders)
                throw NotSupported($"has more than {MaxHeaders} members");
            var type = (char)block[TypeAt];
            at += BlockSize;
            if (type is not ('x' or 'g' or 'L' or 'K'))
                return (type, at);
            at += ReadExtension(at, type, ReadOctal(block, SizeAt, SizeLength));
        }
    }

    private long ReadExtension(long at, char type, long? size)
    {
        if (size is not (>= 0 and <= MaxExtensionBytes))
            throw NotSupported($"has an extended header of {size} bytes at byte {at}");
        if (size > available(at, size.Value))
            throw Truncated("in the middle of an extended header");
        // GNU's keys for sparse members, which not all of its formats show in the name.
        if (type is 'x' or 'g' && Encoding.ASCII.GetString(ReadAt(at, (int)size)) is var records && records.Contains(" GNU.sparse."))
        {
            var name = records.Split('\n').FirstOrDefault(record => record.Contains(" GNU.sparse.name="))?.Split(['='], 2)[1];
            throw NotSupported($"holds {(name is null ? "a sparse member" : $"'{name}' as a sparse member")}, which can't be sent to a host");
        }
        return (size.Value + BlockSize - 1) & -BlockSize;
    }

    private byte[] ReadAt(long position, int count)
    {
        var bytes = new byte[count];
        archive.Position = position;
        for (var done = 0; done < count;)
        {
            var read = archive.Read(bytes, done, count - done);
            if (read == 0)
                throw Truncated("earlier than when it was opened");
            done += read;
        }
        return bytes;
    }

    private static bool IsZero(byte[] block) => Array.TrueForAll(block, b => b == 0);

    // Old tars summed signed bytes.
    private static bool HasValidChecksum(byte[] block)
    {
        long unsigned = 0, signed = 0;
        for (var i = 0; i < BlockSize; i++)
        {
            var value = i is >= ChecksumAt and < ChecksumAt + ChecksumLength ? (byte)' ' : block[i];
            unsigned += value;
            signed += (sbyte)value;
        }
        return ReadOctal(block, ChecksumAt, ChecksumLength) is { } stored && (stored == unsigned || stored == signed);
    }

    private static long? ReadOctal(byte[] block, int offset, int length)
    {
        var digits = Encoding.ASCII.GetString(block, offset, length).TrimStart(' ', '\0').Split(' ', '\0')[0];
        return digits.All(digit => digit is >= '0' and <= '7') ? digits.Aggregate(0L, (number, digit) => (number << 3) | (uint)(digit - '0')) : null;
    }

    private static string LooksLike(byte[] start)
    {
        bool StartsWith(string magic) => start.Length >= magic.Length && Encoding.ASCII.GetString(start, 0, magic.Length) == magic;

        return StartsWith("KDMV") ? "; it is a VMDK, a disk without its OVF"
            : StartsWith("{") || StartsWith("[") ? "; it looks like JSON"
            : StartsWith("<") || (start.Length > 3 && start[0] == 0xEF && start[3] == '<') ? "; it looks like XML or HTML, perhaps an .ovf or a web page saved under this name"
            : "";
    }

    private VmDeployException NotATar(string what) => new(ErrorCodes.OvaNotATar, $"'{path}' {what}.", path);

    private VmDeployException Truncated(string where) => new(ErrorCodes.OvaTruncated, $"'{path}' ends {where}.", path);

    private VmDeployException Damaged(long at, string what, Exception? cause = null) =>
        new(ErrorCodes.OvaDamaged, $"'{path}' is damaged: at byte {at} {what}.", path, cause);

    private VmDeployException NotSupported(string what) => new(ErrorCodes.OvaEntryNotSupported, $"'{path}' {what}.", path);

    /// <summary>
    /// The archive as SharpCompress sees it: it may seek past the end, which is reported with the member's name, and a read
    /// failure, which SharpCompress ignores, is kept.
    /// </summary>
    private sealed class HeaderSource(Stream archive) : Stream
    {
        public ExceptionDispatchInfo? Failure { get; private set; }
        public override bool CanRead => true;
        public override bool CanSeek => true;
        public override bool CanWrite => false;
        public override long Length => long.MaxValue;
        public override long Position { get; set; }

        public override int Read(byte[] buffer, int offset, int count)
        {
            try
            {
                archive.Position = Position;
                var read = archive.Read(buffer, offset, count);
                Position += read;
                return read;
            }
            catch (ArgumentOutOfRangeException)
            {
                // A damaged size leads to a position that no file has.
                return 0;
            }
            catch (Exception e)
            {
                Failure = ExceptionDispatchInfo.Capture(e);
                throw;
            }
        }

        public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
        {
            SeekOrigin.Begin => offset,
            SeekOrigin.Current => Position + offset,
            _ => throw new NotSupportedException(),
        };

        public override void Flush() { }

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}

/// <summary>A member of a tar archive.</summary>
/// <param name="Name">As stored, without a leading <c>./</c>; never used as a path of the file system.</param>
/// <param name="Offset">Where its bytes begin in the archive.</param>
/// <param name="Length">Bytes.</param>
/// <param name="IsFile">False for links, folders, devices and types that only other programs know.</param>
internal sealed record TarMember(string Name, long Offset, long Length, bool IsFile);
