using System.Buffers;
using VmDeploy.Simulator.Http;

namespace VmDeploy.Simulator.Esxi.Datastores;

/// <summary>Writes the body of a request to a file, piece by piece, with the faults that were ordered for it.</summary>
internal sealed class Upload(FaultPlan faults, LinkLimiter link)
{
    private long _received;

    /// <summary>Bytes of all bodies so far.</summary>
    public long TotalReceived => Volatile.Read(ref _received);

    /// <summary>Reads the first bytes of the body, which <see cref="SaveAsync"/> still gets.</summary>
    public static async Task<byte[]> ReadHeadAsync(HttpRequest request, int size, CancellationToken cancellationToken)
    {
        var head = new byte[(int)Math.Min(size, request.ContentLength ?? size)];
        var length = await request.Body.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: request.ContentLength is not null, cancellationToken);
        return head[..length];
    }

    /// <summary>Writes the body, of a known length or in chunks, to a file, and replaces an existing one.</summary>
    /// <returns>How it ended; after <see cref="UploadEnd.Cut"/> the connection is gone.</returns>
    public async Task<UploadEnd> SaveAsync(HttpContext http, byte[] head, string path, CancellationToken cancellationToken)
    {
        var length = http.Request.ContentLength ?? long.MaxValue;
        var cut = faults.TakeCut() ?? long.MaxValue;
        var full = faults.TakeFull() ?? long.MaxValue;
        var dead = faults.TakeLease() ?? long.MaxValue;
        var stop = Math.Min(Math.Min(cut, full), Math.Min(dead, length));

        var buffer = ArrayPool<byte>.Shared.Rent(1 << 20);
        try
        {
            await using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0, FileOptions.Asynchronous);
            await file.WriteAsync(head.AsMemory(0, (int)Math.Min(head.Length, stop)), cancellationToken);
            Interlocked.Add(ref _received, head.Length);
            for (var done = (long)head.Length; done < stop;)
            {
                var piece = (int)Math.Min(Math.Min(link.PieceSize, buffer.Length), stop - done);
                if (http.Request.ContentLength is null)
                    piece = await http.Request.Body.ReadAsync(buffer.AsMemory(0, piece), cancellationToken);
                else
                    await http.Request.Body.ReadExactlyAsync(buffer.AsMemory(0, piece), cancellationToken);
                if (piece == 0)
                    return UploadEnd.Complete;
                await link.TakeAsync(piece, cancellationToken);
                await file.WriteAsync(buffer.AsMemory(0, piece), cancellationToken);
                Interlocked.Add(ref _received, piece);
                done += piece;
            }
        }
        catch (Exception e) when (e is EndOfStreamException or IOException or BadHttpRequestException or OperationCanceledException)
        {
            // The client has closed the connection, or the owner of the upload has ended it.
            http.Abort();
            return UploadEnd.Cut;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        if (cut <= stop)
        {
            http.Abort();
            return UploadEnd.Cut;
        }
        return full <= stop ? UploadEnd.Full : dead <= stop ? UploadEnd.LeaseDead : UploadEnd.Complete;
    }
}

/// <summary>How an upload ended.</summary>
internal enum UploadEnd
{
    /// <summary>It is complete.</summary>
    Complete,

    /// <summary>The connection broke or was cut.</summary>
    Cut,

    /// <summary>The datastore was full.</summary>
    Full,

    /// <summary>The lease was ordered to fail.</summary>
    LeaseDead,
}
