using VmDeploy.Ova;

namespace VmDeploy.Transfer;

/// <summary>
/// A reply in memory, to be read once, also while the rest is being received. It is kept in blocks, which are released or used again as they are read: one
/// array for a long reply would be a large object, and each of these costs a collection of the whole heap.
/// </summary>
internal sealed class ReceivedStream : ForwardStream
{
    /// <summary>The length of a block.</summary>
    public const int BlockSize = 64 * 1024;

    private readonly Queue<byte[]> _blocks = [];
    private byte[] _last = [];
    private byte[]? _spare;
    private int _lastLength;
    private int _position;
    private bool _isComplete;

    /// <summary>Where the next bytes are received.</summary>
    public ArraySegment<byte> Free
    {
        get
        {
            lock (_blocks)
            {
                if (_lastLength == _last.Length)
                {
                    _last = _spare ?? new byte[BlockSize];
                    _spare = null;
                    _lastLength = 0;
                    _blocks.Enqueue(_last);
                }
                return new ArraySegment<byte>(_last, _lastLength, _last.Length - _lastLength);
            }
        }
    }

    /// <summary>Adds bytes that were received there.</summary>
    public void Add(int count)
    {
        lock (_blocks)
        {
            _lastLength += count;
            Monitor.Pulse(_blocks);
        }
    }

    /// <summary>The reply has ended, or no more of it is received.</summary>
    public void Complete()
    {
        lock (_blocks)
        {
            _isComplete = true;
            Monitor.Pulse(_blocks);
        }
    }

    /// <summary>Reads what is there, and waits only for the first byte.</summary>
    public override int Read(byte[] buffer, int offset, int count)
    {
        lock (_blocks)
        {
            while (Available == 0 && !_isComplete)
                Monitor.Wait(_blocks);
            count = Math.Min(count, Available);
            if (count == 0)
                return 0;
            var block = _blocks.Peek();
            Buffer.BlockCopy(block, _position, buffer, offset, count);
            _position += count;
            if (_position == block.Length)
            {
                _spare = _blocks.Dequeue();
                _position = 0;
            }
            return count;
        }
    }

    // In the first block.
    private int Available => _blocks.Count == 0 ? 0 : (_blocks.Count == 1 ? _lastLength : BlockSize) - _position;
}
