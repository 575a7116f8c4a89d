using System;
using System.Diagnostics;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Threading;
using System.Threading.Tasks;
using System.Xml;
using System.Xml.Linq;
using Microsoft.Extensions.Logging;
using VmDeploy.Transfer;

namespace VmDeploy.Vsphere;

/// <summary>
/// vim25 over SOAP. Requests are written in schema order by the callers; a session that the host has ended is renewed
/// once and the call repeated.
/// </summary>
internal sealed class SoapClient : IDisposable
{
    private static readonly MoRef s_serviceInstance = new("ServiceInstance", "ServiceInstance");

    private readonly HttpTransport _transport;
    private readonly ILogger _log;
    private readonly SemaphoreSlim _loginGate = new(1);
    private Func<CancellationToken, Task>? _login;
    private int _logins;
    private volatile bool _closed;
    private string _action = "";

    public SoapClient(HttpTransport transport, ILogger log)
    {
        _transport = transport;
        _log = log;
    }

    /// <summary>The time of the last answered call, for the keep-alive.</summary>
    public DateTime LastCall { get; private set; } = DateTime.UtcNow;

    /// <summary>
    /// How often the session was renewed. Views, collectors and paging tokens die with the session that made them, so whoever
    /// holds one and gets a fault compares this with what it was.
    /// </summary>
    public int Renewals => _logins;

    /// <summary>Chooses the version and reads <c>ServiceContent</c>.</summary>
    public async Task<XElement> OpenAsync(CancellationToken cancellationToken)
    {
        _action = $"\"urn:vim25/{VimVersions.Choose(await ReadVersionsAsync(cancellationToken))}\"";
        try
        {
            return (await CallAsync(s_serviceInstance, "RetrieveServiceContent", cancellationToken)).Child("returnval")
                ?? throw new VmDeployException(ErrorCodes.NotAHypervisor, $"The ServiceContent of {_transport.Authority} is empty.", _transport.Authority);
        }
        catch (VmDeployException e) when (e.Code == ErrorCodes.UnexpectedReply)
        {
            throw new VmDeployException(ErrorCodes.NotAHypervisor,
                $"{_transport.Authority} answers, but not as an ESXi host or vCenter: {e.Message}", _transport.Authority, e);
        }
    }

    /// <summary>Logs in, and again whenever the host has ended the session; <paramref name="login"/> uses <see cref="CallOnceAsync"/>.</summary>
    public async Task LoginAsync(Func<CancellationToken, Task> login, CancellationToken cancellationToken)
    {
        await login(cancellationToken);
        _login = login;
    }

    /// <summary>Ends the session on the host; every later call fails with <c>SessionClosed</c>.</summary>
    public async Task LogoutAsync(MoRef sessionManager, CancellationToken cancellationToken)
    {
        _login = null;
        try
        {
            await CallOnceAsync(sessionManager, "Logout", TimeSpan.Zero, cancellationToken);
        }
        finally
        {
            _closed = true;
        }
    }

    /// <summary>Calls a method and returns its response element.</summary>
    /// <param name="target">The object (<c>_this</c>).</param>
    /// <param name="method">The method, for example <c>PowerOnVM_Task</c>.</param>
    /// <param name="cancellationToken">Stops waiting for the answer.</param>
    /// <param name="arguments">The arguments in schema order; null ones are left out.</param>
    /// <exception cref="VimFault">The host answered with a fault.</exception>
    public Task<XElement> CallAsync(MoRef target, string method, CancellationToken cancellationToken, params XElement?[] arguments) =>
        CallAsync(target, method, TimeSpan.Zero, cancellationToken, arguments);

    /// <summary>As above, for a call that the host answers only after some time of waiting.</summary>
    public async Task<XElement> CallAsync(
        MoRef target, string method, TimeSpan wait, CancellationToken cancellationToken, params XElement?[] arguments)
    {
        var logins = _logins;
        try
        {
            return await CallOnceAsync(target, method, wait, cancellationToken, arguments);
        }
        catch (VimFault fault) when (fault.Type == "NotAuthenticated" && _login is not null)
        {
            await RenewAsync(logins, cancellationToken);
            return await CallOnceAsync(target, method, wait, cancellationToken, arguments);
        }
    }

