using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace VmDeploy.Transfer;

/// <summary>
/// The forwarded ports of one session, one for each address that it connects to (a lease or a redirect may name others),
/// opened when first needed and reopened after a failure. URLs are not changed, so that certificates are checked against the
/// host's own name.
/// </summary>
internal sealed class SshTunnel(ConnectOptions options, SshDestination via, ILogger log) : IDisposable
{
    private readonly ConcurrentDictionary<string, SshForward> _forwards = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, SemaphoreSlim> _gates = new(StringComparer.OrdinalIgnoreCase);
    private volatile bool _isDisposed;

    /// <summary>The route to an address.</summary>
    /// <exception cref="VmDeployException"><c>SshNotFound</c> or <c>SshFailed</c>.</exception>
    public async Task<SshRoute> RouteAsync(Uri address, CancellationToken cancellationToken)
    {
        var forward = Open(address) ?? await OpenAsync(address, cancellationToken);
        return new SshRoute(new UriBuilder(address) { Host = "127.0.0.1", Port = forward.Port }.Uri, forward, forward.Heard);
    }

    /// <summary>The failure of the tunnel behind a broken connection to an address; null if the tunnel works.</summary>
    public async Task<VmDeployException?> FindFailureAsync(Uri address, SshRoute route, Exception cause)
    {
        await route.Forward.LastWordsAsync();
        var words = route.Forward.WordsSince(route.LinesBefore);
        if (route.Forward.IsOver)
        {
            return new VmDeployException(ErrorCodes.SshTunnelClosed,
                $"The SSH tunnel through {via} to {address.Authority} has closed: {words}", address.Authority, cause)
            { IsTransient = true };
        }
        return words.Contains("open failed")
            ? new VmDeployException(ErrorCodes.SshForwardRefused, $"{via} can't reach {HostOf(address)}:{address.Port}: {words}", address.Authority, cause)
            : null;
    }

    public void Dispose()
    {
        _isDisposed = true;
        foreach (var forward in _forwards.Values)
            forward.Dispose();
    }

    private SshForward? Open(Uri address) => _forwards.TryGetValue(address.Authority, out var forward) && !forward.IsOver ? forward : null;

    // One lock per address: calls to other hosts must not wait while one tunnel opens.
    private async Task<SshForward> OpenAsync(Uri address, CancellationToken cancellationToken)
    {
        var gate = _gates.GetOrAdd(address.Authority, _ => new SemaphoreSlim(1));
        await gate.WaitAsync(cancellationToken);
        try
        {
            if (Open(address) is { } open)
                return open;
            if (_forwards.TryGetValue(address.Authority, out var old))
            {
                log.SshTunnelClosed(via, address.Authority, old.WordsSince(0));
                old.Dispose();
                _forwards.TryRemove(address.Authority, out _);
            }
            var forward = await SshForward.OpenAsync(
                via, options.SshProgram, HostOf(address), address.Port, options.Timeout, cancellationToken);
            _forwards[address.Authority] = forward;
            if (_isDisposed)
                forward.Dispose();
            if (old is null)
                log.SshTunnelOpened(via, address.Authority);
            else
                log.SshTunnelReopened(via, address.Authority);
            return forward;
        }
        finally
        {
            gate.Release();
        }
    }

    // The SSH host itself is addressed as localhost: its name may be unknown there, or an alias in our configuration.
    private string HostOf(Uri address) =>
        address.DnsSafeHost.Equals(via.Host, StringComparison.OrdinalIgnoreCase) ? "localhost" : address.DnsSafeHost;
}

/// <summary>The route of one request through an SSH host: the forwarded local port, its ssh process, and how many lines that had written before.</summary>
internal sealed record SshRoute(Uri LocalEndpoint, SshForward Forward, int LinesBefore);
