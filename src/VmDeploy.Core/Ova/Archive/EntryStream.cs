using SharpCompress.Archives;

namespace VmDeploy.Ova;

/// <summary>The content of a member, with its archive; at its end the checksum is compared, which the reader of archives does not do.</summary>
internal sealed class EntryStream(IArchive archive, Stream content, long length, long crc) : ForwardStream
{
    private readonly Crc32? _crc = crc is > 0 and <= uint.MaxValue ? new Crc32() : null;
    private long _left = length;

    public override int Read(byte[] buffer, int offset, int count)
    {
        var read = content.Read(buffer, offset, count);
        _crc?.Append(buffer, offset, read);
        _left -= read;
        if (read > 0 && _left == 0 && _crc is not null && _crc.Value != crc)
            throw new InvalidDataException("the checksum of a member is wrong");
        return read;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            content.Dispose();
            archive.Dispose();
        }
        base.Dispose(disposing);
    }
}
