using VmDeploy.Ova;

namespace VmDeploy.Transfer;

/// <summary>
/// A reply in memory, to be read once. It is kept in blocks, which are released as they are read: one array for a long reply
/// would be a large object, and each of these costs a collection of the whole heap.
/// </summary>
internal sealed class ReceivedStream : ForwardStream
{
    private const int BlockSize = 64 * 1024;

    private readonly Queue<byte[]> _blocks = [];
    private byte[] _last = [];
    private int _lastLength;
    private int _position;

    /// <summary>Where the next bytes are received.</summary>
    public ArraySegment<byte> Free
    {
        get
        {
            if (_lastLength == _last.Length)
            {
                _last = new byte[BlockSize];
                _lastLength = 0;
                _blocks.Enqueue(_last);
            }
            return new ArraySegment<byte>(_last, _lastLength, _last.Length - _lastLength);
        }
    }

    /// <summary>Adds bytes that were received there.</summary>
    public void Add(int count) => _lastLength += count;

    public override int Read(byte[] buffer, int offset, int count)
    {
        if (_blocks.Count == 0)
            return 0;
        var block = _blocks.Peek();
        count = Math.Min(count, (block == _last ? _lastLength : block.Length) - _position);
        Buffer.BlockCopy(block, _position, buffer, offset, count);
        _position += count;
        if (_position == block.Length)
        {
            _blocks.Dequeue();
            _position = 0;
        }
        return count;
    }
}
