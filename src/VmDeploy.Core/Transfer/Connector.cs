using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.Extensions.Logging;

namespace VmDeploy.Transfer;

/// <summary>
/// How one session reaches an address: directly, through the system's proxy or through an SSH host; with which TLS versions and
/// certificates; and why a connection failed. HttpClient and raw connections share these rules.
/// Never touches process-wide settings.
/// </summary>
internal sealed class Connector : IDisposable
{
    // On .NET Framework None means the default of the process, which on older systems hosts no longer accept.
    private static readonly SslProtocols s_protocols =
        RuntimeInformation.FrameworkDescription.StartsWith(".NET Framework", StringComparison.Ordinal) ? SslProtocols.Tls12 : SslProtocols.None;

    private readonly SshTunnel? _tunnel;
    private readonly IWebProxy? _proxy;

    public Connector(ConnectOptions options, ILogger log)
    {
        if (options.UseTls)
            FirstTls.Prepare();
        Certificates = new CertificatePolicy(options);
        _tunnel = options.ViaSsh is null ? null : new SshTunnel(options, options.ViaSsh, log);
        // ssh has its own proxy settings.
        _proxy = _tunnel is null ? options.Proxy ?? WebRequest.DefaultWebProxy : null;
    }

    public CertificatePolicy Certificates { get; }

    /// <summary>A handler for HttpClient; requests through an SSH host must be addressed to <see cref="RouteAsync"/>'s endpoint.</summary>
    public HttpClientHandler CreateHandler()
    {
        var handler = new HttpClientHandler
        {
            UseCookies = false,
            AllowAutoRedirect = false,
            UseProxy = _proxy is not null,
            Proxy = _proxy,
            // A host accepts 128; -ThrottleLimit uploads must leave some for the calls that keep their leases alive.
            MaxConnectionsPerServer = 100,
            ServerCertificateCustomValidationCallback = (request, certificate, _, errors) =>
                Certificates.Accepts(AddressOf(request), certificate, errors),
        };
        if (s_protocols != SslProtocols.None)
            handler.SslProtocols = s_protocols;
        return handler;
    }

    /// <summary>The route to an address through the SSH host; null without one.</summary>
    public async Task<SshRoute?> RouteAsync(Uri address, CancellationToken cancellationToken) =>
        _tunnel is null ? null : await _tunnel.RouteAsync(address, cancellationToken);

    public async Task<HostConnection> OpenAsync(Uri address, CancellationToken cancellationToken)
    {
        SshRoute? route = null;
        HostConnection? connection = null;
        try
        {
            route = await RouteAsync(address, cancellationToken);
            var proxy = _proxy?.IsBypassed(address) == false ? _proxy.GetProxy(address) : null;
            if (proxy == address)
                proxy = null;
            var next = route?.LocalEndpoint ?? proxy ?? address;
            connection = await HostConnection.ConnectAsync(next.DnsSafeHost, next.Port, cancellationToken);
            connection.Route = route;
            using (cancellationToken.Register(connection.Abort))
            {
                if (proxy is not null)
                    await PassProxyAsync(connection.Stream, proxy, address);
                if (address.Scheme == Uri.UriSchemeHttps)
                {
                    var tls = new SslStream(connection.Stream, leaveInnerStreamOpen: false, (_, certificate, _, errors) => Accepts(address, certificate, errors));
                    connection.Stream = tls;
                    await tls.AuthenticateAsClientAsync(address.DnsSafeHost, null, s_protocols, checkCertificateRevocation: false);
                }
            }
            cancellationToken.ThrowIfCancellationRequested();
            return connection;
        }
        catch (Exception e)
        {
            connection?.Abort();
            cancellationToken.ThrowIfCancellationRequested();
            throw await ExplainAsync(address, route, e);
        }
    }

    /// <summary>The cause of a failure to connect, send or receive.</summary>
    public async Task<VmDeployException> ExplainAsync(Uri address, SshRoute? route, Exception failure)
    {
        for (var e = failure; e is not null; e = e.InnerException)
        {
            // A source that can no longer be read is not a network failure.
            if (e is VmDeployException own)
                return own;
        }
        if (Certificates.Explain(address, failure) is { } refused)
            return refused;
        if (route is not null && await _tunnel!.FindFailureAsync(address, route, failure) is { } closed)
            return closed;
        for (var e = failure; e is not null; e = e.InnerException)
        {
            var isUnreachable = e switch
            {
                SocketException s => s.SocketErrorCode is SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain
                    or SocketError.ConnectionRefused or SocketError.NetworkUnreachable or SocketError.HostUnreachable
                    or SocketError.TimedOut or SocketError.AddressNotAvailable,
                WebException w => w.Status is WebExceptionStatus.NameResolutionFailure or WebExceptionStatus.ConnectFailure,
                _ => false,
            };
            if (isUnreachable)
            {
                return new VmDeployException(ErrorCodes.HostUnreachable,
                    $"{address.Authority} can't be reached: {e.Message}", address.Authority, failure);
            }
            // Older frameworks have no error code for this.
            if (e is HttpRequestException && e.Message.IndexOf("proxy", StringComparison.OrdinalIgnoreCase) >= 0)
                return ProxyRefused(address, e.Message, failure);
        }
        var told = failure.GetBaseException().Message;
        if (address.Scheme == Uri.UriSchemeHttps && !Certificates.HasShown(address))
        {
            return new VmDeployException(ErrorCodes.TlsFailed,
                $"{address.Authority} does not answer as an https server: {told}", address.Authority, failure)
            { IsTransient = true };
        }
        return new VmDeployException(ErrorCodes.ConnectionLost, $"The connection to {address.Authority} was lost: {told}", address.Authority, failure,
            address.Scheme == Uri.UriSchemeHttp ? ErrorHint.PortMayExpectTls : null)
        { IsTransient = true };
    }

    public void Dispose() => _tunnel?.Dispose();

    // As HttpClient does for https; a proxy would buffer or refuse a plain http body without a length.
    private async Task PassProxyAsync(Stream stream, Uri proxy, Uri address)
    {
        if (proxy.Scheme != Uri.UriSchemeHttp)
            throw ProxyRefused(address, $"The proxy {proxy.Scheme}://{proxy.Authority} is not an http proxy.", null);
        var target = $"{address.Host}:{address.Port}";
        var credential = _proxy!.Credentials?.GetCredential(proxy, "Basic");
        var login = credential is null ? "" : "Proxy-Authorization: Basic "
            + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{credential.UserName}:{credential.Password}")) + "\r\n";
        var request = Encoding.ASCII.GetBytes($"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n{login}\r\n");
        await stream.WriteAsync(request, 0, request.Length);
        var answer = await ResponseHead.ReadAsync(stream);
        if (answer.Status is < 200 or > 299)
            throw ProxyRefused(address, $"The proxy {proxy.Authority} answers HTTP {answer.Status}.", null);
    }

    private static VmDeployException ProxyRefused(Uri address, string reason, Exception? cause) =>
        new(ErrorCodes.ProxyRefused, $"{address.Authority} can't be reached through the proxy: {reason}", address.Authority, cause);

    private bool Accepts(Uri address, X509Certificate? certificate, SslPolicyErrors errors)
    {
        using var copy = certificate is null ? null : new X509Certificate2(certificate);
        return Certificates.Accepts(address, copy, errors);
    }

    // Through an SSH host every request goes to this computer; the Host header names the real address.
    private static Uri AddressOf(HttpRequestMessage request) =>
        request.Headers.Host is { } host ? new Uri($"{request.RequestUri!.Scheme}://{host}") : request.RequestUri!;
}
