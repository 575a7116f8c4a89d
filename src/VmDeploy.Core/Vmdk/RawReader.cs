namespace VmDeploy.Vmdk;

/// <summary>Gives the blocks of a raw image (a disk or an ISO) that are not all zeros.</summary>
/// <remarks>Creates a reader over a stream at the image's first byte.</remarks>
public sealed class RawReader(Stream source) : IBlockReader
{
    private const int BlockSize = 1 << 16;

    private static readonly byte[] s_zeros = new byte[BlockSize];

    private readonly byte[] _block = new byte[BlockSize];
    private long _position;

    /// <inheritdoc/>
    public long Offset { get; private set; }

    /// <inheritdoc/>
    public ArraySegment<byte> Data { get; private set; }

    /// <inheritdoc/>
    public async Task<bool> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            int filled = 0, read;
            while (filled < BlockSize && (read = await source.ReadAsync(_block, filled, BlockSize - filled, cancellationToken)) > 0)
                filled += read;
            if (filled == 0)
                return false;
            Offset = _position;
            _position += filled;
            if (!new ReadOnlySpan<byte>(_block, 0, filled).SequenceEqual(new ReadOnlySpan<byte>(s_zeros, 0, filled)))
            {
                Data = new ArraySegment<byte>(_block, 0, filled);
                return true;
            }
        }
    }
}
