using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace VmDeploy.Tests.Faults;

/// <summary>A way to answer.</summary>
/// <param name="Name">For messages.</param>
/// <param name="PlayAsync">Answers one request, whose head was read; the connection is closed when it ends.</param>
internal sealed record Hostility(string Name, Func<Stream, CancellationToken, Task> PlayAsync)
{
    private static readonly Lazy<byte[]> s_bomb = new(() =>
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            var spaces = Enumerable.Repeat((byte)' ', 1 << 20).ToArray();
            for (var i = 0; i < 4096; i++)
                gzip.Write(spaces);
        }
        return packed.ToArray();
    });

    public override string ToString() => Name;

    public static IReadOnlyList<Hostility> All(Uri elsewhere) =>
    [
        new("silence", (_, token) => Task.Delay(-1, token)),
        new("a close without an answer", (_, _) => Task.CompletedTask),
        new("garbage instead of a head", async (stream, token) =>
        {
            var noise = new byte[64 * 1024];
            new Random(1).NextBytes(noise);
            await stream.WriteAsync(noise, token);
        }),
        new("a head without an end", async (stream, token) =>
        {
            await WriteAsync(stream, "HTTP/1.1 200 OK\r\n", token);
            while (true)
                await WriteAsync(stream, $"X-Header-{Guid.NewGuid()}: {new string('a', 60_000)}\r\n", token);
        }),
        new("a body without an end", async (stream, token) =>
        {
            await WriteAsync(stream, "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nConnection: close\r\n\r\n<a>", token);
            while (true)
                await WriteAsync(stream, new string('a', 1 << 20), token);
        }),
        new("a body that stops in the middle", async (stream, token) =>
        {
            await WriteAsync(stream, "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 1000\r\n\r\n<a>", token);
            await Task.Delay(-1, token);
        }),
        new("a byte every now and then", async (stream, token) =>
        {
            await WriteAsync(stream, "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 1000000\r\n\r\n", token);
            while (true)
            {
                await WriteAsync(stream, " ", token);
                await Task.Delay(50, token);
            }
        }),
        new("a gzip bomb of 4 GiB", async (stream, token) =>
        {
            await WriteAsync(stream, $"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Encoding: gzip\r\nContent-Length: {s_bomb.Value.Length}\r\n\r\n", token);
            await stream.WriteAsync(s_bomb.Value, token);
        }),
        new("200,000 nested SOAP elements", (stream, token) => AnswerAsync(stream, string.Concat(Enumerable.Repeat("<a>", 200_000)), token)),
        new("12,000 nested XML-RPC arrays", (stream, token) => AnswerAsync(stream,
            $"<methodResponse><params><param>{string.Concat(Enumerable.Repeat("<value><array><data>", 12_000))}", token)),
        new("200,000 CDATA pieces", (stream, token) => AnswerAsync(stream,
            $"<methodResponse><params><param><value>{string.Concat(Enumerable.Repeat("<![CDATA[a]]>", 200_000))}</value></param></params></methodResponse>", token)),
        new("a redirect to elsewhere", (stream, token) => WriteAsync(stream,
            $"HTTP/1.1 302 Found\r\nLocation: {elsewhere}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", token)),
        new("HTTP 500 with a web page", (stream, token) => WriteAsync(stream,
            "HTTP/1.1 500 \u001b]0;owned\u0007\r\nContent-Type: text/html\r\nContent-Length: 13\r\nConnection: close\r\n\r\n<html></html>", token)),
    ];

    private static Task AnswerAsync(Stream stream, string body, CancellationToken token) => WriteAsync(stream,
        $"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n{body}", token);

    private static async Task WriteAsync(Stream stream, string text, CancellationToken token) =>
        await stream.WriteAsync(Encoding.Latin1.GetBytes(text), token);
}

/// <summary>
/// A proxy between a client and a simulator on plain http: forwards everything until <see cref="Strikes"/> says that a request is
/// answered by <see cref="Hostility"/> instead.
/// </summary>
internal sealed class HostileServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly int _behind;

    /// <param name="behind">The port of the real server.</param>
    /// <param name="accepts">False for a port that accepts no connections.</param>
    public HostileServer(int behind = 0, bool accepts = true)
    {
        _behind = behind;
        _listener.Start();
        if (accepts)
            _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>How the selected requests are answered.</summary>
    public Hostility? Hostility { get; set; }

    /// <summary>Which requests are selected, by their first line.</summary>
    public Func<string, bool> Strikes { get; set; } = _ => true;

    /// <summary>Connections so far.</summary>
    public int Connections { get; private set; }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                Connections++;
                _ = ServeAsync(client);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var owned = client;
        using var server = new TcpClient();
        var toClient = client.GetStream();
        var buffer = new byte[256 * 1024];
        Task? back = null;
        try
        {
            while (true)
            {
                var read = await toClient.ReadAsync(buffer, _stop.Token);
                if (read == 0)
                    return;
                var line = Encoding.Latin1.GetString(buffer, 0, Math.Min(read, 4000)).Split('\r')[0];
                if (Hostility is { } hostility && (_behind == 0 || (line.Contains("HTTP/1.", StringComparison.Ordinal) && Strikes(line))))
                {
                    _ = DrainAsync(toClient);
                    await hostility.PlayAsync(toClient, _stop.Token);
                    // The answer must arrive before the connection is closed.
                    client.Client.Shutdown(SocketShutdown.Send);
                    await Task.Delay(200, _stop.Token);
                    return;
                }
                if (back is null)
                {
                    await server.ConnectAsync(IPAddress.Loopback, _behind, _stop.Token);
                    back = server.GetStream().CopyToAsync(toClient, _stop.Token).ContinueWith(_ => client.Close(), TaskScheduler.Default);
                }
                await server.GetStream().WriteAsync(buffer.AsMemory(0, read), _stop.Token);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or SocketException or ObjectDisposedException)
        {
        }
    }

    private async Task DrainAsync(Stream stream)
    {
        try
        {
            await stream.CopyToAsync(Stream.Null, _stop.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or ObjectDisposedException)
        {
        }
    }
}
