using System.Buffers.Binary;
using VmDeploy.Ova;
using VmDeploy.Vmdk;

namespace VmDeploy.Xapi;

/// <summary>
/// A disk as import_raw_vdi takes it with <c>chunked=true</c>: for each block its offset (u64 LE), its length (u32 LE) and
/// its data; twelve zero bytes at the end. Blocks of zeros are not sent.
/// </summary>
/// <param name="blocks">The disk.</param>
/// <param name="capacity">Bytes of the disk on the host: not every storage refuses data beyond its end.</param>
internal sealed class SparseFrames(IBlockReader blocks, long capacity) : ForwardStream
{
    private const int HeaderSize = 12;

    private readonly byte[] _header = new byte[HeaderSize];
    private ArraySegment<byte> _current;
    private bool _isHeader;
    private bool _isEnd;

    public override async Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        if (_current.Count == 0)
        {
            if (_isEnd)
                return 0;
            if (_isHeader)
                _current = blocks.Data;
            else
                await NextFrameAsync(cancellationToken);
            _isHeader = !_isHeader;
        }
        var part = Math.Min(count, _current.Count);
        Buffer.BlockCopy(_current.Array!, _current.Offset, buffer, offset, part);
        _current = new ArraySegment<byte>(_current.Array!, _current.Offset + part, _current.Count - part);
        return part;
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private async Task NextFrameAsync(CancellationToken cancellationToken)
    {
        Array.Clear(_header, 0, HeaderSize);
        if (await blocks.ReadAsync(cancellationToken))
        {
            if (blocks.Offset + blocks.Data.Count > capacity)
                throw new VmDeployException(ErrorCodes.VmdkDamaged, $"The data reaches to byte {blocks.Offset + blocks.Data.Count} of a disk of {capacity} bytes.");
            BinaryPrimitives.WriteInt64LittleEndian(_header, blocks.Offset);
            BinaryPrimitives.WriteInt32LittleEndian(_header.AsSpan(8), blocks.Data.Count);
        }
        else
        {
            _isEnd = true;
        }
        _current = new ArraySegment<byte>(_header);
    }
}
