using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace VmDeploy.Tests.Transfer;

/// <summary>A plain http server on loopback whose answers a test writes byte by byte.</summary>
internal sealed class HostileServer : IDisposable
{
    private readonly TcpListener _listener;
    private readonly Func<string, Stream, Task> _answer;

    /// <param name="answer">Gets a request's head and body, and writes the answer; the connection is closed afterwards.</param>
    /// <param name="address">The address that it listens on; null for 127.0.0.1.</param>
    public HostileServer(Func<string, Stream, Task> answer, IPAddress? address = null)
    {
        _answer = answer;
        _listener = new TcpListener(address ?? IPAddress.Loopback, 0);
        _listener.Start();
        _ = AcceptAsync();
    }

    public ConcurrentQueue<string> Requests { get; } = new();

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public ConnectOptions Options => new("127.0.0.1", new NetworkCredential("root", "secret")) { UseTls = false, Port = Port, Timeout = TimeSpan.FromSeconds(20) };

    /// <summary>A whole answer.</summary>
    public static byte[] Reply(string body, int status = 200) =>
        Encoding.UTF8.GetBytes($"HTTP/1.1 {status} Status\r\nContent-Type: text/xml\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\nConnection: close\r\n\r\n{body}");

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
                var text = "";
                var one = new byte[1];
                while (!text.EndsWith("\r\n\r\n", StringComparison.Ordinal) && await stream.ReadAsync(one) > 0)
                    text += (char)one[0];
                const string length = "Content-Length: ";
                var at = text.IndexOf(length, StringComparison.OrdinalIgnoreCase);
                var body = new byte[at < 0 ? 0 : int.Parse(text[(at + length.Length)..].Split('\r')[0], System.Globalization.CultureInfo.InvariantCulture)];
                await stream.ReadExactlyAsync(body);
                text += Encoding.UTF8.GetString(body);
                Requests.Enqueue(text);
                await _answer(text, stream);
            }
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            // The client hung up.
        }
    }
}
