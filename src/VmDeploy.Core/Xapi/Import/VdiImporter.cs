using System;
using System.Linq;
using System.Net.Http;
using System.Threading;
using System.Threading.Tasks;
using VmDeploy.Transfer;
using VmDeploy.Vmdk;

namespace VmDeploy.Xapi;

/// <summary>Fills a VDI through <c>PUT /import_raw_vdi</c>. Only the task tells what came of it, not the HTTP status.</summary>
internal sealed class VdiImporter
{
    private const string Method = "import_raw_vdi";
    private const int MaxRedirects = 3;

    // How long a task may take to own up after its connection has broken.
    private static readonly TimeSpan s_confession = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_release = TimeSpan.FromMinutes(2);

    private readonly XapiSession _session;

    public VdiImporter(XapiSession session) => _session = session;

    /// <summary>Sends the blocks once. Returns when the host has them, and the control domain has let go of the disk.</summary>
    /// <param name="vdi">The VDI.</param>
    /// <param name="capacity">Its size as the host reports it.</param>
    /// <param name="blocks">The data.</param>
    /// <param name="sent">Called with the bytes of each block on the wire.</param>
    /// <param name="cancellationToken">Closes the connection, which is what ends an import; cancelling its task does not.</param>
    public async Task SendAsync(string vdi, long capacity, IBlockReader blocks, Action<int> sent, CancellationToken cancellationToken)
    {
        var task = await _session.Tasks.CreateAsync("VmDeploy import", cancellationToken);
        try
        {
            await SendAsync(vdi, capacity, blocks, task, sent, cancellationToken);
        }
        finally
        {
            await ReleasedAsync(vdi);
            await _session.Tasks.DestroyAsync(task);
        }
    }

    private async Task SendAsync(string vdi, long capacity, IBlockReader blocks, string task, Action<int> sent, CancellationToken cancellationToken)
    {
        using var connection = await OpenAsync(vdi, task, cancellationToken);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var frames = new SparseFrames(blocks, capacity);
        using var body = new UploadContent(frames, 0, sent)
        {
            Watchdog = () => limit.CancelAfter(_session.Timeout),
            Cancellation = limit.Token,
        };
        limit.CancelAfter(_session.Timeout);
        try
        {
            using (limit.Token.Register(connection.Abort))
            {
                await body.CopyToAsync(connection.Body);
                await connection.Body.FlushAsync(limit.Token);
            }
            // The connection stays open until the host has written everything.
            await _session.Tasks.EndedAsync(Method, task, cancellationToken);
        }
        catch (XapiFailure e) when (e.Failure == "INTERNAL_ERROR")
        {
            // The connection broke when all was sent but not all had arrived: only the host saw it.
            throw new VmDeployException(ErrorCodes.ConnectionLost, $"The upload broke on the host's side: {e.Message}", vdi, e) { IsTransient = true };
        }
        catch (Exception e) when (e is not XapiFailure)
        {
            connection.Abort();
            cancellationToken.ThrowIfCancellationRequested();
            // HttpContent wraps what its source throws.
            var cause = e is HttpRequestException { InnerException: { } inner } ? inner : e;
            var lost = await connection.ExplainAsync(cause, _session.Timeout);
            // A host that gave up has a better reason than the broken connection that we saw; but INTERNAL_ERROR is that connection, from its side.
            if (lost.IsTransient && await _session.Tasks.FindFailureAsync(Method, task, s_confession) is { Failure: not "INTERNAL_ERROR" } reason)
                throw reason;
            throw lost;
        }
    }

    private async Task<ImportConnection> OpenAsync(string vdi, string task, CancellationToken cancellationToken)
    {
        var address = _session.BaseAddress;
        var isRenewed = false;
        for (var redirects = 0; ;)
        {
            var session = _session.Client.Session;
            var query = $"/import_raw_vdi?session_id={Uri.EscapeDataString(session)}&task_id={Uri.EscapeDataString(task)}"
                + $"&vdi={Uri.EscapeDataString(vdi)}&format=raw&chunked=true";
            var connection = await ImportConnection.OpenAsync(address, query, _session.Client.Transport, _session.Timeout, cancellationToken);
            if (connection.Status == 200)
                return connection;
            var (status, location) = (connection.Status, connection.Location);
            connection.Dispose();
            if (status is 301 or 302 or 307 && location is not null && redirects++ < MaxRedirects)
            {
                // To the host that the storage repository hangs on.
                address = new Uri(location.GetLeftPart(UriPartial.Authority));
                continue;
            }
            if (status == 401 && !isRenewed)
            {
                isRenewed = true;
                await _session.Client.RenewAsync(session, cancellationToken);
                continue;
            }
            if (await _session.Tasks.FindFailureAsync(Method, task, s_confession) is { } reason)
                throw reason;
            throw new VmDeployException(ErrorCodes.UploadRefused, $"{address.Authority} refused the upload with HTTP {status}.", address.Authority);
        }
    }

    // Until then the disk can neither be deleted nor started from.
    private async Task ReleasedAsync(string vdi)
    {
        using var limit = new CancellationTokenSource(s_release);
        for (var attempt = 1; attempt <= 2; attempt++)
        {
            try
            {
                await _session.Events.WaitAsync("VDI", vdi, IsFree, limit.Token);
                return;
            }
            catch (Exception e) when (e is OperationCanceledException or VmDeployException)
            {
                // What needs the disk free will say so.
            }
        }

        // Repositories that can't delete allow at least one of the others.
        static bool IsFree(XapiRecord record) => record.List("allowed_operations").Any(o => o is "destroy" or "resize" or "copy");
    }
}
