namespace VmDeploy.Xapi;

/// <summary>Opens the connection of an import or export, at a host that the disk's storage repository is attached to.</summary>
internal sealed class RawTransfer(XapiSession session)
{
    private const int MaxRedirects = 3;

    /// <summary>Sends the request; returns when the host has answered 200.</summary>
    /// <param name="verb">PUT or GET.</param>
    /// <param name="handler">For example <c>import_raw_vdi</c>.</param>
    /// <param name="query">Its parameters besides the session and the task, which every host of the pool needs.</param>
    /// <param name="task">Has the result.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task<RawConnection> OpenAsync(string verb, string handler, string query, string task, CancellationToken cancellationToken)
    {
        var (refused, word) = verb == "PUT" ? (ErrorCodes.UploadRefused, "upload") : (ErrorCodes.DownloadFailed, "download");
        var client = session.Client;
        var address = session.BaseAddress;
        var isRenewed = false;
        for (var redirects = 0; ;)
        {
            var renewals = client.Renewals;
            var target = $"/{handler}?session_id={Uri.EscapeDataString(client.Session)}&task_id={Uri.EscapeDataString(task)}&{query}";
            var connection = await RawConnection.OpenAsync(address, verb, target, client.Transport.Connector, session.Timeout, cancellationToken);
            var answer = connection.Answer;
            if (answer.Status == 200)
                return connection;
            connection.Dispose();
            if (answer is { Status: 301 or 302 or 307, Location: { } location } && redirects++ < MaxRedirects)
            {
                address = await TransferRedirect.ResolveAsync(session, address, location, $"the {word}", refused, cancellationToken);
            }
            else if (answer.Status == 401 && !isRenewed)
            {
                isRenewed = true;
                await client.RenewAsync(renewals, cancellationToken);
            }
            else
            {
                throw await session.Tasks.FindFailureAsync(handler, task)
                    ?? new VmDeployException(refused, $"{address.Authority} refused the {word} with HTTP {answer.Status}.", address.Authority);
            }
        }
    }
}
