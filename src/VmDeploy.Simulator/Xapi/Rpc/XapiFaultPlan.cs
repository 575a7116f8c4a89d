namespace VmDeploy.Simulator.Xapi;

/// <summary>
/// The faults that a test has ordered. Each order is used up by the call that it hits; orders of one kind are served in turn.
/// </summary>
public sealed class XapiFaultPlan
{
    private readonly Lock _gate = new();
    private readonly List<Order> _failures = [];
    private readonly List<Order> _drops = [];
    private readonly Dictionary<string, TimeSpan> _delays = [];
    private readonly Queue<UploadFault> _uploads = new();
    private readonly Queue<long> _downloads = new();
    private int _expiry;
    private string? _screen;

    /// <summary>The link's rate in bytes per second for uploads; null for no limit.</summary>
    public long? BytesPerSecond { get; set; }

    internal event Action? SessionsExpired;

    /// <summary>Answers calls with a failure instead of carrying them out.</summary>
    /// <param name="method"><c>VM.start</c> applies to the task of Async.VM.start too; <c>*</c> applies to every call.</param>
    /// <param name="code">Failure code.</param>
    /// <param name="parameters">Its parameters.</param>
    /// <param name="skip">How many calls succeed before.</param>
    /// <param name="times">How many calls fail.</param>
    public void FailCall(string method, string code, string[]? parameters = null, int skip = 0, int times = 1) =>
        Add(_failures, new(method, code, parameters ?? [], skip, times));

    /// <summary>Executes calls, but cuts the connection instead of answering.</summary>
    /// <inheritdoc cref="FailCall"/>
    public void DropReply(string method, int skip = 0, int times = 1) => Add(_drops, new(method, "", [], skip, times));

    /// <summary>Delays every reply of a method.</summary>
    public void DelayReply(string method, TimeSpan delay)
    {
        lock (_gate)
            _delays[method] = delay;
    }

    /// <summary>Cuts the connection of an upload after so many bytes of its body; the task fails.</summary>
    public void CutUpload(long atByte) => Add(new(atByte, UploadFaultKind.Cut, ""));

    /// <summary>Cuts the connection of the next downloads of disks after so many bytes; their tasks fail.</summary>
    public void CutDownload(long atByte, int times = 1)
    {
        lock (_gate)
        {
            for (var i = 0; i < times; i++)
                _downloads.Enqueue(atByte);
        }
    }

    /// <summary>Lets the task of an upload fail after so many bytes of its body, and closes the connection.</summary>
    public void FailUpload(long atByte, string code = "VDI_IO_ERROR") => Add(new(atByte, UploadFaultKind.Fail, code));

    /// <summary>Reads no more than so many bytes of an upload's body, until the client gives up.</summary>
    public void StallUpload(long atByte) => Add(new(atByte, UploadFaultKind.Stall, ""));

    /// <summary>Answers an upload with a redirect to another host's address; https, unless it has another scheme.</summary>
    public void RedirectUpload(string authority) => Add(new(0, UploadFaultKind.Redirect, authority));

    /// <summary>Answers the next request for a picture with a redirect to another host's address.</summary>
    public void RedirectScreen(string authority) => Interlocked.Exchange(ref _screen, authority);

    /// <summary>Ends all sessions now.</summary>
    public void ExpireSessions() => SessionsExpired?.Invoke();

    /// <summary>Ends the session at the n-th call (1 is the next) that needs one.</summary>
    public void ExpireSessionAtCall(int call) => Interlocked.Exchange(ref _expiry, call);

    /// <summary>Cancels all remaining orders.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            _failures.Clear();
            _drops.Clear();
            _delays.Clear();
            _uploads.Clear();
            _downloads.Clear();
            _expiry = 0;
            _screen = null;
            BytesPerSecond = null;
        }
    }

    /// <summary>Orders that are not used up yet.</summary>
    public int Left
    {
        get
        {
            lock (_gate)
                return _failures.Count + _drops.Count + _uploads.Count;
        }
    }

    internal XapiFailure? TakeFailure(string method) => Take(_failures, method) is { } order ? new XapiFailure(order.Code, order.Parameters) : null;

    internal long? TakeDownloadCut()
    {
        lock (_gate)
            return _downloads.TryDequeue(out var atByte) ? atByte : null;
    }

    internal bool TakeDrop(string method) => Take(_drops, method) is not null;

    internal TimeSpan DelayOf(string method)
    {
        lock (_gate)
            return _delays.TryGetValue(method, out var delay) ? delay : TimeSpan.Zero;
    }

    internal UploadFault? TakeUpload()
    {
        lock (_gate)
            return _uploads.TryDequeue(out var fault) ? fault : null;
    }

    internal string? TakeScreen() => Interlocked.Exchange(ref _screen, null);

    internal bool TakeExpiry() => Volatile.Read(ref _expiry) > 0 && Interlocked.Decrement(ref _expiry) == 0;

    private void Add(UploadFault fault)
    {
        lock (_gate)
            _uploads.Enqueue(fault);
    }

    private void Add(List<Order> orders, Order order)
    {
        lock (_gate)
            orders.Add(order);
    }

    private Order? Take(List<Order> orders, string method)
    {
        lock (_gate)
        {
            var order = orders.FirstOrDefault(o => o.Method == "*" || o.Method == method);
            if (order is null || order.Skip-- > 0)
                return null;
            if (--order.Times == 0)
                orders.Remove(order);
            return order;
        }
    }

    internal enum UploadFaultKind
    {
        Cut,
        Fail,
        Stall,
        Redirect,
    }

    internal sealed record UploadFault(long AtByte, UploadFaultKind Kind, string Detail);

    private sealed class Order(string method, string code, string[] parameters, int skip, int times)
    {
        public string Method { get; } = method;

        public string Code { get; } = code;

        public string[] Parameters { get; } = parameters;

        public int Skip { get; set; } = skip;

        public int Times { get; set; } = times;
    }
}
