namespace VmDeploy.Ova;

/// <summary>A store as a stream that seeks, for readers of archives: they read headers here and there, and then a long run.</summary>
internal sealed class SeekableView(ByteStore store, CancellationToken cancellationToken) : Stream
{
    private const int BlockSize = 1 << 16;
    private const int MostBlocks = 32;

    private readonly Dictionary<long, byte[]> _blocks = [];
    private readonly Queue<long> _order = new();
    private Stream? _run;
    private long _runAt;
    private bool _isSingle;

    /// <summary>Of the store, for messages.</summary>
    public string Path => store.Path;

    public override bool CanRead => true;
    public override bool CanSeek => true;
    public override bool CanWrite => false;

    /// <summary>Where it is not known, larger than anything.</summary>
    public override long Length => store.Length ?? long.MaxValue;

    public override long Position { get; set; }

    /// <summary>How many of a number of bytes are there from a place on. Where the length is not known, it is tried.</summary>
    public long Available(long position, long count)
    {
        if (store.Length is null && count > 0)
            _ = Block((position + count - 1) / BlockSize);
        return Math.Max(0, Math.Min(count, Length - position));
    }

    public override int Read(byte[] buffer, int offset, int count)
    {
        var block = Block(Position / BlockSize);
        var start = (int)(Position % BlockSize);
        var read = Math.Max(0, Math.Min(count, block.Length - start));
        Buffer.BlockCopy(block, start < block.Length ? start : 0, buffer, offset, read);
        Position += read;
        return read;
    }

    public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => Position + offset,
        _ => Length + offset,
    };

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _run?.Dispose();
        base.Dispose(disposing);
    }

    private byte[] Block(long number)
    {
        if (_blocks.TryGetValue(number, out var block))
            return block;
        var start = number * BlockSize;
        if (_run is null || _runAt != start)
        {
            // Who reads two blocks in a row will read more.
            _isSingle = start == 0 || _runAt != start;
            _run?.Dispose();
            _run = store.OpenAt(start, _isSingle ? BlockSize : null, cancellationToken);
            _runAt = start;
        }
        block = new byte[BlockSize];
        var length = 0;
        for (int read; length < BlockSize && (read = _run.Read(block, length, BlockSize - length)) > 0;)
            length += read;
        _runAt += length;
        if (_isSingle)
        {
            _run.Dispose();
            _run = null;
        }
        if (length < BlockSize)
            Array.Resize(ref block, length);
        Keep(number, block);
        return block;
    }

    private void Keep(long number, byte[] block)
    {
        _blocks[number] = block;
        _order.Enqueue(number);
        if (_order.Count > MostBlocks)
            _blocks.Remove(_order.Dequeue());
    }
}
