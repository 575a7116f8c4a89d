using VmDeploy.Transfer;
using VmDeploy.Vmdk;

namespace VmDeploy.Xapi;

/// <summary>Fills a VDI through <c>PUT /import_raw_vdi</c>. Only the task has the result, not the HTTP status.</summary>
internal sealed class VdiImporter(XapiSession session)
{
    private const string Method = "import_raw_vdi";

    private static readonly TimeSpan s_release = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan s_releaseAfterFailure = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Sends the blocks once; returns when the host has them and the control domain has released the disk.
    /// Cancellation closes the connection: cancelling the task would not end the import.
    /// </summary>
    public async Task SendAsync(string vdi, long capacity, IBlockReader blocks, Action<int> sent, CancellationToken cancellationToken)
    {
        var task = await session.Tasks.CreateAsync("VmDeploy import", cancellationToken);
        var patience = s_releaseAfterFailure;
        try
        {
            await SendAsync(vdi, capacity, blocks, task, sent, cancellationToken);
            patience = s_release;
        }
        finally
        {
            await DiskRelease.WaitAsync(session, vdi, IsFree, patience);
            await session.Tasks.DestroyAsync(task);
        }
    }

    private async Task SendAsync(string vdi, long capacity, IBlockReader blocks, string task, Action<int> sent, CancellationToken cancellationToken)
    {
        using var connection = await new RawTransfer(session).OpenAsync("PUT", Method, $"vdi={Uri.EscapeDataString(vdi)}&format=raw&chunked=true", task, cancellationToken);
        // One limit for all phases: it counts from the last byte that moved, and not while the source is read, which may be on another
        // host, or have nothing but zeros for a long time.
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(session.Timeout);
        var stall = new StallLimit(limit, session.Timeout);
        try
        {
            using (limit.Token.Register(connection.Abort))
            using (var frames = new SparseFrames(blocks, capacity))
            {
                await BlockCopier.CopyAsync(new MeteredStream(frames, _ => stall.Restart()) { Waiting = stall.Pause }, connection.Body, count =>
                {
                    stall.Restart();
                    sent(count);
                }, limit.Token);
                await connection.Body.FlushAsync(limit.Token);
                // The connection stays open until the host has written everything.
                await session.Tasks.EndedAsync(Method, task, limit.Token);
            }
        }
        catch (XapiFailure e) when (e.Failure == "INTERNAL_ERROR")
        {
            // The connection broke after everything was sent, but before all of it had arrived: only the host noticed.
            throw new VmDeployException(ErrorCodes.ConnectionLost, $"The upload broke on the host's side: {e.Message}", vdi, e) { IsTransient = true };
        }
        catch (Exception e) when (e is not XapiFailure)
        {
            connection.Abort();
            cancellationToken.ThrowIfCancellationRequested();
            var lost = e as VmDeployException ?? (limit.IsCancellationRequested
                ? new VmDeployException(ErrorCodes.HostTimeout,
                    $"{session.BaseAddress.Authority} accepted no data of the upload for {session.Timeout.TotalSeconds:0} seconds.", vdi, e)
                : await connection.ExplainAsync(e));
            // If the host has given up, its reason is better than the broken connection that we saw; but INTERNAL_ERROR is that connection, seen by the host.
            if ((lost.IsTransient || lost.Code == ErrorCodes.HostTimeout)
                && await session.Tasks.FindFailureAsync(Method, task) is { Failure: not "INTERNAL_ERROR" } reason)
            {
                throw reason;
            }
            if (lost == e)
                throw;
            throw lost;
        }
    }

    // Until then the disk can neither be deleted nor started from. Repositories that can't delete allow at least one of the others.
    private static bool IsFree(XapiRecord vdi) => vdi.List("allowed_operations").Any(o => o is "destroy" or "resize" or "copy");
}
