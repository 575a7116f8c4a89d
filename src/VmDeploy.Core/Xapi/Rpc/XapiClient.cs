using System.Diagnostics;
using System.Net.Http.Headers;
using System.Xml;
using Microsoft.Extensions.Logging;
using VmDeploy.Transfer;

namespace VmDeploy.Xapi;

/// <summary>
/// XenAPI over XML-RPC. The session is the first argument of every call; one that the host has ended is renewed
/// and the call repeated.
/// </summary>
internal sealed class XapiClient : IDisposable
{
    private const string LoginMethod = "session.login_with_password";

    // Without the kind, Mono takes it for a file.
    private static readonly Uri s_path = new("/", UriKind.Relative);

    private readonly ConnectOptions _options;
    private readonly ILogger _log;
    private readonly ClientLogin _login;
    private volatile string _session = "";

    public XapiClient(ConnectOptions options, ILogger log)
    {
        _options = options;
        Transport = new HttpTransport(options, log);
        _login = new ClientLogin(Transport.Authority);
        _log = log;
    }

    public HttpTransport Transport { get; }

    /// <summary>The reference of the session, for uploads. Belongs in no log and no message.</summary>
    public string Session
    {
        get
        {
            _login.ThrowIfClosed();
            return _session;
        }
    }

    public RetryPolicies Retries => _options.Retries;

    public int Renewals => _login.Renewals;

    public Task LoginAsync(CancellationToken cancellationToken) => _login.LogInAsync(async token =>
    {
        if (_login.IsLoggedIn)
            _log.SessionRenewed();
        if (_options.SocketLogin)
        {
            (_session, var certificates) = await SocketLogin.LogInAsync(_options, token);
            foreach (var certificate in certificates)
                Transport.Certificates.Trust(certificate);
            return;
        }
        _session = (string)await SendAsync(LoginMethod, TimeSpan.Zero, token, _options.Credential.UserName, _options.Credential.Password, "1.0", "VmDeploy");
    }, cancellationToken);

    public Task LogoutAsync(CancellationToken cancellationToken) => _login.CloseAsync(
        () => SendAsync("session.logout", TimeSpan.Zero, cancellationToken, _session), HasEnded, Retries.Call, cancellationToken);

    /// <summary>Calls a method with the session and the arguments, and returns its value.</summary>
    /// <exception cref="XapiFailure">The host answered with a failure.</exception>
    public Task<object> CallAsync(string method, CancellationToken cancellationToken, params object[] arguments) =>
        CallAsync(method, TimeSpan.Zero, cancellationToken, arguments);

    /// <summary>As above, for a call that the host answers only after some time. If the connection breaks, it is repeated if that is safe.</summary>
    public Task<object> CallAsync(string method, TimeSpan wait, CancellationToken cancellationToken, params object[] arguments)
    {
        var isRepeatable = method.Contains(".get_") || method is "task.destroy";
        return isRepeatable ? Retries.Call.RunAsync(_ => CallOnceAsync(method, wait, arguments, cancellationToken), IsOutage, cancellationToken)
            : CallOnceAsync(method, wait, arguments, cancellationToken);

        // Longer ones have cost a whole time-out.
        static bool IsOutage(Exception e) => e is VmDeployException { IsTransient: true } or VmDeployException { Code.Id: nameof(ErrorCodes.HostUnreachable) };
    }

    private Task<object> CallOnceAsync(string method, TimeSpan wait, object[] arguments, CancellationToken cancellationToken) => _login.CallAsync(
        () => SendAsync(method, wait, cancellationToken, [_session, .. arguments]),
        HasEnded,
        cancellationToken);

    private static bool HasEnded(VmDeployException failure) => failure is XapiFailure { Failure: "SESSION_INVALID" };

    /// <summary>Calls a method that returns a string or a reference.</summary>
    public async Task<string> TextAsync(string method, CancellationToken cancellationToken, params object[] arguments) =>
        await CallAsync(method, cancellationToken, arguments) as string ?? throw Unexpected(method);

    public async Task<IReadOnlyList<string>> ListAsync(string method, CancellationToken cancellationToken, params object[] arguments) =>
        (await CallAsync(method, cancellationToken, arguments) as List<object> ?? throw Unexpected(method)).OfType<string>().ToList();

    public async Task<XapiRecord> RecordAsync(string @class, string reference, CancellationToken cancellationToken) =>
        new(reference, await CallAsync($"{@class}.get_record", cancellationToken, reference));

