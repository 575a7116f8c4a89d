using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Text;
using System.Threading;

namespace VmDeploy.Ova;

/// <summary>
/// Where each member of a tar archive lies. Understands ustar, GNU long names and binary sizes, and PAX paths and sizes
/// (of one member and global). Only headers are read, so an archive of any size takes a few reads.
/// </summary>
internal sealed class TarIndex
{
    // An OVA has a handful of members; these bounds only stop an archive that was made to exhaust us.
    private const int MaxHeaders = 10_000;
    private const int MaxExtensionBytes = 1 << 20;

    private readonly Stream _archive;
    private readonly string _path;
    private readonly long _archiveLength;
    private readonly Dictionary<string, string> _globalAttributes = new(StringComparer.Ordinal);
    private readonly List<TarEntry> _entries = [];
    private readonly Dictionary<string, TarEntry> _latest = new(StringComparer.Ordinal);
    private long _position;

    private TarIndex(Stream archive, string path)
    {
        _archive = archive;
        _path = path;
        _archiveLength = archive.Length;
    }

    /// <summary>The members in their order; of two with the same name, as after an append, the later one counts.</summary>
    public IReadOnlyList<TarEntry> Entries { get; private set; } = [];

    /// <summary>The archive ends with a block of zeros, as it should, and not just with the end of the file.</summary>
    public bool HasEndMarker { get; private set; }

    /// <summary>Reads the index.</summary>
    /// <param name="archive">The seekable archive.</param>
    /// <param name="path">Its path, for messages.</param>
    /// <param name="cancellationToken">Stops between members.</param>
    /// <exception cref="VmDeployException"><c>OvaNotATar</c>, <c>OvaTruncated</c>, <c>OvaDamaged</c> or <c>OvaEntryNotSupported</c>.</exception>
    public static TarIndex Read(Stream archive, string path, CancellationToken cancellationToken)
    {
        var index = new TarIndex(archive, path);
        index.ReadAll(cancellationToken);
        return index;
    }

    private void ReadAll(CancellationToken cancellationToken)
    {
        Dictionary<string, string>? attributes = null;
        string? longName = null;
        for (var headers = 0; ReadHeader() is { } header; headers++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (headers == MaxHeaders)
                throw NotSupported($"has more than {MaxHeaders} members");
            switch (header.Type)
            {
                case 'L':
                    longName = ReadLongName(header);
                    break;
                case 'K':
                    ReadExtension(header);
                    break;
                case 'g':
                    ReadAttributes(header, _globalAttributes);
                    break;
                case 'x' or 'X':
                    ReadAttributes(header, attributes = new(StringComparer.Ordinal));
                    break;
                default:
                    AddEntry(header, attributes ?? [], longName);
                    attributes = null;
                    longName = null;
                    break;
            }
        }
        if (attributes is not null || longName is not null)
            throw Truncated("behind the extended header of its last member");
        Entries = _entries.FindAll(entry => ReferenceEquals(_latest[entry.Name], entry));
    }

    /// <summary>The next header, or null at the end of the archive.</summary>
    private TarHeader? ReadHeader()
    {
        var left = _archiveLength - _position;
        if (_position == 0 && left < TarHeader.Size)
        {
            var start = new byte[TarHeader.Size];
            ReadBytes((int)left).CopyTo(start, 0);
            throw new VmDeployException(ErrorCodes.OvaNotATar, $"'{_path}' has only {left} bytes, less than any archive{LooksLike(start)}.", _path);
        }
        if (left <= 0)
            return null;
        if (left < TarHeader.Size)
        {
            var rest = ReadBytes((int)left);
            return TarHeader.IsZero(rest) ? null : throw Truncated("in the middle of a header");
        }

        var at = _position;
        var block = ReadBytes(TarHeader.Size);
        if (TarHeader.IsZero(block))
        {
            HasEndMarker = true;
            return null;
        }
        if (TarHeader.TryParse(block) is { } header)
            return header;
        throw at == 0
            ? new VmDeployException(ErrorCodes.OvaNotATar, $"'{_path}' is no tar archive{LooksLike(block)}.", _path)
            : Damaged(at, "there is no valid header");
    }

