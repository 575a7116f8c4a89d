using SharpCompress.Archives;
using SharpCompress.Readers;

namespace VmDeploy.Ova;

/// <summary>All members of a solid archive, one after the other, decompressed once; their checksums are compared on the way.</summary>
/// <param name="archive">The archive; closed with this.</param>
/// <param name="members">The sizes and checksums of its members that have bytes, in their order.</param>
internal sealed class SolidStream(IArchive archive, IReadOnlyList<(long Length, long Crc)> members) : ForwardStream
{
    private readonly IReader _reader = archive.ExtractAllEntries();
    private Stream? _member;
    private int _index = -1;
    private long _left;
    private Crc32 _crc = new();

    public override int Read(byte[] buffer, int offset, int count)
    {
        if (_left == 0 && !Next())
            return 0;
        var read = _member!.Read(buffer, offset, (int)Math.Min(count, _left));
        if (read == 0 && count > 0)
            throw new InvalidDataException("a member ends early");
        _crc.Append(buffer, offset, read);
        _left -= read;
        if (_left == 0 && members[_index].Crc is > 0 and <= uint.MaxValue and var crc && _crc.Value != crc)
            throw new InvalidDataException("the checksum of a member is wrong");
        return read;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _member?.Dispose();
            _reader.Dispose();
            archive.Dispose();
        }
        base.Dispose(disposing);
    }

    private bool Next()
    {
        if (++_index >= members.Count)
            return false;
        _member?.Dispose();
        _member = null;
        do
        {
            if (!_reader.MoveToNextEntry())
                throw new InvalidDataException("a member is missing");
        }
        while (_reader.Entry.IsDirectory || _reader.Entry.Size == 0);
        if (_reader.Entry.Size != members[_index].Length)
            throw new InvalidDataException("its members are not in their order");
        _member = _reader.OpenEntryStream();
        _left = members[_index].Length;
        _crc = new Crc32();
        return true;
    }
}
