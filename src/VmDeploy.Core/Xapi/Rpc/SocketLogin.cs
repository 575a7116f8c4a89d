using System.Diagnostics;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml;
using VmDeploy.Transfer;

namespace VmDeploy.Xapi;

/// <summary>
/// A login with SSH alone: xapi gives a session to any client that can open its Unix socket, which only root of the host can. The forward
/// exists only for the few calls here; all others go to the host's usual port, with this session.
/// </summary>
internal sealed class SocketLogin
{
    private static readonly Regex s_pem = new("-----BEGIN CERTIFICATE-----(.+?)-----END CERTIFICATE-----", RegexOptions.Singleline);

    // After a cancellation: for the answer to the login, and for the logout.
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(2);

    private readonly ConnectOptions _options;
    private readonly SshForward _forward;
    private readonly CancellationToken _limit;

    private SocketLogin(ConnectOptions options, SshForward forward, CancellationToken limit)
    {
        _options = options;
        _forward = forward;
        _limit = limit;
    }

    /// <summary>
    /// Logs in, and reads the certificates of the pool's hosts, as far as they can be read, all within the timeout of the connection. After a
    /// cancellation it waits a moment for the answer, so that the session can be ended.
    /// </summary>
    /// <exception cref="VmDeployException"><c>SocketLoginFailed</c>, or a failure of ssh.</exception>
    public static Task<(string Session, IReadOnlyList<X509Certificate2> Certificates)> LogInAsync(ConnectOptions options, CancellationToken cancellationToken) =>
        OnSocketAsync(options, async (socket, token) =>
        {
            using var answer = new CancellationTokenSource();
            using (token.Register(() => answer.CancelAfter(s_grace)))
            {
                var session = (string)await socket.CallAsync("session.login_with_password", [options.Credential.UserName, "", "1.0", "VmDeploy"], answer.Token);
                try
                {
                    token.ThrowIfCancellationRequested();
                    return (session, await socket.CertificatesAsync(session, token));
                }
                catch (Exception failure)
                {
                    await socket.TryLogOutAsync(session, failure);
                    throw;
                }
            }
        }, cancellationToken);

    /// <summary>Ends a session that could not be used.</summary>
    public static Task LogOutAsync(ConnectOptions options, string session) =>
        OnSocketAsync(options, (socket, token) => socket.CallAsync("session.logout", [session], token), CancellationToken.None);

    private static async Task<T> OnSocketAsync<T>(ConnectOptions options, Func<SocketLogin, CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        var refusals = new List<string>();
        Exception? last = null;
        using var limit = new CancellationTokenSource(options.Timeout);
        var clock = Stopwatch.StartNew();
        foreach (var path in options.XapiSockets)
        {
            var left = options.Timeout - clock.Elapsed;
            if (left <= TimeSpan.Zero)
                throw NoAnswer(options, last);
            using var forward = await SshForward.OpenToSocketAsync(options.ViaSsh!, options.SshProgram, path, left, cancellationToken);
            try
            {
                return await work(new SocketLogin(options, forward, limit.Token), cancellationToken);
            }
            catch (Exception e) when (e is IOException or SocketException)
            {
                if (forward.IsIntruded)
                    throw new VmDeployException(ErrorCodes.SocketLoginFailed, $"Another program on this computer connected to the forward to {options.ViaSsh}; it was closed.", options.Server, e);
                await forward.LastWordsAsync();
                refusals.Add($"{path}: {(forward.Heard > 0 ? forward.WordsSince(0) : e.Message)}");
                last = e;
            }
        }
        throw new VmDeployException(ErrorCodes.SocketLoginFailed,
            $"xapi can't be reached through {options.ViaSsh} without a password: {string.Join("; ", refusals)}", options.Server, last);
    }

    private static VmDeployException NoAnswer(ConnectOptions options, Exception? inner) =>
        new(ErrorCodes.HostTimeout, $"{options.ViaSsh} did not answer within {options.Timeout.TotalSeconds:0} seconds.", options.Server, inner);

    // The failure that led here is the one to tell; the host ends a session that is left when it has been idle for a day.
    private async Task TryLogOutAsync(string session, Exception failure)
    {
        try
        {
            using var limit = new CancellationTokenSource(s_grace);
            await CallAsync("session.logout", [session], limit.Token);
        }
        catch (Exception e) when (e is VmDeployException or IOException or SocketException or OperationCanceledException)
        {
            failure.Data["logout"] = e.Message;
        }
    }

    private async Task<IReadOnlyList<X509Certificate2>> CertificatesAsync(string session, CancellationToken cancellationToken)
    {
        var found = new List<X509Certificate2>();
        foreach (var host in await CallAsync("host.get_all", [session], cancellationToken) is List<object> hosts ? hosts.OfType<string>() : [])
        {
            try
            {
                if (await CallAsync("host.get_server_certificate", [session, host], cancellationToken) is string pem && s_pem.Match(pem) is { Success: true } match)
                    found.Add(new X509Certificate2(Convert.FromBase64String(match.Groups[1].Value)));
            }
            catch (Exception e) when (e is XapiFailure or FormatException or CryptographicException)
            {
                // A host that is down; its certificate is checked as usual if it is ever connected to.
            }
        }
        return found;
    }

    // Each call has its own connection, which ends with the answer.
    private async Task<object> CallAsync(string method, object[] arguments, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_limit, cancellationToken);
        using var connection = await _forward.ConnectAsync(limit.Token);
        var body = XmlRpc.WriteCall(method, arguments);
        var head = Encoding.ASCII.GetBytes($"POST / HTTP/1.0\r\nHost: localhost\r\nContent-Type: text/xml\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n");
        using (limit.Token.Register(connection.Abort))
        {
            try
            {
                await connection.Stream.WriteAsync(head, 0, head.Length, limit.Token);
                await connection.Stream.WriteAsync(body, 0, body.Length, limit.Token);
                var answer = await ResponseHead.ReadAsync(connection.Stream);
                using var reply = new MemoryStream();
                var block = new byte[16 * 1024];
                while (await connection.Stream.ReadAsync(block, 0, block.Length, limit.Token) is var count and > 0)
                {
                    if (reply.Length + count > HttpTransport.MaxLoginReply)
                        throw ReplyStream.TooLarge(_options.Server, HttpTransport.MaxLoginReply);
                    reply.Write(block, 0, count);
                }
                reply.Position = 0;
                return answer.Status == 200 ? ValueOf(method, XmlRpc.ReadResponse(reply, limit.Token)) : throw new IOException($"xapi answers HTTP {answer.Status}");
            }
            catch (XmlException e)
            {
                throw new VmDeployException(ErrorCodes.NotAHypervisor, $"The server at the socket on {_options.ViaSsh} is not xapi: {e.Message}", _options.Server, e);
            }
            catch (Exception e) when (limit.IsCancellationRequested && e is IOException or ObjectDisposedException or SocketException or OperationCanceledException)
            {
                cancellationToken.ThrowIfCancellationRequested();
                throw NoAnswer(_options, e);
            }
        }
    }

    private static object ValueOf(string method, object response)
    {
        if (response is Dictionary<string, object> reply)
        {
            if (reply.TryGetValue("Status", out var status) && status is "Success" && reply.TryGetValue("Value", out var value))
                return value;
            if (reply.TryGetValue("ErrorDescription", out var description) && description is List<object> words)
                throw XapiFailure.Create(method, words.OfType<string>().ToList());
        }
        throw new VmDeployException(ErrorCodes.UnexpectedReply, $"The answer to {method} is neither a success nor a failure.", method);
    }
}
