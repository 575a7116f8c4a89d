using System;
using System.Collections.Concurrent;
using System.Threading;
using System.Threading.Tasks;

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
    private readonly ConcurrentDictionary<string, SshForward> _forwards = new(StringComparer.OrdinalIgnoreCase);
    private readonly SemaphoreSlim _gate = new(1);
    private volatile bool _isDisposed;

    public SshTunnel(ConnectOptions options, SshDestination via)
    {
        _options = options;
        _via = via;
    }

    /// <summary>Where to connect to for an address.</summary>
    /// <exception cref="VmDeployException"><c>SshNotFound</c> or <c>SshFailed</c>.</exception>
    public async Task<Uri> RouteAsync(Uri address, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (!_forwards.TryGetValue(address.Authority, out var forward) || forward.IsOver)
            {
                forward?.Dispose();
                _forwards[address.Authority] = forward = await SshForward.OpenAsync(
                    _via, _options.SshProgram, HostOf(address), address.Port, _options.Timeout, cancellationToken);
                if (_isDisposed)
                    forward.Dispose();
            }
            return new UriBuilder(address) { Host = "127.0.0.1", Port = forward.Port }.Uri;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>What the tunnel has to do with a broken connection to an address; null when it is in order.</summary>
    public async Task<VmDeployException?> FindFailureAsync(Uri address, Exception cause)
    {
        if (!_forwards.TryGetValue(address.Authority, out var forward))
            return null;
        await forward.LastWordsAsync();
        var words = forward.TakeWords();
        if (forward.IsOver)
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

    // The SSH host itself is asked to turn to itself: its own name may mean nothing there, or be an alias that only we have.
    private string HostOf(Uri address) =>
        address.DnsSafeHost.Equals(_via.Host, StringComparison.OrdinalIgnoreCase) ? "localhost" : address.DnsSafeHost;
}
