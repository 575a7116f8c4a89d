using System.Text;
using System.Text.RegularExpressions;

namespace VmDeploy.Simulator;

/// <summary>What happens to a request of any kind.</summary>
public enum RequestFault
{
    /// <summary>The server refuses it with a fault of its protocol.</summary>
    Refused,

    /// <summary>The connection breaks before the request is carried out.</summary>
    CutBeforeRequest,

    /// <summary>The request is carried out; the connection breaks before the reply.</summary>
    CutBeforeReply,

    /// <summary>The request is carried out; the connection breaks in the middle of the reply.</summary>
    CutInReply,

    /// <summary>The request is carried out and answered with HTTP 500 and a text that is not of the protocol.</summary>
    Status500,

    /// <summary>The request is not carried out and is answered with HTTP 503.</summary>
    Status503,

    /// <summary>The request is carried out and answered with HTTP 503.</summary>
    Status503AfterRequest,

    /// <summary>The request is delayed until its client gives up, at most for <see cref="RequestFaults.Delay"/>, then carried out.</summary>
    LateRequest,

    /// <summary>The request is carried out; the reply is delayed as long as a late request.</summary>
    LateReply,

    /// <summary>All sessions end before the request.</summary>
    SessionExpired,

    /// <summary>The request is carried out, but this and the next two connections break before the reply.</summary>
    Outage,

    /// <summary>The request succeeds; a test stops its operation when the request arrives.</summary>
    Stopped,
}

/// <summary>A fault for one request, chosen by its number, before the server handles it.</summary>
public sealed class RequestFaults
{
    private const int OutageLength = 3;

    // Calls that wait on the server; their clients wait as long.
    private static readonly string[] s_waits = ["WaitForUpdatesEx", "event.from"];

    /// <summary>The header by which a client recognizes which of its requests <see cref="Held"/> delays.</summary>
    public const string Header = "X-Request";
    private static readonly TimeSpan s_lateWait = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly Func<HttpContext, Task> _refuse;
    private readonly Action _expireSessions;
    private readonly List<string> _methods = [];
    private RequestFault _fault;
    private int _number;
    private int _length;
    private int _working;

    internal RequestFaults(Func<HttpContext, Task> refuse, Action expireSessions)
    {
        _refuse = refuse;
        _expireSessions = expireSessions;
    }

