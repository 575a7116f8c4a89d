using System.Text;
using VmDeploy.Export;

namespace VmDeploy.Ova;

/// <summary>
/// A package in one tar archive. The descriptor has to come first and is known last: space is left for it, which it is filled up
/// to with blanks. Sizes are put into the headers when they are known. The manifest stands at the end, as the standard allows.
/// </summary>
internal sealed class OvaWriter(Stream target, string stem, ManifestAlgorithm manifest) : PackageWriter(stem, manifest)
{
    private const int Block = 512;

    // What tar writes at a time; older tools expect whole records.
    private const int Record = 20 * Block;
    private const long MostOctal = 1L << 33;

    private readonly DateTime _time = DateTime.UtcNow;
    private int _room;
    private long _end;

    // Where a file begins is known when the one before it has ended.
    public override bool CanWriteSideBySide => false;

    public override void Begin(int descriptorRoom)
    {
        _room = RoundUp(descriptorRoom);
        _end = Block + _room;
    }

    protected override async Task<PackageStream> OpenAsync(string name, IReadOnlyCollection<string> algorithms, Func<Stream, Task> write)
    {
        PackageStream? stream = null;
        try
        {
            target.SetLength(_end);
            target.Position = _end + Block;
            stream = new PackageStream(target, algorithms);
            await write(stream);
            var padding = new byte[RoundUp(stream.Written) - stream.Written];
            await target.WriteAsync(padding, 0, padding.Length);
            PutHeader(_end, name, stream.Written);
            return stream;
        }
        catch
        {
            stream?.Dispose();
            throw;
        }
    }

    public override void Keep(PackageFile file) => Advance(file.Length);

    protected override byte[] Fit(byte[] descriptor)
    {
        if (descriptor.Length >= _room)
            throw new VmDeployException(ErrorCodes.UnexpectedReply, $"The descriptor of the host has {descriptor.Length} bytes; {_room} were expected at most.", DescriptorName);
        var content = new byte[_room];
        descriptor.CopyTo(content, 0);
        for (var i = descriptor.Length; i < _room; i++)
            content[i] = (byte)(i == _room - 1 ? '\n' : ' ');
        return content;
    }

    protected override void Finish(byte[] descriptor, byte[]? manifestText)
    {
        if (manifestText is not null)
        {
            target.SetLength(_end);
            PutHeader(_end, ManifestName, manifestText.Length);
            target.Position = _end + Block;
            target.Write(manifestText, 0, manifestText.Length);
            Advance(manifestText.Length);
        }
        // Two blocks of zeros, and up to a whole record.
        target.SetLength((_end + (2 * Block) + Record - 1) / Record * Record);
        PutHeader(0, DescriptorName, descriptor.Length);
        target.Position = Block;
        target.Write(descriptor, 0, descriptor.Length);
        target.Flush();
    }

    // POSIX ustar; sizes from 8 GiB in base 256, which all tools read.
    private void PutHeader(long at, string name, long size)
    {
        const int checksumAt = 148, checksumLength = 8;
        var header = new byte[Block];
        Text(0, name);
        Octal(100, 8, 420);
        Octal(108, 8, 0);
        Octal(116, 8, 0);
        if (size < MostOctal)
        {
            Octal(124, 12, size);
        }
        else
        {
            header[124] = 0x80;
            for (var i = 0; i < 8; i++)
                header[135 - i] = (byte)(size >> (8 * i));
        }
        Octal(136, 12, new DateTimeOffset(_time).ToUnixTimeSeconds());
        for (var i = 0; i < checksumLength; i++)
            header[checksumAt + i] = (byte)' ';
        header[156] = (byte)'0';
        Text(257, "ustar");
        Text(263, "00");
        Octal(checksumAt, checksumLength - 1, header.Sum(value => value));
        target.Position = at;
        target.Write(header, 0, header.Length);

        void Text(int position, string text) => Encoding.ASCII.GetBytes(text, 0, text.Length, header, position);
        void Octal(int position, int length, long value) => Text(position, Convert.ToString(value, 8).PadLeft(length - 1, '0') + "\0");
    }

    private void Advance(long length) => _end += Block + RoundUp(length);

    private static int RoundUp(int bytes) => (bytes + Block - 1) / Block * Block;

    private static long RoundUp(long bytes) => (bytes + Block - 1) / Block * Block;
}