    private void AddEntry(TarHeader header, Dictionary<string, string> attributes, string? longName)
    {
        string? Attribute(string key) =>
            attributes.TryGetValue(key, out var own) ? own : _globalAttributes.TryGetValue(key, out var all) ? all : null;

        var name = Attribute("path") ?? longName ?? header.Name;
        if (header.Type == 'S' || Attribute("GNU.sparse.major") is not null || Attribute("GNU.sparse.size") is not null)
            throw NotSupported($"holds '{Attribute("GNU.sparse.name") ?? name}' as a sparse member, which hosts can't be sent");

        var length = header.Length;
        if (Attribute("size") is { } size && !long.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out length))
            throw Damaged(_position - TarHeader.Size, $"the size of '{name}' is '{size}'");
        // Links, devices and directories have no bytes, whatever their size field says.
        if (header.Type is >= '1' and <= '6')
            length = 0;
        if (length > _archiveLength - _position)
        {
            throw new VmDeployException(ErrorCodes.OvaTruncated,
                $"'{_path}' ends within '{name}': {length} bytes should follow, and {_archiveLength - _position} do.", _path);
        }

        while (name.StartsWith("./", StringComparison.Ordinal))
            name = name.Substring(2);
        var entry = new TarEntry(name, _position, length, IsFile: header.Type == '0');
        _entries.Add(entry);
        _latest[name] = entry;
        Skip(length);
    }

    private string ReadLongName(TarHeader header)
    {
        var content = ReadExtension(header);
        var end = Array.IndexOf(content, (byte)0);
        return Encoding.UTF8.GetString(content, 0, end < 0 ? content.Length : end);
    }

    // Records of "length key=value\n", the length counting itself (POSIX.1-2017, pax Extended Header).
    private void ReadAttributes(TarHeader header, Dictionary<string, string> attributes)
    {
        var at = _position;
        var content = ReadExtension(header);
        for (var start = 0; start < content.Length;)
        {
            var space = Array.IndexOf(content, (byte)' ', start, Math.Min(content.Length - start, 20));
            var equals = space < 0 ? -1 : Array.IndexOf(content, (byte)'=', space);
            if (equals < 0
                || !int.TryParse(Encoding.ASCII.GetString(content, start, space - start), NumberStyles.None, CultureInfo.InvariantCulture, out var length)
                || length > content.Length - start || start + length <= equals || content[start + length - 1] != '\n')
            {
                throw Damaged(at, "there is no valid extended header");
            }
            var key = Encoding.UTF8.GetString(content, space + 1, equals - space - 1);
            var value = Encoding.UTF8.GetString(content, equals + 1, start + length - equals - 2);
            // An empty value takes back an earlier or global one.
            if (value.Length > 0)
                attributes[key] = value;
            else
                attributes.Remove(key);
            start += length;
        }
    }

    private byte[] ReadExtension(TarHeader header)
    {
        if (header.Length > MaxExtensionBytes)
            throw NotSupported($"has an extended header of {header.Length} bytes at byte {_position}");
        if (header.Length > _archiveLength - _position)
            throw Truncated("in the middle of an extended header");
        var content = ReadBytes((int)header.Length);
        _position -= header.Length;
        Skip(header.Length);
        return content;
    }

    private byte[] ReadBytes(int count)
    {
        var bytes = new byte[count];
        _archive.Position = _position;
        for (var done = 0; done < count;)
        {
            var read = _archive.Read(bytes, done, count - done);
            if (read == 0)
                throw Truncated("earlier than a moment ago");
            done += read;
        }
        _position += count;
        return bytes;
    }

    // The last member's padding may be cut off: nothing of it is missed.
    private void Skip(long length)
    {
        var padded = (length + TarHeader.Size - 1) & -TarHeader.Size;
        _position = Math.Min(_position + padded, _archiveLength);
    }

    private static string LooksLike(byte[] block)
    {
        bool StartsWith(string magic) => Encoding.ASCII.GetString(block, 0, magic.Length) == magic;

        return block[0] == 0x1F && block[1] == 0x8B ? "; it is gzip'ed, so decompress it first"
            : StartsWith("PK\x03\x04") ? "; it looks like a zip file"
            : StartsWith("KDMV") ? "; it is a VMDK, a disk without its OVF"
            : block[0] is (byte)'{' or (byte)'[' ? "; it looks like JSON"
            : block[0] == '<' || (block[0] == 0xEF && block[3] == '<') ? "; it looks like XML or HTML, perhaps an .ovf or a web page saved under this name"
            : "";
    }

    private VmDeployException Truncated(string where) => new(ErrorCodes.OvaTruncated, $"'{_path}' ends {where}.", _path);

    private VmDeployException Damaged(long at, string what) =>
        new(ErrorCodes.OvaDamaged, $"'{_path}' is damaged: at byte {at} {what}.", _path);

    private VmDeployException NotSupported(string what) => new(ErrorCodes.OvaEntryNotSupported, $"'{_path}' {what}.", _path);
}
