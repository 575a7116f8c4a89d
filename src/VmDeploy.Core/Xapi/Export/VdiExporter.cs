using VmDeploy.Transfer;

namespace VmDeploy.Xapi;

/// <summary>Reads a VDI through <c>GET /export_raw_vdi</c>. 200 comes before the disk is opened, and an error later stands in the body: only the task and the length tell.</summary>
internal sealed class VdiExporter(XapiSession session)
{
    private const string Handler = "export_raw_vdi";
    private const int DrainBlock = 1 << 16;

    private static readonly TimeSpan s_release = TimeSpan.FromSeconds(30);

    /// <summary>Reads the disk once; returns when all of it was read, and the host says that it was.</summary>
    /// <param name="vdi">The disk.</param>
    /// <param name="name">What it is called in messages.</param>
    /// <param name="consume">Gets the disk; what it leaves is read to the end.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task ReadAsync(XapiRecord vdi, string name, Func<Stream, Task> consume, CancellationToken cancellationToken)
    {
        var task = await session.Tasks.CreateAsync("VmDeploy export", cancellationToken);
        var isRead = false;
        try
        {
            using var connection = await new RawTransfer(session).OpenAsync("GET", Handler, $"vdi={Uri.EscapeDataString(vdi.Ref)}&format=raw", task, cancellationToken);
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(session.Timeout);
            long received = 0;
            var size = vdi.Number("virtual_size");
            var stall = new StallLimit(limit, session.Timeout);
            var body = new MeteredStream(connection.Body, count =>
            {
                stall.Pause();
                received += count;
            }, size)
            {
                Waiting = stall.Restart,
            };
            try
            {
                using (limit.Token.Register(connection.Abort))
                {
                    stall.Pause();
                    await consume(body);
                    var rest = new byte[DrainBlock];
                    while (await body.ReadAsync(rest, 0, rest.Length, limit.Token) > 0)
                    {
                        // What was not wanted.
                    }
                }
            }
            catch (EndOfStreamException)
            {
                // Told below, with the reason.
            }
            catch (Exception e) when (e is not VmDeployException)
            {
                cancellationToken.ThrowIfCancellationRequested();
                throw limit.IsCancellationRequested
                    ? new VmDeployException(ErrorCodes.HostTimeout, $"{session.BaseAddress.Authority} sent nothing of '{name}' for {session.Timeout.TotalSeconds:0} seconds.", name, e)
                    : await connection.ExplainAsync(e);
            }
            if (received == size)
            {
                // Not within the limit of the download: everything is here, and the host may need longer to detach the disk.
                await session.Tasks.EndedAsync(Handler, task, cancellationToken);
                isRead = true;
                return;
            }
            throw await session.Tasks.FindFailureAsync(Handler, task) is { Failure: not "INTERNAL_ERROR" } reason ? reason
                : new VmDeployException(ErrorCodes.DownloadFailed, $"{received} of {size} bytes of '{name}' arrived.", name) { IsTransient = true };
        }
        finally
        {
            // Until the control domain has detached the disk, its VM can't be started, nor the disk be read again or deleted.
            if (!isRead)
                await DiskRelease.WaitAsync(session, vdi.Ref, record => record.List("VBDs").All(vdi.List("VBDs").Contains), s_release);
            await session.Tasks.DestroyAsync(task);
        }
    }
}
