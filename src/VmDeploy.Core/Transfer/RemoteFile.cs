using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using VmDeploy.Ova;

namespace VmDeploy.Transfer;

/// <summary>
/// A file on a web server, read by ranges. What the address redirects to is asked as long as it answers: the next redirect may lead to a mirror
/// with another ETag. A link that has expired is asked for anew. That the file is still the same is seen by its ETag or date, and its length.
/// </summary>
internal sealed class RemoteFile : IDisposable
{
    private const int MaxRedirects = 10;

    private static readonly HttpStatusCode[] s_redirects =
        [HttpStatusCode.Moved, HttpStatusCode.Found, HttpStatusCode.SeeOther, HttpStatusCode.TemporaryRedirect, (HttpStatusCode)308];

    // What shows no more of an address than its scheme.
    private const string Hidden = "//...";

    private readonly Uri _address;
    private readonly PackageLocation _location;
    private readonly Connector _connector;
    private readonly HttpClient _client;
    private EntityTagHeaderValue? _tag;
    private DateTimeOffset? _modified;
    private Uri? _place;
    private string? _firstServer;

    private RemoteFile(PackageLocation location)
    {
        _location = location;
        _address = location.Address;
        Name = Shown(_address);
        _connector = new Connector(new ConnectOptions(_address.DnsSafeHost, new NetworkCredential())
        {
            Port = _address.Port,
            UseTls = _address.Scheme == Uri.UriSchemeHttps,
            CertificateThumbprint = location.CertificateThumbprint,
            Proxy = location.Proxy,
        }, NullLogger.Instance);
        var handler = _connector.CreateHandler();
        _client = new HttpClient(location.WrapHandler?.Invoke(handler) ?? handler) { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>The address for messages: without its query, which may hold a key.</summary>
    public string Name { get; }

    /// <summary>Bytes; null if the server doesn't say.</summary>
    public long? Length { get; private set; }

    /// <summary>The server sends any part of it.</summary>
    public bool TakesRanges { get; private set; }

    public RetryPolicy Retries => _location.Retries;

    /// <summary>Time without a byte.</summary>
    public TimeSpan Patience => _location.Timeout;

    public static string Shown(Uri address) => address.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);

    // What can't be parsed may have a password anywhere before an @.
    public static string Shown(string address) => Uri.TryCreate(address, UriKind.Absolute, out var parsed) ? Shown(parsed)
        : address.Contains("@") ? address.Substring(0, Math.Max(0, address.IndexOf("//", StringComparison.Ordinal))) + Hidden
        : address.Split('?')[0];

    /// <summary>Asks for the first byte, which shows what the server can do.</summary>
    public static async Task<RemoteFile> OpenAsync(PackageLocation location, CancellationToken cancellationToken)
    {
        var file = new RemoteFile(location);
        try
        {
            await file.Retries.RunAsync(_ => file.LookAsync(cancellationToken), e => IsTransient(e) && !IsWrongAddress(e), cancellationToken);
            return file;
        }
        catch (VmDeployException e) when (e.IsTransient)
        {
            file.Dispose();
            throw file.Unreachable(e);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public static bool IsTransient(Exception e) => e is VmDeployException { IsTransient: true };

    // Nothing listens there, no such name, or another protocol: before anything was read that is an address to correct, not an outage.
    private static bool IsWrongAddress(Exception failure)
    {
        if (failure is VmDeployException { Code: var code } && code == ErrorCodes.TlsFailed)
            return true;
        for (var e = failure; e is not null; e = e.InnerException)
        {
            if (e is SocketException { SocketErrorCode: SocketError.ConnectionRefused or SocketError.HostNotFound }
                or WebException { Status: WebExceptionStatus.NameResolutionFailure })
                return true;
        }
        return false;
    }

    /// <summary>The bytes from a place on, of the file as it was when it was opened.</summary>
    /// <exception cref="VmDeployException"><c>UriContentChanged</c> if it is another one now.</exception>
    public async Task<Stream> OpenRangeAsync(long offset, long? count, CancellationToken cancellationToken)
    {
        var response = await SendAsync(new RangeHeaderValue(offset, count is { } most ? Math.Min(offset + most, Length!.Value) - 1 : null), cancellationToken);
        try
        {
            var range = response.Content.Headers.ContentRange;
            if (!IsSame(response))
                throw Changed(ServerOf(response) == _firstServer ? "it was replaced" : $"{ServerOf(response)} says that it has another one than {_firstServer}");
            if (response.StatusCode != HttpStatusCode.PartialContent)
                throw Changed("the server no longer sends parts of it");
            if (range?.From != offset || (range.Length is { } length && length != Length))
                throw Changed($"the server sends the range '{range}' instead of the one from byte {offset} of {Length}");
            return new Body(response, await response.Content.ReadAsStreamAsync());
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }

    /// <summary>All of it, from a server that sends it only as a whole.</summary>
    public async Task<Stream> OpenWholeAsync(CancellationToken cancellationToken)
    {
        var response = await SendAsync(null, cancellationToken);
        Length = response.Content.Headers.ContentLength;
        return new Body(response, await response.Content.ReadAsStreamAsync());
    }

    /// <summary>A failure while bytes were read; transient, so that reading is continued.</summary>
    public async Task<VmDeployException> ExplainAsync(Exception failure) => await ExplainAsync(_address, failure);

    /// <summary>A failure that was repeated often enough.</summary>
    public VmDeployException Unreachable(VmDeployException cause) => new(ErrorCodes.UriUnreachable, $"'{Name}' can't be read: {cause.Message}", Name, cause);

    public void Dispose()
    {
        _client.Dispose();
        _connector.Dispose();
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        using var response = await SendAsync(new RangeHeaderValue(0, 0), cancellationToken);
        _tag = response.Headers.ETag;
        _firstServer = ServerOf(response);
        _modified = response.Content.Headers.LastModified;
        TakesRanges = response.StatusCode == HttpStatusCode.PartialContent && response.Content.Headers.ContentRange is { From: 0, HasLength: true };
        Length = TakesRanges ? response.Content.Headers.ContentRange!.Length : response.Content.Headers.ContentLength;
    }

    private static string ServerOf(HttpResponseMessage response) => response.RequestMessage.RequestUri.Authority;

    // A weak tag that is equal proves nothing, but one that differs does.
    private bool IsSame(HttpResponseMessage response) =>
        (_tag is null || response.Headers.ETag is not { } tag || tag.Tag == _tag.Tag)
        && (_tag is not null || _modified is null || response.Content.Headers.LastModified is not { } modified || modified == _modified);

    private async Task<HttpResponseMessage> SendAsync(RangeHeaderValue? range, CancellationToken cancellationToken)
    {
        if (await SendAgainAsync(range, cancellationToken) is { } known)
            return known;
        var address = _address;
        for (var redirects = 0; ; redirects++)
        {
            var response = await SendAsync(address, range, cancellationToken);
            if (response.IsSuccessStatusCode)
            {
                _place = address;
                return response;
            }
            if (!s_redirects.Contains(response.StatusCode))
            {
                await PauseAsync(response, cancellationToken);
                throw Refused(response);
            }
            using (response)
                address = Redirected(address, response, redirects);
        }
    }

    // To the place that has answered before; null if it does so no longer.
    private async Task<HttpResponseMessage?> SendAgainAsync(RangeHeaderValue? range, CancellationToken cancellationToken)
    {
        if (_place is not { } place || place == _address)
            return null;
        try
        {
            var response = await SendAsync(place, range, cancellationToken);
            if (response.IsSuccessStatusCode)
                return response;
            response.Dispose();
        }
        catch (VmDeployException)
        {
            // The given address may lead to another place, or says why not.
        }
        _place = null;
        return null;
    }

    // A server that is busy may say for how long. It is not waited for longer than for an answer.
    private async Task PauseAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if ((int)response.StatusCode is 429 or 503 && response.Headers.RetryAfter?.Delta is { } wished && wished > TimeSpan.Zero)
            await Task.Delay(wished < _location.Timeout ? wished : _location.Timeout, cancellationToken);
    }

    private async Task<HttpResponseMessage> SendAsync(Uri address, RangeHeaderValue? range, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_location.Timeout);
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        if (range is not null)
        {
            request.Headers.Range = range;
            if (_tag is { IsWeak: false })
                request.Headers.IfRange = new RangeConditionHeaderValue(_tag);
            else if (_modified is { } modified)
                request.Headers.IfRange = new RangeConditionHeaderValue(modified);
        }
        if (_location.Credential is { } login && address.Scheme == _address.Scheme && address.Authority == _address.Authority)
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{login.UserName}:{login.Password}")));
        try
        {
            return await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw Silent(e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw await ExplainAsync(address, e);
        }
    }

    private VmDeployException Silent(Exception cause) =>
        new(ErrorCodes.UriUnreachable, $"{_address.Authority} did not answer within {_location.Timeout.TotalSeconds:0} seconds.", Name, cause) { IsTransient = true };

    private async Task<VmDeployException> ExplainAsync(Uri address, Exception failure)
    {
        var known = failure is OperationCanceledException ? Silent(failure) : await _connector.ExplainAsync(address, route: null, failure);
        return known.Code == ErrorCodes.CertificateNotTrusted || known.Code == ErrorCodes.CertificateThumbprintMismatch
            ? new VmDeployException(known.Code, known.Message, Name, failure, ErrorHint.CheckUriCertificate)
            : new VmDeployException(known.Code, known.Message, Name, failure) { IsTransient = true };
    }

    private Uri Redirected(Uri from, HttpResponseMessage response, int redirects)
    {
        if (redirects == MaxRedirects)
            throw Refused($"redirects more than {MaxRedirects} times");
        if (response.Headers.Location is not { } location || !Uri.TryCreate(from, location, out var target) || !PackageLocation.IsAddress(target.AbsoluteUri))
            throw Refused("redirects to something that is not an http address");
        return from.Scheme == Uri.UriSchemeHttps && target.Scheme != Uri.UriSchemeHttps
            ? throw Refused($"redirects to '{Shown(target)}', which is not https")
            : target;

        VmDeployException Refused(string what) => new(ErrorCodes.UriRedirectRefused, $"'{Name}' {what}.", Name);
    }

    private VmDeployException Refused(HttpResponseMessage response)
    {
        using (response)
        {
            var status = (int)response.StatusCode;
            return status switch
            {
                407 => new(ErrorCodes.ProxyRefused, $"The proxy refuses '{Name}' with HTTP 407.", Name),
                401 or 403 => new(ErrorCodes.UriAccessDenied, $"The server refuses '{Name}' with HTTP {status}{(_location.Credential is null ? "" : $" to '{_location.Credential.UserName}'")}.", Name),
                404 or 410 => new(ErrorCodes.UriNotFound, $"'{Name}' not found: the server answers HTTP {status}.", Name),
                416 when _firstServer is null => new(ErrorCodes.OvaUnreadable, $"'{Name}' can't be read: it is empty.", Name),
                412 or 416 => Changed($"the server answers HTTP {status}"),
                408 or 429 or >= 500 => new(ErrorCodes.UriRefused, $"The server answers HTTP {status} to '{Name}'.", Name) { IsTransient = true },
                _ => new(ErrorCodes.UriRefused, $"The server answers HTTP {status} to '{Name}'.", Name),
            };
        }
    }

    private VmDeployException Changed(string how) => new(ErrorCodes.UriContentChanged, $"'{Name}' changed while it was read: {how}.", Name);

    /// <summary>A body that ends its response.</summary>
    private sealed class Body(HttpResponseMessage response, Stream body) : ForwardStream
    {
        public override int Read(byte[] buffer, int offset, int count) => body.Read(buffer, offset, count);

        // Streams of some frameworks ignore the token.
        public override async Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        {
            using (cancellationToken.Register(body.Dispose))
                return await body.ReadAsync(buffer, offset, count, cancellationToken);
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                body.Dispose();
                response.Dispose();
            }
            base.Dispose(disposing);
        }
    }
}
