using VmDeploy.Transfer;

namespace VmDeploy.Ova;

/// <summary>
/// Opens the file of a package where it lies. What a web server sends only as a whole, what must be decompressed to be read, and what has a hash
/// to be compared first, goes through a temporary file.
/// </summary>
internal sealed class PackageFetch(PackageLocation location, CancellationToken cancellationToken)
{
    private const int StartLength = 8;
    private const int BlockSize = 1 << 20;
    private const int WholeAttempts = 3;

    /// <summary>The file on a web server.</summary>
    /// <param name="readsForward">What is compressed is read as it is, and not taken apart.</param>
    public async Task<ByteStore> OpenAddressAsync(bool readsForward = false)
    {
        var file = await RemoteFile.OpenAsync(location, cancellationToken);
        try
        {
            var store = new RemoteStore(file);
            if (file.TakesRanges && location.Hash is null && (readsForward || !PackageFormat.IsCompressed(store.ReadStart(StartLength, cancellationToken))))
                return store;
            var spool = new SpoolStore(file.Name, location.SpoolFolder, location.FreeSpace);
            try
            {
                await FillAsync(spool, file, store);
            }
            catch
            {
                spool.Dispose();
                throw;
            }
            file.Dispose();
            return spool;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Compares the hash of a local file.</summary>
    public async Task CheckAsync(ByteStore store)
    {
        if (location.Hash is not { } expected)
            return;
        var meter = Meter("Comparing the hash", store.Path, store.Length);
        using var hash = expected.Start();
        using var stream = store.OpenAt(0, null, cancellationToken);
        var block = new byte[BlockSize];
        for (int read; (read = await stream.ReadAsync(block, 0, block.Length, cancellationToken)) > 0;)
        {
            hash.AppendData(block, 0, read);
            meter?.Add(read);
        }
        meter?.Complete();
        expected.Check(hash, store.Path);
    }

    private async Task FillAsync(SpoolStore spool, RemoteFile file, RemoteStore store)
    {
        var meter = Meter("Downloading", file.Name, file.Length);
        for (var attempt = 1; ; attempt++)
        {
            using var hash = location.Hash?.Start();
            try
            {
                using var source = file.TakesRanges ? store.OpenAt(0, null, cancellationToken) : new Watched(file, await file.OpenWholeAsync(cancellationToken));
                await spool.AppendAsync(source, file.Length, (block, count) =>
                {
                    hash?.AppendData(block, 0, count);
                    meter?.Add(count);
                }, cancellationToken);
                if (file.Length is { } length && spool.Length != length)
                    throw await file.ExplainAsync(new IOException("The connection ended early."));
                meter?.Complete();
                if (hash is not null)
                    location.Hash!.Check(hash, file.Name);
                return;
            }
            catch (VmDeployException e) when (e.IsTransient)
            {
                if (attempt == WholeAttempts)
                    throw file.Unreachable(e);
                meter?.Add(-meter.Done);
                spool.Clear();
            }
            await Task.Delay(location.Retries.FirstPause, cancellationToken);
        }
    }

    private TransferMeter? Meter(string activity, string name, long? length) => location.Progress is null ? null
        : new TransferMeter(location.Progress, new OperationProgress(0, $"{activity} {System.IO.Path.GetFileName(name)}", name) { BytesTotal = length });

    /// <summary>A body whose failures are told as those of the web server, and that does not wait without limit.</summary>
    private sealed class Watched(RemoteFile file, Stream body) : ForwardStream
    {
        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override async Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(file.Patience);
            try
            {
                return await body.ReadAsync(buffer, offset, count, limit.Token);
            }
            catch (Exception e) when (e is not VmDeployException)
            {
                cancellationToken.ThrowIfCancellationRequested();
                throw await file.ExplainAsync(limit.IsCancellationRequested ? new OperationCanceledException(e.Message, e) : e);
            }
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                body.Dispose();
            base.Dispose(disposing);
        }
    }
}