    /// <summary>How long a late request or reply is delayed if its client does not give up.</summary>
    public TimeSpan Delay { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>No request is delayed or in progress.</summary>
    public bool IsIdle => Volatile.Read(ref _working) == 0;

    /// <summary>Called with the <see cref="Header"/> of a request that is delayed until its client gives up.</summary>
    public Action<string>? Held { get; set; }

    /// <summary>Called with the method of the request that gets the fault, when it arrives.</summary>
    public Action<string>? Struck { get; set; }

    /// <summary>The methods of the requests since the last order.</summary>
    public IReadOnlyList<string> Methods
    {
        get
        {
            lock (_gate)
                return [.. _methods];
        }
    }

    /// <summary>The request that got the fault, for messages; null if none did.</summary>
    public string? StruckRequest { get; private set; }

    /// <summary>Orders a fault for the n-th request from now (1 is the next); 0 only counts.</summary>
    public void Order(int request, RequestFault fault)
    {
        lock (_gate)
        {
            _number = request;
            _fault = fault;
            _length = fault == RequestFault.Outage ? OutageLength : 1;
            _methods.Clear();
            StruckRequest = null;
        }
    }

    /// <summary>Counts a request; returns its fault.</summary>
    internal RequestFault? Take(string request)
    {
        lock (_gate)
        {
            _methods.Add(request);
            if (_number == 0 || _methods.Count < _number || _methods.Count >= _number + _length)
                return null;
            StruckRequest ??= request;
        }
        Struck?.Invoke(request);
        if (_fault == RequestFault.SessionExpired)
            _expireSessions();
        return _fault;
    }

    internal async Task AnswerAsync(HttpContext http, RequestDelegate next)
    {
        using var working = Work();
        var action = http.Request.Headers["SOAPAction"].Count > 0 || http.Request.Path.Value is "/" or "/RPC2"
            ? await PeekAsync(http)
            : $"{http.Request.Method} {http.Request.Path}";
        switch (Take(action))
        {
            case RequestFault.Refused:
                await http.Request.Body.CopyToAsync(Stream.Null, http.RequestAborted);
                await _refuse(http);
                break;
            case RequestFault.CutBeforeRequest:
                http.Abort();
                break;
            case RequestFault.CutBeforeReply or RequestFault.Outage:
                await BufferAsync(http, next);
                http.Abort();
                break;
            case RequestFault.CutInReply:
                var reply = await BufferAsync(http, next);
                http.Response.ContentLength = reply.Length;
                await http.Response.Body.WriteAsync(reply.AsMemory(0, reply.Length / 2));
                await http.Response.Body.FlushAsync();
                http.Abort();
                break;
            case RequestFault.Status500:
                await BufferAsync(http, next);
                await SayAsync(http, StatusCodes.Status500InternalServerError);
                break;
            case RequestFault.Status503AfterRequest:
                await BufferAsync(http, next);
                await SayAsync(http, StatusCodes.Status503ServiceUnavailable);
                break;
            case RequestFault.Status503:
                await http.Request.Body.CopyToAsync(Stream.Null, http.RequestAborted);
                await SayAsync(http, StatusCodes.Status503ServiceUnavailable);
                break;
            case RequestFault.LateRequest:
                await HoldAsync(action, http.Request.Headers[Header].ToString(), http.RequestAborted);
                await next(http);
                break;
            case RequestFault.LateReply:
                var late = await BufferAsync(http, next);
                await HoldAsync(action, http.Request.Headers[Header].ToString(), http.RequestAborted);
                await http.Response.Body.WriteAsync(late);
                break;
            default:
                await next(http);
                break;
        }
    }

    /// <summary>Counts a request as in progress until the result is disposed.</summary>
    internal IDisposable Work()
    {
        Interlocked.Increment(ref _working);
        return new Working(this);
    }

    /// <summary>Delays a late request or reply.</summary>
    internal async Task HoldAsync(string request, string header, CancellationToken clientGone)
    {
        var isWait = s_waits.Contains(request);
        var holding = Task.Delay(isWait ? s_lateWait : Delay, clientGone);
        if (!isWait && header.Length > 0)
            Held?.Invoke(header);
        await Task.WhenAny(holding);
    }

    private sealed class Working(RequestFaults faults) : IDisposable
    {
        public void Dispose() => Interlocked.Decrement(ref faults._working);
    }

    private static async Task<byte[]> BufferAsync(HttpContext http, RequestDelegate next)
    {
        var real = http.Response.Body;
        using var buffer = new MemoryStream();
        http.Response.Body = buffer;
        try
        {
            await next(http);
        }
        finally
        {
            http.Response.Body = real;
        }
        return buffer.ToArray();
    }

    private static async Task SayAsync(HttpContext http, int status)
    {
        http.Response.Headers.Remove("Content-Encoding");
        http.Response.Headers.ContentLength = null;
        http.Response.StatusCode = status;
        http.Response.ContentType = "text/html";
        await http.Response.WriteAsync($"<html><body>{status} by order</body></html>");
    }

    // The name of the method that a call is about: the first element of a SOAP body, or an XML-RPC methodName.
    private static async Task<string> PeekAsync(HttpContext http)
    {
        var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, http.RequestAborted);
        body.Position = 0;
        http.Request.Body = body;
        var text = Encoding.UTF8.GetString(body.GetBuffer(), 0, (int)Math.Min(body.Length, 1000));
        var match = Regex.Match(text, @"<methodName>([^<]*)|Body>\s*<(\w+)");
        return match.Groups[1].Value + match.Groups[2].Value;
    }
}
