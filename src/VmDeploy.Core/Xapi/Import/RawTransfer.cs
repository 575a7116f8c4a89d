namespace VmDeploy.Xapi;

/// <summary>Opens the connection of an import or export, at a host that the disk's storage repository is attached to.</summary>
internal sealed class RawTransfer(XapiSession session)
{
    private const int MaxRedirects = 3;

    // How long a task may take to fail after its connection has broken.
    private static readonly TimeSpan s_failureDelay = TimeSpan.FromSeconds(10);

    /// <summary>Sends the request; returns when the host has answered 200.</summary>
    /// <param name="verb">PUT or GET.</param>
    /// <param name="handler">For example <c>import_raw_vdi</c>.</param>
    /// <param name="query">Its parameters besides the session and the task, which every host of the pool needs.</param>
    /// <param name="task">Has the result.</param>
    /// <param name="refused">The error for a host that refuses.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task<ImportConnection> OpenAsync(
        string verb, string handler, string query, string task, ErrorCode refused, CancellationToken cancellationToken)
    {
        var client = session.Client;
        var address = session.BaseAddress;
        var isRenewed = false;
        for (var redirects = 0; ;)
        {
            var renewals = client.Renewals;
            var target = $"/{handler}?session_id={Uri.EscapeDataString(client.Session)}&task_id={Uri.EscapeDataString(task)}&{query}";
            var connection = await ImportConnection.OpenAsync(address, verb, target, client.Transport.Connector, session.Timeout, cancellationToken);
            var answer = connection.Answer;
            if (answer.Status == 200)
                return connection;
            connection.Dispose();
            if (answer is { Status: 301 or 302 or 307, Location: { } location } && redirects++ < MaxRedirects)
            {
                address = await PoolRedirect.ResolveAsync(session, address, location, $"the {WordFor(refused)}", refused, cancellationToken);
            }
            else if (answer.Status == 401 && !isRenewed)
            {
                isRenewed = true;
                await client.RenewAsync(renewals, cancellationToken);
            }
            else
            {
                throw await session.Tasks.FindFailureAsync(handler, task, s_failureDelay)
                    ?? new VmDeployException(refused, $"{address.Authority} refused the {WordFor(refused)} with HTTP {answer.Status}.", address.Authority);
            }
        }
    }

    private static string WordFor(ErrorCode refused) => refused == ErrorCodes.UploadRefused ? "upload" : "download";
}
