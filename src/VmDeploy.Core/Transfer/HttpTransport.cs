using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using Microsoft.Extensions.Logging;

namespace VmDeploy.Transfer;

/// <summary>The HTTP side of one session: its connections, cookies, time limits and the size of replies; failures are <see cref="VmDeployException"/>.</summary>
internal sealed class HttpTransport : IDisposable
{
    /// <summary>The longest reply in bytes after decompression: about 20,000 VMs with all properties that are read.</summary>
    public const long MaxReply = 256L << 20;

    /// <summary>The longest reply before the login.</summary>
    public const long MaxLoginReply = 4L << 20;

    private readonly HttpClient _client;
    private readonly CookieContainer _cookies = new();
    private readonly TimeSpan _timeout;

    public HttpTransport(ConnectOptions options, ILogger log)
    {
        Connector = new Connector(options, log);
        _timeout = options.Timeout;
        var handler = Connector.CreateHandler();
        _client = new HttpClient(options.WrapHandler?.Invoke(handler) ?? handler)
        {
            BaseAddress = options.BaseAddress,
            Timeout = Timeout.InfiniteTimeSpan,
        };
        _client.DefaultRequestHeaders.ExpectContinue = false;
        _client.DefaultRequestHeaders.AcceptEncoding.Add(new StringWithQualityHeaderValue("gzip"));
    }

    public string Authority => _client.BaseAddress!.Authority;
    public Connector Connector { get; }
    public CertificatePolicy Certificates => Connector.Certificates;

    /// <summary>Sends a request and receives the whole reply, within the session's time limit and <paramref name="extraTime"/>.</summary>
    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, TimeSpan extraTime, long maxReply, CancellationToken cancellationToken) =>
        SendAsync(request, extraTime, maxReply, Keep, cancellationToken);

    /// <summary>As above, and reads the reply. A long one is read on another thread while it is received.</summary>
    public async Task<T> SendAsync<T>(
        HttpRequestMessage request, TimeSpan extraTime, long maxReply, Func<HttpResponseMessage, Stream, T> read, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(_timeout + extraTime);
        using var cancelling = cancellationToken.Register(() =>
        {
            if (request.Content is not LateCancelContent body || body.TryCancel())
                limit.Cancel();
        });
        return await SendAsync(request, limit, (response, server) => ReceiveAsync(response, server, maxReply, read, limit.Token), cancellationToken);
    }

    /// <summary>
    /// Sends a request with a body of any length. The time limit counts from the last byte that moved:
    /// <paramref name="body"/> restarts its <see cref="UploadContent.Limit"/>.
    /// </summary>
    public async Task<HttpResponseMessage> UploadAsync(HttpRequestMessage request, UploadContent body, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_timeout);
        body.Limit = new StallLimit(limit, _timeout);
        body.Cancellation = limit.Token;
        request.Content = body;
        // Otherwise some frameworks hold a body without a length in memory, to find it out.
        if (body.Headers.ContentLength is null)
        {
            request.Headers.TransferEncodingChunked = true;
            // A host that wants a length says so before it gets the body.
            request.Headers.ExpectContinue = true;
        }
        return await SendAsync(request, limit, (response, server) => ReceiveAsync(response, server, MaxLoginReply, Keep, limit.Token), cancellationToken);
    }

    /// <summary>Sends a request whose reply can be of any length; a successful one goes to the consumer, with the time limit, which it restarts.</summary>
    public async Task<HttpResponseMessage> DownloadAsync(
        HttpRequestMessage request, Func<HttpResponseMessage, StallLimit, CancellationToken, Task> consume, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_timeout);
        return await SendAsync(request, limit, async (response, server) =>
        {
            if (!response.IsSuccessStatusCode)
                return await ReceiveAsync(response, server, MaxLoginReply, Keep, limit.Token);
            await consume(response, new StallLimit(limit, _timeout), limit.Token);
            return response;
        }, cancellationToken);
    }

    public void Dispose()
    {
        _client.Dispose();
        Connector.Dispose();
    }

    private async Task<T> SendAsync<T>(
        HttpRequestMessage request, CancellationTokenSource limit, Func<HttpResponseMessage, string, Task<T>> consume, CancellationToken caller)
    {
        var address = request.RequestUri is { IsAbsoluteUri: true } uri ? uri : new Uri(_client.BaseAddress!, request.RequestUri);
        SshRoute? route = null;
        try
        {
            route = await Connector.RouteAsync(address, limit.Token);
            if (route is not null)
            {
                request.RequestUri = route.LocalEndpoint;
                // The error also names the certificate.
                request.Headers.Host = address.Authority;
            }
            if (_cookies.GetCookieHeader(address) is { Length: > 0 } cookies)
                request.Headers.TryAddWithoutValidation("Cookie", cookies);
            var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            KeepCookies(address, response);
            return await consume(response, address.Authority);
        }
        catch (Exception e) when (limit.IsCancellationRequested && e is not VmDeployException)
        {
            caller.ThrowIfCancellationRequested();
            throw new VmDeployException(ErrorCodes.HostTimeout,
                $"{address.Authority} did not answer within {_timeout.TotalSeconds:0} seconds.", address.Authority, e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or ObjectDisposedException)
        {
            throw await Connector.ExplainAsync(address, route, e);
        }
        finally
        {
            request.RequestUri = address;
        }
    }

    // The reply is held compressed, and decompressed while it is read.
    private static async Task<T> ReceiveAsync<T>(
        HttpResponseMessage response, string server, long limit, Func<HttpResponseMessage, Stream, T> read, CancellationToken cancellationToken)
    {
        using var wire = response.Content;
        if (wire.Headers.ContentLength > limit)
            throw ReplyStream.TooLarge(server, limit);
        var received = new ReceivedStream();
        var reply = new ReplyStream(wire.Headers.ContentEncoding.Contains("gzip") ? new GZipStream(received, CompressionMode.Decompress) : received, limit, server);
        Task<T>? reading = null;
        try
        {
            using var stream = await wire.ReadAsStreamAsync();
            // Streams of some frameworks ignore the token.
            using var cancelling = cancellationToken.Register(stream.Dispose);
            long length = 0;
            while (received.Free is var free && await stream.ReadAsync(free.Array!, free.Offset, free.Count, cancellationToken) is var count and > 0)
            {
                received.Add(count);
                length += count;
                if (length > limit)
                    throw ReplyStream.TooLarge(server, limit);
                // A thread of its own, because it blocks until the rest arrives.
                if (length > ReceivedStream.BlockSize)
                    reading ??= Task.Factory.StartNew(() => read(response, reply), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
                // The rest of what can't be read is not received.
                if (reading is { IsFaulted: true })
                    break;
            }
        }
        catch when (reading is not null)
        {
            received.Complete();
            await Task.WhenAny(reading);
            throw;
        }
        received.Complete();
        return reading is null ? read(response, reply) : await reading;
    }

    private static HttpResponseMessage Keep(HttpResponseMessage response, Stream reply)
    {
        var type = response.Content.Headers.ContentType;
        response.Content = new StreamContent(reply);
        response.Content.Headers.ContentType = type;
        return response;
    }

    private void KeepCookies(Uri address, HttpResponseMessage response)
    {
        foreach (var cookie in response.Headers.TryGetValues("Set-Cookie", out var given) ? given : [])
        {
            try
            {
                _cookies.SetCookies(address, cookie);
            }
            catch (CookieException)
            {
                // Like a browser, ignores a cookie that is malformed or for another address.
            }
        }
    }
}
