namespace VmDeploy.Transfer;

/// <summary>Copies a download into a local file.</summary>
internal static class DownloadSink
{
    private const int BlockSize = 1 << 17;

    /// <summary>Copies up to a number of bytes, or to the end; returns how many came in all.</summary>
    public static async Task<long> CopyAsync(Stream source, Stream file, long? most, Action<int> received, CancellationToken cancellationToken)
    {
        var block = new byte[BlockSize];
        long count = 0;
        while (await source.ReadAsync(block, 0, block.Length, cancellationToken) is var read and > 0)
        {
            var wanted = (int)Math.Max(0, Math.Min(read, (most ?? long.MaxValue) - count));
            await file.WriteAsync(block, 0, wanted, cancellationToken);
            count += read;
            received(read);
        }
        return count;
    }
}
