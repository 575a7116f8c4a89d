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

    private readonly ConnectOptions _options;
    private readonly SshForward _forward;
    private int _connections;

    private SocketLogin(ConnectOptions options, SshForward forward)
    {
        _options = options;
        _forward = forward;
    }

    /// <summary>Logs in, and reads the certificates of the pool's hosts, as far as they can be read. Not cancelled once the host has the request.</summary>
    /// <exception cref="VmDeployException"><c>SocketLoginFailed</c>, or a failure of ssh.</exception>
    public static Task<(string Session, IReadOnlyList<X509Certificate2> Certificates)> LogInAsync(ConnectOptions options, CancellationToken cancellationToken) =>
        OnSocketAsync(options, async socket =>
        {
            var session = (string)await socket.CallAsync("session.login_with_password", options.Credential.UserName, "", "1.0", "VmDeploy");
            try
            {
                var certificates = await socket.CertificatesAsync(session);
                if (socket._forward.Connections > socket._connections)
                    throw new VmDeployException(ErrorCodes.SocketLoginFailed, $"Another program on this computer used the forward to {options.ViaSsh}; the session was ended.", options.Server);
                return (session, certificates);
            }
            catch
            {
                await socket.CallAsync("session.logout", session);
                throw;
            }
        }, cancellationToken);

    /// <summary>Ends a session that could not be used.</summary>
    public static Task LogOutAsync(ConnectOptions options, string session) =>
        OnSocketAsync(options, socket => socket.CallAsync("session.logout", session), CancellationToken.None);

    private static async Task<T> OnSocketAsync<T>(ConnectOptions options, Func<SocketLogin, Task<T>> work, CancellationToken cancellationToken)
    {
        var refusals = new List<string>();
        Exception? last = null;
        foreach (var path in options.XapiSockets)
        {
            using var forward = await SshForward.OpenToSocketAsync(options.ViaSsh!, options.SshProgram, path, options.Timeout, cancellationToken);
            try
            {
                return await work(new SocketLogin(options, forward));
            }
            catch (Exception e) when (e is IOException or SocketException)
            {
                await forward.LastWordsAsync();
                refusals.Add($"{path}: {(forward.Heard > 0 ? forward.WordsSince(0) : e.Message)}");
                last = e;
            }
        }
        throw new VmDeployException(ErrorCodes.SocketLoginFailed,
            $"xapi can't be reached through {options.ViaSsh} without a password: {string.Join("; ", refusals)}", options.Server, last);
    }

    private async Task<IReadOnlyList<X509Certificate2>> CertificatesAsync(string session)
    {
        var found = new List<X509Certificate2>();
        foreach (var host in await CallAsync("host.get_all", session) is List<object> hosts ? hosts.OfType<string>() : [])
        {
            try
            {
                if (await CallAsync("host.get_server_certificate", session, host) is string pem && s_pem.Match(pem) is { Success: true } match)
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
    private async Task<object> CallAsync(string method, params object[] arguments)
    {
        using var limit = new CancellationTokenSource(_options.Timeout);
        using var connection = await _forward.ConnectAsync(limit.Token);
        _connections++;
        var body = XmlRpc.WriteCall(method, arguments);
        var head = Encoding.ASCII.GetBytes($"POST / HTTP/1.0\r\nHost: localhost\r\nContent-Type: text/xml\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n");
        using (limit.Token.Register(connection.Abort))
        {
            try
            {
                await connection.Stream.WriteAsync(head, 0, head.Length);
                await connection.Stream.WriteAsync(body, 0, body.Length);
                var answer = await ResponseHead.ReadAsync(connection.Stream);
                using var reply = new MemoryStream();
                var block = new byte[16 * 1024];
                while (await connection.Stream.ReadAsync(block, 0, block.Length) is var count and > 0)
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
            catch (Exception e) when (limit.IsCancellationRequested && e is IOException or ObjectDisposedException or SocketException)
            {
                throw new VmDeployException(ErrorCodes.HostTimeout, $"{_options.ViaSsh} did not answer within {_options.Timeout.TotalSeconds:0} seconds.", _options.Server, e);
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
