using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Xml;
using Microsoft.Extensions.Logging;
using VmDeploy.Transfer;

namespace VmDeploy.Vsphere;

/// <summary>
/// vim25 over SOAP. Requests are written in schema order by the callers; a session that the host has ended is renewed
/// and the call repeated.
/// </summary>
internal sealed class SoapClient(HttpTransport transport, RetryPolicies retries, ILogger log) : IDisposable
{
    public static readonly MoRef ServiceInstance = new("ServiceInstance", "ServiceInstance");

    // Without the kind, Mono takes them for files.
    private static readonly Uri s_path = new("/sdk", UriKind.Relative);
    private static readonly Uri s_versions = new("/sdk/vimServiceVersions.xml", UriKind.Relative);
    private static readonly TimeSpan s_longestRelease = TimeSpan.FromSeconds(15);

    private const string LoginMethod = "Login";

    private readonly ClientLogin _login = new ClientLogin(transport.Authority);

    public RetryPolicies Retries { get; } = retries;

    /// <summary>The API version that both sides speak, for example <c>8.0.2.0</c>.</summary>
    public string Version { get; private set; } = "";
    public DateTime LastCall { get; private set; } = DateTime.UtcNow;
    public int Renewals => _login.Renewals;

    public async Task<XElement> OpenAsync(CancellationToken cancellationToken)
    {
        Version = VimVersions.Choose(await ReadVersionsAsync(cancellationToken));
        try
        {
            return (await CallAsync(ServiceInstance, "RetrieveServiceContent", cancellationToken)).Child("returnval")
                ?? throw new VmDeployException(ErrorCodes.NotAHypervisor, $"The ServiceContent of {transport.Authority} is empty.", transport.Authority);
        }
        catch (VmDeployException e) when (e.Code == ErrorCodes.UnexpectedReply)
        {
            throw new VmDeployException(ErrorCodes.NotAHypervisor,
                $"{transport.Authority} answers, but not as an ESXi host or vCenter: {e.Message}", transport.Authority, e);
        }
    }

    /// <summary>Can be cancelled until the host has the request.</summary>
    public Task LoginAsync(MoRef sessionManager, NetworkCredential credential, CancellationToken cancellationToken) => _login.LogInAsync(token =>
    {
        if (_login.IsLoggedIn)
            log.SessionRenewed();
        return CallOnceAsync(sessionManager, LoginMethod, TimeSpan.Zero, token,
            VimXml.El("userName", credential.UserName), VimXml.El("password", credential.Password));
    }, cancellationToken);

    public Task LogoutAsync(MoRef sessionManager, CancellationToken cancellationToken) => _login.CloseAsync(
        () => CallOnceAsync(sessionManager, "Logout", TimeSpan.Zero, cancellationToken), HasEnded, Retries.Call, cancellationToken);

    /// <summary>Calls a method and returns its response element. The arguments are in schema order; null ones are left out.</summary>
    /// <exception cref="VimFault">The host answered with a fault.</exception>
    public Task<XElement> CallAsync(MoRef target, string method, CancellationToken cancellationToken, params XElement?[] arguments) =>
        CallAsync(target, method, TimeSpan.Zero, cancellationToken, arguments);

    /// <summary>As above, for a call that the host answers late.</summary>
    public Task<XElement> CallAsync(
        MoRef target, string method, TimeSpan wait, CancellationToken cancellationToken, params XElement?[] arguments) =>
        CallAsync(target, method, wait, null, cancellationToken, arguments);

    /// <summary>As above, for a reply with many <c>objects</c>: each goes to what <paramref name="startReply"/> returns for the attempt.</summary>
    public Task<XElement> CallAsync(MoRef target, string method, TimeSpan wait, Func<ObjectSink>? startReply,
        CancellationToken cancellationToken, params XElement?[] arguments)
    {
        return IsRepeatable(method) ? Retries.Call.RunAsync(_ => CallAsync(), IsOutage, cancellationToken) : CallAsync();

        // Longer ones have cost a whole time-out.
        static bool IsOutage(Exception e) => e is VmDeployException { IsTransient: true } or VmDeployException { Code.Id: nameof(ErrorCodes.HostUnreachable) };

        Task<XElement> CallAsync() =>
            _login.CallAsync(() => SendAsync(target, method, wait, startReply, cancellationToken, arguments), HasEnded, cancellationToken);
    }

