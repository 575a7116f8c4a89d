using System;
using System.Collections.Concurrent;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.Extensions.Logging;

namespace VmDeploy.Transfer;

/// <summary>
/// The ways of one session through an SSH host, one for each address that it talks to (a lease or a redirect may name others),
/// opened when first needed and again after they broke. Addresses stay as they are: only the connection goes elsewhere, so that
/// certificates are checked against the host's own name.
/// </summary>
internal sealed class SshTunnel : IDisposable
{
    private readonly ConnectOptions _options;
    private readonly SshDestination _via;
    private readonly ILogger _log;
    private readonly ConcurrentDictionary<string, SshForward> _forwards = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, SemaphoreSlim> _gates = new(StringComparer.OrdinalIgnoreCase);
    private volatile bool _isDisposed;

    public SshTunnel(ConnectOptions options, SshDestination via, ILogger log)
    {
        _options = options;
        _via = via;
        _log = log;
    }

    /// <summary>The way to an address.</summary>
    /// <exception cref="VmDeployException"><c>SshNotFound</c> or <c>SshFailed</c>.</exception>
    public async Task<SshRoute> RouteAsync(Uri address, CancellationToken cancellationToken)
    {
        var forward = Open(address) ?? await OpenAsync(address, cancellationToken);
        return new SshRoute(new UriBuilder(address) { Host = "127.0.0.1", Port = forward.Port }.Uri, forward, forward.Heard);
    }

    /// <summary>What the tunnel has to do with a connection to an address that broke on this way; null when it is in order.</summary>
    public async Task<VmDeployException?> FindFailureAsync(Uri address, SshRoute route, Exception cause)
    {
        await route.Forward.LastWordsAsync();
        var words = route.Forward.WordsSince(route.LinesBefore);
        if (route.Forward.IsOver)
        {
            return new VmDeployException(ErrorCodes.SshTunnelClosed,
                $"The SSH tunnel through {_via} to {address.Authority} has closed: {words}", address.Authority, cause)
            { IsTransient = true };
        }
        return words.Contains("open failed")
            ? new VmDeployException(ErrorCodes.SshForwardRefused, $"{_via} does not reach {HostOf(address)}:{address.Port}: {words}", address.Authority, cause)
            : null;
    }

    public void Dispose()
    {
        _isDisposed = true;
        foreach (var forward in _forwards.Values)
            forward.Dispose();
    }

    private SshForward? Open(Uri address) =>
        _forwards.TryGetValue(address.Authority, out var forward) && !forward.IsOver ? forward : null;

    // A gate for each address: the way to one host may take long, and calls to the others must not wait for it.
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
                _log.SshTunnelClosed(_via, address.Authority, old.WordsSince(0));
                old.Dispose();
                _forwards.TryRemove(address.Authority, out _);
            }
            var forward = await SshForward.OpenAsync(
                _via, _options.SshProgram, HostOf(address), address.Port, _options.Timeout, cancellationToken);
            _forwards[address.Authority] = forward;
            if (_isDisposed)
                forward.Dispose();
            if (old is null)
                _log.SshTunnelOpened(_via, address.Authority);
            else
                _log.SshTunnelReopened(_via, address.Authority);
            return forward;
        }
        finally
        {
            gate.Release();
        }
    }

    // The SSH host itself is asked to turn to itself: its own name may mean nothing there, or be an alias that only we have.
    private string HostOf(Uri address) =>
        address.DnsSafeHost.Equals(_via.Host, StringComparison.OrdinalIgnoreCase) ? "localhost" : address.DnsSafeHost;
}
