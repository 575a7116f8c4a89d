using System;
using System.IO;
using System.Net;
using System.Net.Http;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Security.Authentication;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.Extensions.Logging;

namespace VmDeploy.Transfer;

/// <summary>
/// The HTTP side of one session: its certificate policy, its cookies, its time limits, and transport failures as
/// <see cref="VmDeployException"/>. Never touches process-wide settings.
/// </summary>
internal sealed class HttpTransport : IDisposable
{
    private readonly HttpClient _client;
    private readonly CookieContainer _cookies = new();
    private readonly TimeSpan _timeout;
    private readonly SshTunnel? _tunnel;

    public HttpTransport(ConnectOptions options, ILogger log)
    {
        Certificates = new CertificatePolicy(options);
        _timeout = options.Timeout;
        _tunnel = options.ViaSsh is null ? null : new SshTunnel(options, options.ViaSsh, log);
        var handler = new HttpClientHandler
        {
            // Kept by the address that is meant: through a tunnel every address is this machine's.
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.GZip,
            AllowAutoRedirect = false,
            UseProxy = _tunnel is null,
            // A host takes 128; uploads of -ThrottleLimit VMs must leave room for the calls that keep their leases alive.
            MaxConnectionsPerServer = 100,
            ServerCertificateCustomValidationCallback = (request, certificate, _, errors) =>
                Certificates.Accepts(Address(request), certificate, errors),
        };
        // .NET Framework asks the process, whose default on older systems no host accepts any more.
        if (RuntimeInformation.FrameworkDescription.StartsWith(".NET Framework", StringComparison.Ordinal))
            handler.SslProtocols = SslProtocols.Tls12;
        _client = new HttpClient(WrapAll(options.WrapHandler?.Invoke(handler) ?? handler))
        {
            BaseAddress = options.BaseAddress,
            Timeout = Timeout.InfiniteTimeSpan,
        };
        _client.DefaultRequestHeaders.ExpectContinue = false;
    }

    /// <summary>Lets the tests look at the traffic of all sessions.</summary>
    internal static Func<HttpMessageHandler, HttpMessageHandler> WrapAll { get; set; } = handler => handler;

    /// <summary>Host and port of the session, for messages.</summary>
    public string Authority => _client.BaseAddress!.Authority;

    public CertificatePolicy Certificates { get; }

    /// <summary>Sends a request and reads the whole reply within the session's time limit (plus <paramref name="extraTime"/> for calls that wait on the server).</summary>
    public async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, TimeSpan extraTime, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_timeout + extraTime);
        return await SendAsync(request, limit, cancellationToken);
    }

    /// <summary>
    /// Sends a request with a body of any length. The time limit counts from the last byte that moved:
    /// <paramref name="body"/> keeps <see cref="UploadContent.Watchdog"/> fed.
    /// </summary>
    public async Task<HttpResponseMessage> UploadAsync(HttpRequestMessage request, UploadContent body, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_timeout);
        body.Watchdog = () => limit.CancelAfter(_timeout);
        body.Cancellation = limit.Token;
        request.Content = body;
        return await SendAsync(request, limit, cancellationToken);
    }

    /// <summary>The way to an address through the SSH host; null when there is none and the address itself is connected to.</summary>
    public async Task<SshRoute?> RouteAsync(Uri address, CancellationToken cancellationToken) =>
        _tunnel is null ? null : await _tunnel.RouteAsync(address, cancellationToken);

    /// <summary>What is behind a broken connection to an address: its certificate, or the tunnel; null when neither.</summary>
    public async Task<VmDeployException?> FindFailureAsync(Uri address, SshRoute? route, Exception cause) =>
        Certificates.Explain(address, cause) ?? (route is null ? null : await _tunnel!.FindFailureAsync(address, route, cause));

    public void Dispose()
    {
        _client.Dispose();
        _tunnel?.Dispose();
    }

    private async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, CancellationTokenSource limit, CancellationToken caller)
    {
        var address = request.RequestUri is { IsAbsoluteUri: true } uri ? uri : new Uri(_client.BaseAddress!, request.RequestUri);
        SshRoute? route = null;
        try
        {
            route = await RouteAsync(address, limit.Token);
            if (route is not null)
            {
                request.RequestUri = route.Mouth;
                // Names the certificate that is wanted, too.
                request.Headers.Host = address.Authority;
            }
            if (_cookies.GetCookieHeader(address) is { Length: > 0 } cookies)
                request.Headers.TryAddWithoutValidation("Cookie", cookies);
            var response = await _client.SendAsync(request, limit.Token);
            KeepCookies(address, response);
            return response;
        }
        catch (Exception) when (caller.IsCancellationRequested)
        {
            throw new OperationCanceledException(caller);
        }
        catch (OperationCanceledException e)
        {
            throw new VmDeployException(ErrorCodes.HostTimeout,
                $"{address.Authority} did not answer within {_timeout.TotalSeconds:0} seconds.", address.Authority, e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or ObjectDisposedException)
        {
            throw await ExplainAsync(address, route, e);
        }
        finally
        {
            request.RequestUri = address;
        }
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
                // As a browser does: a cookie that is not for this address, or is none, is passed over.
            }
        }
    }

    private async Task<VmDeployException> ExplainAsync(Uri address, SshRoute? route, Exception failure)
    {
        for (var e = failure; e is not null; e = e.InnerException)
        {
            // A source that can't be read any more is not a fault of the network.
            if (e is VmDeployException own)
                return own;
        }
        if (await FindFailureAsync(address, route, failure) is { } reason)
            return reason;
        for (var e = failure; e is not null; e = e.InnerException)
        {
            var unreachable = e switch
            {
                SocketException s => s.SocketErrorCode is SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain
                    or SocketError.ConnectionRefused or SocketError.NetworkUnreachable or SocketError.HostUnreachable
                    or SocketError.TimedOut or SocketError.AddressNotAvailable,
                WebException w => w.Status is WebExceptionStatus.NameResolutionFailure or WebExceptionStatus.ConnectFailure,
                _ => false,
            };
            if (unreachable)
            {
                return new VmDeployException(ErrorCodes.HostUnreachable,
                    $"{address.Authority} can't be reached: {e.Message}", address.Authority, failure);
            }
        }
        var told = failure.GetBaseException().Message;
        if (address.Scheme == "https" && !Certificates.HasShown(address))
        {
            return new VmDeployException(ErrorCodes.TlsFailed,
                $"{address.Authority} does not answer as an https server: {told}", address.Authority, failure)
            { IsTransient = true };
        }
        return new VmDeployException(ErrorCodes.ConnectionLost, $"The connection to {address.Authority} broke: {told}", address.Authority, failure,
            address.Scheme == "http" ? ErrorHint.PortMayExpectTls : null)
        { IsTransient = true };
    }

    // A connection through a tunnel goes to its mouth; the header says where it leads.
    private static Uri Address(HttpRequestMessage request) =>
        request.Headers.Host is { } host ? new Uri($"{request.RequestUri!.Scheme}://{host}") : request.RequestUri!;
}