    /// <summary>Calls a method without ever logging in again.</summary>
    public Task<XElement> CallOnceAsync(
        MoRef target, string method, TimeSpan wait, CancellationToken cancellationToken, params XElement?[] arguments) =>
        SendAsync(target, method, wait, null, cancellationToken, arguments);

    // Calls that only read, so that they can be repeated if the connection breaks.
    private static bool IsRepeatable(string method) =>
        method.StartsWith("Retrieve", StringComparison.Ordinal) || method.StartsWith("Query", StringComparison.Ordinal) || method is "CurrentTime" or "CreateImportSpec" or "CreateDescriptor" or "HttpNfcLeaseGetManifest";

    private static bool HasEnded(VmDeployException failure) => failure is VimFault { Type: "NotAuthenticated" };

    private async Task<XElement> SendAsync(MoRef target, string method, TimeSpan wait, Func<ObjectSink>? startReply,
        CancellationToken cancellationToken, params XElement?[] arguments)
    {
        var clock = Stopwatch.StartNew();
        using var request = new HttpRequestMessage(HttpMethod.Post, s_path);
        HttpContent content = new ByteArrayContent(VimXml.WriteEnvelope(VimXml.El(method, [VimXml.Ref("_this", target), .. arguments])));
        content.Headers.ContentType = new MediaTypeHeaderValue("text/xml") { CharSet = "utf-8" };
        request.Content = method == LoginMethod ? new LateCancelContent(content) : content;
        request.Headers.TryAddWithoutValidation("SOAPAction", $"\"urn:vim25/{Version}\"");
        var body = await transport.SendAsync(request, wait, _login.IsLoggedIn ? HttpTransport.MaxReply : HttpTransport.MaxLoginReply,
            (response, reply) => ReadBody(response, reply, method, startReply?.Invoke(), cancellationToken), cancellationToken);
        LastCall = DateTime.UtcNow;
        if (body.Name == VimXml.Soap + "Fault")
        {
            var fault = VimFault.FromSoap(body, target: null);
            log.CallFailed(method, target, fault.Type, clock.ElapsedMilliseconds);
            throw fault;
        }
        log.Called(method, target, clock.ElapsedMilliseconds);
        return body;
    }

    /// <summary>Destroys a view or collector. Lost calls are repeated; what still fails ends with the session.</summary>
    public async Task CallQuietlyAsync(MoRef target, string method)
    {
        using var limit = new CancellationTokenSource(s_longestRelease);
        try
        {
            await Retries.Call.RunAsync(_ => CallOnceAsync(target, method, TimeSpan.Zero, limit.Token),
                e => e is VmDeployException { IsTransient: true }, limit.Token);
        }
        catch (Exception e) when (e is VmDeployException or OperationCanceledException)
        {
            log.NotReleased(method, e.Message);
        }
    }

    public void Dispose()
    {
        _login.Dispose();
        transport.Dispose();
    }

    private static XElement ReadBody(
        HttpResponseMessage response, Stream reply, string method, ObjectSink? objects, CancellationToken cancellationToken)
    {
        try
        {
            var body = VimXml.Read(reply, objects, cancellationToken).Element(VimXml.Soap + "Body")?.Elements().FirstOrDefault();
            if (body is not null)
                return body;
        }
        catch (XmlException) when (!response.IsSuccessStatusCode)
        {
            // Reported below, with the status.
        }
        catch (XmlException e)
        {
            throw new VmDeployException(ErrorCodes.UnexpectedReply, $"The answer to {method} is not XML: {e.Message}", method, e);
        }
        throw new VmDeployException(ErrorCodes.UnexpectedReply,
            $"The answer to {method} is not a SOAP message but HTTP {(int)response.StatusCode} {response.ReasonPhrase}.", method)
        { IsTransient = (int)response.StatusCode >= 500 };
    }

    private async Task<XElement?> ReadVersionsAsync(CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, s_versions);
        return await transport.SendAsync(request, TimeSpan.Zero, HttpTransport.MaxLoginReply, (response, reply) =>
        {
            if (response.StatusCode == HttpStatusCode.NotFound)
                return null;
            try
            {
                return response.IsSuccessStatusCode ? VimXml.Read(reply, cancellationToken) : throw NotVsphere(response);
            }
            catch (XmlException)
            {
                throw NotVsphere(response);
            }
        }, cancellationToken);
    }

    private VmDeployException NotVsphere(HttpResponseMessage response) => new(ErrorCodes.NotAHypervisor,
        $"{transport.Authority} answers, but not as an ESXi host or vCenter (HTTP {(int)response.StatusCode}).", transport.Authority);
}
