using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace VmDeploy.Tests.Transfer;

/// <summary>An http proxy on loopback that supports CONNECT.</summary>
internal sealed class ConnectProxy : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly string? _login;

    /// <param name="login">The required user:password; null for none.</param>
    public ConnectProxy(string? login = null)
    {
        _login = login;
        _listener.Start();
        _ = AcceptAsync();
    }

    /// <summary>The destinations of the requested connections.</summary>
    public ConcurrentQueue<string> Targets { get; } = new();

    /// <summary>For <see cref="ConnectOptions.Proxy"/>.</summary>
    public WebProxy Settings(NetworkCredential? credential = null) => new(new Uri($"http://{_listener.LocalEndpoint}")) { Credentials = credential };

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = ServeAsync(await _listener.AcceptTcpClientAsync());
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Disposed.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        try
        {
            using (client)
            {
                var stream = client.GetStream();
                var head = "";
                var one = new byte[1];
                while (!head.EndsWith("\r\n\r\n", StringComparison.Ordinal) && await stream.ReadAsync(one) > 0)
                    head += (char)one[0];
                if (_login is not null && !head.Contains($"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes(_login))}", StringComparison.Ordinal))
                {
                    await stream.WriteAsync("HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray());
                    return;
                }
                var target = head.Split(' ')[1];
                Targets.Enqueue(target);
                var colon = target.LastIndexOf(':');
                using var server = new TcpClient();
                await server.ConnectAsync(target[..colon].Trim('[', ']'), int.Parse(target[(colon + 1)..], System.Globalization.CultureInfo.InvariantCulture));
                await stream.WriteAsync("HTTP/1.1 200 Connection established\r\n\r\n"u8.ToArray());
                await Task.WhenAny(stream.CopyToAsync(server.GetStream()), server.GetStream().CopyToAsync(stream));
            }
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
        {
            // Either side hung up.
        }
    }
}