    /// <summary>Reads one record; null if the object does not exist (any more).</summary>
    public async Task<XapiRecord?> FindAsync(string @class, string reference, CancellationToken cancellationToken)
    {
        try
        {
            return await RecordAsync(@class, reference, cancellationToken);
        }
        catch (XapiFailure failure) when (failure.Failure == "HANDLE_INVALID")
        {
            return null;
        }
    }

    /// <summary>Deletes an object, unless it does not exist (any more). Not cancellable.</summary>
    public async Task DestroyAsync(string @class, string reference)
    {
        try
        {
            await CallAsync($"{@class}.destroy", CancellationToken.None, reference);
        }
        catch (XapiFailure failure) when (failure.Failure == "HANDLE_INVALID")
        {
            // An earlier request has done it.
        }
    }

    /// <summary>Reads those of some objects that (still) exist, at the same time.</summary>
    public async Task<IReadOnlyList<XapiRecord>> FindAsync(string @class, IEnumerable<string> references, CancellationToken cancellationToken) =>
        (await Task.WhenAll(references.Distinct().Select(reference => FindAsync(@class, reference, cancellationToken)))).OfType<XapiRecord>().ToList();

    /// <summary>Reads all records of a class, by reference.</summary>
    public async Task<IReadOnlyDictionary<string, XapiRecord>> AllAsync(string @class, CancellationToken cancellationToken)
    {
        var method = $"{@class}.get_all_records";
        var records = await CallAsync(method, cancellationToken) as Dictionary<string, object> ?? throw Unexpected(method);
        return records.ToDictionary(r => r.Key, r => new XapiRecord(r.Key, r.Value));
    }

    public Task RenewAsync(int seen, CancellationToken cancellationToken) => _login.RenewAsync(seen, cancellationToken);

    public void Dispose()
    {
        _login.Dispose();
        Transport.Dispose();
    }

    private async Task<object> SendAsync(string method, TimeSpan wait, CancellationToken cancellationToken, params object[] arguments)
    {
        var clock = Stopwatch.StartNew();
        using var request = new HttpRequestMessage(HttpMethod.Post, s_path);
        HttpContent body = new ByteArrayContent(XmlRpc.WriteCall(method, arguments));
        body.Headers.ContentType = new MediaTypeHeaderValue("text/xml");
        request.Content = method == LoginMethod ? new LateCancelContent(body) : body;
        var reply = await Transport.SendAsync(request, wait, _login.IsLoggedIn ? HttpTransport.MaxReply : HttpTransport.MaxLoginReply,
            (response, stream) => ReadReply(response, stream, method, cancellationToken), cancellationToken);
        if (reply.TryGetValue("Status", out var status) && status is "Success" && reply.TryGetValue("Value", out var value))
        {
            _log.Called(method, clock.ElapsedMilliseconds);
            return value;
        }
        if (status is "Failure" && reply.TryGetValue("ErrorDescription", out var description) && description is List<object> words)
        {
            var failure = XapiFailure.Create(method, words.OfType<string>().ToList());
            _log.CallFailed(method, failure.Failure, clock.ElapsedMilliseconds);
            throw failure;
        }
        var fault = reply.TryGetValue("faultString", out var text) ? $" It says: {text}" : "";
        throw new VmDeployException(ErrorCodes.UnexpectedReply, $"The answer to {method} is neither a success nor a failure.{fault}", method);
    }

    private Dictionary<string, object> ReadReply(HttpResponseMessage response, Stream stream, string method, CancellationToken cancellationToken)
    {
        try
        {
            if (response.IsSuccessStatusCode && XmlRpc.ReadResponse(stream, cancellationToken) is Dictionary<string, object> reply)
                return reply;
        }
        catch (XmlException e)
        {
            throw NotXapi(response, method, e);
        }
        throw NotXapi(response, method, null);
    }

    private VmDeployException NotXapi(HttpResponseMessage response, string method, Exception? cause)
    {
        var authority = Transport.Authority;
        // A host whose toolstack is starting answers 503 through its web server.
        var isTransient = (int)response.StatusCode >= 500;
        return method == LoginMethod && !isTransient
            ? new(ErrorCodes.NotAHypervisor, $"{authority} answers, but not as a XenServer or XCP-ng host (HTTP {(int)response.StatusCode}).", authority, cause)
            : new(ErrorCodes.UnexpectedReply, $"The answer to {method} is not XML-RPC but HTTP {(int)response.StatusCode} {response.ReasonPhrase}.", method, cause)
            { IsTransient = isTransient };
    }

    private static VmDeployException Unexpected(string method) =>
        new(ErrorCodes.UnexpectedReply, $"The answer to {method} has the wrong type.", method);
}
