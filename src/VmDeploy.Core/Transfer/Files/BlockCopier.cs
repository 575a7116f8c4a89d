namespace VmDeploy.Transfer;

/// <summary>
/// Copies a stream to another. The next block is read (and so inflated and hashed) while the current one is sent, so that the
/// slower side sets the pace; it uses the memory of two blocks.
/// </summary>
internal static class BlockCopier
{
    private const int BlockSize = 1 << 20;

    /// <summary>Copies to the end of the source, which is idle when this returns or throws; <paramref name="sent"/> gets the bytes of each block.</summary>
    public static async Task CopyAsync(Stream source, Stream target, Action<int> sent, CancellationToken cancellationToken)
    {
        byte[] sending = new byte[BlockSize], reading = new byte[BlockSize];
        var next = ReadBlockAsync(source, reading, cancellationToken);
        try
        {
            while (await next is int count && count > 0)
            {
                (sending, reading) = (reading, sending);
                var block = reading;
                next = Task.Run(() => ReadBlockAsync(source, block, cancellationToken));
                await target.WriteAsync(sending, 0, count, cancellationToken);
                sent(count);
            }
        }
        finally
        {
            // The source must be idle when the caller disposes it.
            await next.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }

    private static async Task<int> ReadBlockAsync(Stream source, byte[] block, CancellationToken cancellationToken)
    {
        var filled = 0;
        while (filled < block.Length)
        {
            var read = await source.ReadAsync(block, filled, block.Length - filled, cancellationToken);
            if (read == 0)
                break;
            filled += read;
        }
        return filled;
    }
}
