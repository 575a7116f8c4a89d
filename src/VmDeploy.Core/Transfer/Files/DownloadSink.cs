namespace VmDeploy.Transfer;

/// <summary>Copies a download into a local file; a failure of the disk is not reported as a failure of the network.</summary>
internal static class DownloadSink
{
    private const int BlockSize = 1 << 17;

    /// <summary>Copies up to a number of bytes, or to the end; returns how many came in all.</summary>
    public static async Task<long> CopyAsync(Stream source, Stream file, string path, long? most, Action<int> received, CancellationToken cancellationToken)
    {
        var block = new byte[BlockSize];
        long count = 0;
        while (await source.ReadAsync(block, 0, block.Length, cancellationToken) is var read and > 0)
        {
            var wanted = (int)Math.Max(0, Math.Min(read, (most ?? long.MaxValue) - count));
            try
            {
                await file.WriteAsync(block, 0, wanted, cancellationToken);
            }
            catch (IOException e)
            {
                throw new VmDeployException(ErrorCodes.LocalFileNotWritable, $"'{path}' can't be written: {e.Message}", path, e);
            }
            count += read;
            received(read);
        }
        return count;
    }
}
