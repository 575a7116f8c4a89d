using System;
using System.IO;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using VmDeploy.Transfer;

namespace VmDeploy.Xapi;

/// <summary>
/// A connection for one PUT whose body has no length: HttpClient can send none such but in chunks, which xapi refuses. It also
/// answers before it reads, so that a redirect or a refusal is known before the first byte of a disk is sent.
/// </summary>
internal sealed class ImportConnection : IDisposable
{
    private const int MaxHead = 16 * 1024;

    private readonly TcpClient _tcp = new() { NoDelay = true };
    private readonly Uri _address;
    private readonly HttpTransport _transport;
    private SshRoute? _route;
    private Stream? _stream;

    private ImportConnection(Uri address, HttpTransport transport)
    {
        _address = address;
        _transport = transport;
    }

    /// <summary>What was answered.</summary>
    public int Status { get; private set; }

    /// <summary>Where a redirect points to.</summary>
    public Uri? Location { get; private set; }

    /// <summary>Takes the body.</summary>
    public Stream Body => _stream!;

    /// <summary>Connects, sends the request's head and reads the answer's.</summary>
    /// <exception cref="VmDeployException">One of the connection's codes.</exception>
    public static async Task<ImportConnection> OpenAsync(
        Uri address, string pathAndQuery, HttpTransport transport, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var connection = new ImportConnection(address, transport);
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(timeout);
            connection._route = await transport.RouteAsync(address, limit.Token);
            // Sockets of this framework don't take tokens; closing them ends every wait.
            using (limit.Token.Register(connection.Abort))
                await connection.StartAsync(pathAndQuery);
            return connection;
        }
        catch (Exception e)
        {
            connection.Abort();
            cancellationToken.ThrowIfCancellationRequested();
            throw await connection.ExplainAsync(e, timeout);
        }
    }

    /// <summary>
    /// Ends the connection at once, from any thread. What was not sent is thrown away: else the host, if it takes no more
    /// data, would never learn that it is over.
    /// </summary>
    public void Abort()
    {
        try
        {
            _tcp.LingerState = new LingerOption(true, 0);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or NullReferenceException)
        {
            // Over already.
        }
        // Not the stream: TLS would try to say goodbye first.
        _tcp.Client?.Dispose();
        _tcp.Dispose();
    }

    public void Dispose()
    {
        _stream?.Dispose();
        _tcp.Dispose();
    }

    /// <summary>A failure to write or read, in words.</summary>
    public async Task<VmDeployException> ExplainAsync(Exception failure, TimeSpan timeout) => failure switch
    {
        VmDeployException own => own,
        ObjectDisposedException or OperationCanceledException or NullReferenceException => new(ErrorCodes.HostTimeout,
            $"{_address.Authority} took no data for {timeout.TotalSeconds:0} seconds.", _address.Authority, failure)
        { IsTransient = true },
        _ when await _transport.FindFailureAsync(_address, _route, failure) is { } reason => reason,
        SocketException => new(ErrorCodes.HostUnreachable, $"{_address.Authority} can't be reached: {failure.Message}", _address.Authority, failure),
        _ => new(ErrorCodes.ConnectionLost,
            $"The connection to {_address.Authority} broke: {failure.GetBaseException().Message}", _address.Authority, failure)
        { IsTransient = true },
    };

    private async Task StartAsync(string pathAndQuery)
    {
        var mouth = _route?.Mouth ?? _address;
        await _tcp.ConnectAsync(mouth.Host, mouth.Port);
        _stream = _tcp.GetStream();
        if (_address.Scheme == "https")
        {
            var tls = new SslStream(_stream, leaveInnerStreamOpen: false, (_, certificate, _, errors) => Accepts(certificate, errors));
            _stream = tls;
            await tls.AuthenticateAsClientAsync(_address.Host, null, SslProtocols.None, checkCertificateRevocation: false);
        }
        var head = Encoding.ASCII.GetBytes($"PUT {pathAndQuery} HTTP/1.0\r\nHost: {_address.Authority}\r\nConnection: close\r\n\r\n");
        await _stream.WriteAsync(head, 0, head.Length);
        await ReadHeadAsync();
    }

    private bool Accepts(X509Certificate? certificate, SslPolicyErrors errors)
    {
        using var copy = certificate is null ? null : new X509Certificate2(certificate);
        return _transport.Certificates.Accepts(_address, copy, errors);
    }

    private async Task ReadHeadAsync()
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (!(head.Length >= 4 && head.ToString(head.Length - 4, 4) == "\r\n\r\n"))
        {
            if (head.Length == MaxHead || await _stream!.ReadAsync(one, 0, 1) == 0)
                throw new IOException(head.Length == 0 ? "it was closed without an answer" : "the answer is no HTTP");
            head.Append((char)one[0]);
        }
        var lines = head.ToString().Split(["\r\n"], StringSplitOptions.RemoveEmptyEntries);
        var words = lines[0].Split(' ');
        if (words.Length < 2 || !words[0].StartsWith("HTTP/", StringComparison.Ordinal) || !int.TryParse(words[1], out var status))
            throw new IOException("the answer is no HTTP");
        Status = status;
        const string location = "location:";
        foreach (var line in lines)
        {
            if (line.StartsWith(location, StringComparison.OrdinalIgnoreCase) && Uri.TryCreate(line.Substring(location.Length).Trim(), UriKind.Absolute, out var uri))
                Location = uri;
        }
    }
}
