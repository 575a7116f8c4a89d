using SharpCompress.Compressors.Xz;

namespace VmDeploy.Ova;

/// <summary>An .xz file, which can have several streams one after the other, as parallel packers write them.</summary>
internal sealed class XzStreams(Stream source) : ForwardStream
{
    // xz -9 uses 64 MiB.
    private const long LargestWindow = 256L << 20;

    private static readonly byte[] s_zero = [0];

    private readonly Source _source = new(source);
    private XZStream? _stream;

    public override int Read(byte[] buffer, int offset, int count)
    {
        while (_stream is not null || Begin())
        {
            if (_stream!.Read(buffer, offset, count) is var read && (read > 0 || count == 0))
                return read;
            // Disposing it would close the source.
            _stream = null;
        }
        return 0;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            source.Dispose();
        base.Dispose(disposing);
    }

    // Zeros may stand between streams.
    private bool Begin()
    {
        while (_source.Peek(1).SequenceEqual(s_zero))
            _source.Skip(1);
        if (_source.Peek(1).Length == 0)
            return false;
        CheckWindow(_source.Peek(XzHeader.Longest));
        _stream = new XZStream(_source);
        return true;
    }

    private static void CheckWindow(byte[] start)
    {
        if (XzHeader.WindowOf(start) is { } window && window > LargestWindow)
            throw new InvalidDataException($"it needs {SizeText.Format(window)} of memory; at most {SizeText.Format(LargestWindow)} are allowed");
    }

    /// <summary>Counts its place, which the reader of blocks wants to know, and looks ahead.</summary>
    private sealed class Source(Stream stream) : Stream
    {
        private byte[] _ahead = [];
        private int _at;
        private long _position;

        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => _position;
            set => throw new NotSupportedException();
        }

        /// <summary>Up to a number of bytes that follow, which are still to be read.</summary>
        public byte[] Peek(int count)
        {
            if (_ahead.Length - _at < count)
            {
                var more = new byte[count];
                var length = _ahead.Length - _at;
                Buffer.BlockCopy(_ahead, _at, more, 0, length);
                for (int read; length < count && (read = stream.Read(more, length, count - length)) > 0;)
                    length += read;
                Array.Resize(ref more, length);
                (_ahead, _at) = (more, 0);
            }
            return _ahead.Skip(_at).Take(count).ToArray();
        }

        public void Skip(int count)
        {
            _at += count;
            _position += count;
        }

        public override int Read(byte[] buffer, int offset, int count)
        {
            int read;
            if (_at < _ahead.Length)
            {
                read = Math.Min(count, _ahead.Length - _at);
                Buffer.BlockCopy(_ahead, _at, buffer, offset, read);
                _at += read;
            }
            else
            {
                read = stream.Read(buffer, offset, count);
            }
            _position += read;
            return read;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