    /// <summary>Calls a method without ever logging in again.</summary>
    public async Task<XElement> CallOnceAsync(
        MoRef target, string method, TimeSpan wait, CancellationToken cancellationToken, params XElement?[] arguments)
    {
        if (_closed)
            throw new VmDeployException(ErrorCodes.SessionClosed, "The session has been closed.");
        var clock = Stopwatch.StartNew();
        var body = VimXml.WriteEnvelope(VimXml.El(method, [VimXml.Ref("_this", target), .. arguments]));
        using var request = new HttpRequestMessage(HttpMethod.Post, "/sdk");
        request.Content = new ByteArrayContent(body);
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("text/xml") { CharSet = "utf-8" };
        request.Headers.TryAddWithoutValidation("SOAPAction", _action);
        using var response = await _transport.SendAsync(request, wait, cancellationToken);
        var content = await ReadBodyAsync(response, method);
        LastCall = DateTime.UtcNow;
        if (content.Name == VimXml.Soap + "Fault")
        {
            var fault = VimFault.FromSoap(content, target: null);
            _log.CallFailed(method, target, fault.Type, clock.ElapsedMilliseconds);
            throw fault;
        }
        _log.Called(method, target, clock.ElapsedMilliseconds);
        return content;
    }

    /// <summary>Whether the failure is that no answer came: what was called for may have been done all the same.</summary>
    public static bool IsUnanswered(VmDeployException e) =>
        e.Code == ErrorCodes.ConnectionLost || e.Code == ErrorCodes.HostTimeout || e.Code == ErrorCodes.HostUnreachable;

    /// <summary>Gives something up that dies with the session at the latest; the outcome does not matter.</summary>
    public async Task CallQuietlyAsync(MoRef target, string method)
    {
        try
        {
            await CallOnceAsync(target, method, TimeSpan.Zero, CancellationToken.None);
        }
        catch (VmDeployException e)
        {
            _log.NotReleased(method, e.Message);
        }
    }

    public void Dispose()
    {
        _loginGate.Dispose();
        _transport.Dispose();
    }

    private async Task RenewAsync(int loginsSeen, CancellationToken cancellationToken)
    {
        await _loginGate.WaitAsync(cancellationToken);
        try
        {
            if (_logins != loginsSeen || _login is not { } login)
                return;
            _log.SessionRenewed();
            await login(cancellationToken);
            _logins++;
        }
        finally
        {
            _loginGate.Release();
        }
    }

    private static async Task<XElement> ReadBodyAsync(HttpResponseMessage response, string method)
    {
        try
        {
            using var stream = await response.Content.ReadAsStreamAsync();
            var body = VimXml.Read(stream).Element(VimXml.Soap + "Body")?.Elements().FirstOrDefault();
            if (body is not null)
                return body;
        }
        catch (XmlException) when (!response.IsSuccessStatusCode)
        {
            // Said below, with the status.
        }
        catch (XmlException e)
        {
            throw new VmDeployException(ErrorCodes.UnexpectedReply, $"The answer to {method} is no XML: {e.Message}", method, e);
        }
        throw new VmDeployException(ErrorCodes.UnexpectedReply,
            $"The answer to {method} is no SOAP message but HTTP {(int)response.StatusCode} {response.ReasonPhrase}.", method);
    }

    private async Task<XElement?> ReadVersionsAsync(CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/sdk/vimServiceVersions.xml");
        using var response = await _transport.SendAsync(request, TimeSpan.Zero, cancellationToken);
        if (response.StatusCode == HttpStatusCode.NotFound)
            return null;
        try
        {
            using var stream = await response.Content.ReadAsStreamAsync();
            return response.IsSuccessStatusCode ? VimXml.Read(stream) : throw NotVsphere(response);
        }
        catch (XmlException)
        {
            throw NotVsphere(response);
        }
    }

    private static VmDeployException NotVsphere(HttpResponseMessage response) => new(ErrorCodes.NotAHypervisor,
        $"{response.RequestMessage?.RequestUri?.Authority} answers, but not as an ESXi host or vCenter (HTTP {(int)response.StatusCode}).",
        response.RequestMessage?.RequestUri?.Authority);
}
