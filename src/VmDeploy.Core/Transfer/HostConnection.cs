using System.Net;
using System.Net.Sockets;

namespace VmDeploy.Transfer;

/// <summary>A TCP connection to a host, with TLS if the scheme asks for it; <see cref="Connector.OpenAsync"/> opens it.</summary>
internal sealed class HostConnection(Socket socket) : IDisposable
{
    // An address that doesn't answer must not use up the time of the others.
    private static readonly TimeSpan s_addressTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Carries the data; replaced by the TLS stream before the connection is returned.</summary>
    public Stream Stream { get; set; } = new NetworkStream(socket, ownsSocket: true);

    public SshRoute? Route { get; set; }

    /// <summary>Connects to the first address of a host that answers, IPv6 (without brackets) or IPv4.</summary>
    /// <exception cref="SocketException">No address answers.</exception>
    public static async Task<HostConnection> ConnectAsync(string host, int port, CancellationToken cancellationToken)
    {
        var addresses = IPAddress.TryParse(host, out var literal) ? [literal] : await ResolveAsync(host, cancellationToken);
        Exception failure = new SocketException((int)SocketError.HostNotFound);
        for (var i = 0; i < addresses.Length; i++)
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            if (i < addresses.Length - 1)
                limit.CancelAfter(s_addressTimeout);
            Socket? socket = null;
            try
            {
                socket = new Socket(addresses[i].AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                // Sockets of this framework don't take tokens; closing them ends every wait.
                using (limit.Token.Register(socket.Dispose))
                    await socket.ConnectAsync(new IPEndPoint(addresses[i], port));
                return new HostConnection(socket);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                socket?.Dispose();
                cancellationToken.ThrowIfCancellationRequested();
                failure = e is SocketException ? e : new SocketException((int)SocketError.TimedOut);
            }
        }
        throw failure;
    }

    /// <summary>Connects to a local socket.</summary>
    /// <exception cref="SocketException">No process listens.</exception>
    public static async Task<HostConnection> ConnectAsync(EndPoint endPoint, CancellationToken cancellationToken)
    {
        var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            using (cancellationToken.Register(socket.Dispose))
                await socket.ConnectAsync(endPoint);
            return new HostConnection(socket);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            socket.Dispose();
            cancellationToken.ThrowIfCancellationRequested();
            throw;
        }
    }

    /// <summary>
    /// Ends the connection at once, from any thread. Unsent data is discarded: otherwise a host that no longer
    /// reads would never notice the end.
    /// </summary>
    public void Abort()
    {
        try
        {
            socket.LingerState = new LingerOption(true, 0);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Already closed.
        }
        // Not the stream: TLS would send its closing message first.
        socket.Dispose();
    }

    public void Dispose()
    {
        Stream.Dispose();
        socket.Dispose();
    }

    private static async Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken)
    {
        var resolving = Dns.GetHostAddressesAsync(host);
        var cancelled = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        using (cancellationToken.Register(() => cancelled.TrySetResult(true)))
            await Task.WhenAny(resolving, cancelled.Task);
        cancellationToken.ThrowIfCancellationRequested();
        return await resolving;
    }
}
