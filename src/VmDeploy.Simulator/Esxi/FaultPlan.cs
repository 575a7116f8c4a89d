using VmDeploy.Simulator.Esxi.Schema;

namespace VmDeploy.Simulator.Esxi;

/// <summary>
/// The faults that a test has ordered. Each order is used up by the call that it hits;
/// orders of one kind are served in turn.
/// </summary>
public sealed class FaultPlan
{
    private readonly Lock _gate = new();
    private readonly List<MethodOrder> _methods = [];
    private readonly List<MethodOrder> _tasks = [];
    private readonly List<MethodOrder> _drops = [];
    private readonly Queue<long> _cuts = new();
    private readonly Queue<long> _downloadCuts = new();
    private readonly Queue<long> _full = new();
    private readonly Queue<long> _leases = new();
    private readonly Dictionary<string, TimeSpan> _delays = [];
    private readonly HashSet<(string Type, string Path)> _unreadable = [];
    private int _expiries;
    private int _questions;
    private int _unmerged;
    private int _screens;

    /// <summary>The link's rate in bytes per second, shared by all transfers; null for no limit.</summary>
    public long? BytesPerSecond { get; set; }

    /// <summary>Uploads to leases need a Content-Length; chunks are refused.</summary>
    public bool RequiresLength { get; set; }

    /// <summary>How long leases live without renewal, instead of the host's own time.</summary>
    public TimeSpan? LeaseTimeout { get; set; }

    /// <summary>What is wrong with the manifests of leases.</summary>
    public ManifestFault Manifest { get; set; }

    /// <summary>Raised when all sessions must expire.</summary>
    internal event Action? SessionsExpired;

    /// <summary>Raised when the certificate must change.</summary>
    internal event Action? CertificateSwapped;

    /// <summary>Cuts the connection of an upload after so many of its bytes.</summary>
    public void CutUpload(long atByte, int times = 1) => Add(_cuts, atByte, times);

    /// <summary>Cuts the connection of a download from a lease after so many of its bytes.</summary>
    public void CutDownload(long atByte, int times = 1) => Add(_downloadCuts, atByte, times);

    /// <summary>The datastore is full after so many bytes of an upload or a copy.</summary>
    public void FillDatastore(long atByte, int times = 1) => Add(_full, atByte, times);

    /// <summary>The lease goes to the state error after so many bytes of an upload.</summary>
    public void FailLease(long atByte = 0, int times = 1) => Add(_leases, atByte, times);

    /// <summary>The next power-on asks whether the VM was moved or copied, and waits for the answer.</summary>
    public void AskAtPowerOn(int times = 1) => Interlocked.Add(ref _questions, times);

    /// <summary>The next removal of a snapshot can't merge its disks, as when a backup holds them: the VM needs consolidation.</summary>
    public void KeepSnapshotDisks(int times = 1) => Interlocked.Add(ref _unmerged, times);

    /// <summary>The console of a VM is not available yet for the next requests for a picture.</summary>
    public void BreakScreen(int times = 1) => Interlocked.Add(ref _screens, times);

    /// <summary>The host does not serve <c>/screen</c>.</summary>
    public bool HasNoScreenPage { get; set; }

    /// <summary>Ends all sessions now; the next call of each is answered with NotAuthenticated.</summary>
    public void ExpireSessions() => SessionsExpired?.Invoke();

    /// <summary>Ends the session at the n-th call (1 is the next) that needs one.</summary>
    public void ExpireSessionAtCall(int call) => Interlocked.Exchange(ref _expiries, call);

    /// <summary>Shows another certificate on new connections.</summary>
    public void SwapCertificate() => CertificateSwapped?.Invoke();

    /// <summary>Answers calls of a method with a fault.</summary>
    /// <exception cref="ArgumentException">The schema has no such method or fault.</exception>
    /// <param name="method">Wire name, for example <c>PowerOnVM_Task</c>.</param>
    /// <param name="fault">Fault type, for example <c>InsufficientResourcesFault</c>.</param>
    /// <param name="message">Text of the fault; null for the usual one.</param>
    /// <param name="times">How many calls fail.</param>
    /// <param name="skip">How many calls succeed before.</param>
    public void FailMethod(string method, string fault, string? message = null, int times = 1, int skip = 0) =>
        Add(_methods, new(method, Known(fault), message, times, skip));

    /// <summary>Lets the task that a method starts end in an error.</summary>
    /// <inheritdoc cref="FailMethod"/>
    public void FailTask(string method, string fault, string? message = null, int times = 1, int skip = 0) =>
        Add(_tasks, new(method, Known(fault), message, times, skip));

    /// <summary>Executes calls of a method, but cuts the connection instead of answering.</summary>
    /// <inheritdoc cref="FailMethod"/>
    public void DropReply(string method, int times = 1, int skip = 0) =>
        Add(_drops, new(method, "", null, times, skip));

    /// <summary>Delays every reply of a method, or of all with <c>*</c>.</summary>
    public void DelayReply(string method, TimeSpan delay)
    {
        lock (_gate)
            _delays[method] = delay;
    }

    /// <summary>Makes a property unreadable, so that it is reported in missingSet.</summary>
    public void HideProperty(string type, string path)
    {
        lock (_gate)
            _unreadable.Add((type, path));
    }

    /// <summary>Cancels all remaining orders.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            LeaseTimeout = null;
            Manifest = ManifestFault.None;
            _methods.Clear();
            _tasks.Clear();
            _drops.Clear();
            _cuts.Clear();
            _downloadCuts.Clear();
            _full.Clear();
            _leases.Clear();
            _delays.Clear();
            _unreadable.Clear();
            _expiries = 0;
            _questions = 0;
            _unmerged = 0;
            _screens = 0;
            HasNoScreenPage = false;
            RequiresLength = false;
            BytesPerSecond = null;
        }
    }

    internal MethodOrder? TakeMethodFault(string method) => Take(_methods, method);

    internal MethodOrder? TakeTaskFault(string method) => Take(_tasks, method);

    internal bool TakeDrop(string method) => Take(_drops, method) is not null;

    internal long? TakeCut() => Take(_cuts);

    internal long? TakeDownloadCut() => Take(_downloadCuts);

    internal long? TakeFull() => Take(_full);

    internal long? TakeLease() => Take(_leases);

    internal bool TakeExpiry() => Volatile.Read(ref _expiries) > 0 && Interlocked.Decrement(ref _expiries) == 0;

    internal bool TakeQuestion() => Volatile.Read(ref _questions) > 0 && Interlocked.Decrement(ref _questions) >= 0;

    internal bool TakeUnmerged() => Volatile.Read(ref _unmerged) > 0 && Interlocked.Decrement(ref _unmerged) >= 0;

    internal bool TakeScreen() => Volatile.Read(ref _screens) > 0 && Interlocked.Decrement(ref _screens) >= 0;

    internal bool IsUnreadable(string type, string path)
    {
        lock (_gate)
            return _unreadable.Contains((type, path));
    }

    internal TimeSpan DelayOf(string method)
    {
        lock (_gate)
            return _delays.TryGetValue(method, out var delay) || _delays.TryGetValue("*", out delay) ? delay : TimeSpan.Zero;
    }

    private void Add<T>(Queue<T> orders, T order, int times)
    {
        lock (_gate)
        {
            for (var i = 0; i < times; i++)
                orders.Enqueue(order);
        }
    }

    private static string Known(string fault) => VimSchema.FindType(fault)?.Is("MethodFault") == true
        ? fault
        : throw new ArgumentException($"The schema has no fault '{fault}'.", nameof(fault));

    private void Add(List<MethodOrder> orders, MethodOrder order)
    {
        if (VimSchema.FindMethod(order.Method) is null)
            throw new ArgumentException($"The schema has no method '{order.Method}'.", nameof(order));
        lock (_gate)
            orders.Add(order);
    }

    private long? Take(Queue<long> orders)
    {
        lock (_gate)
            return orders.TryDequeue(out var order) ? order : null;
    }

    private MethodOrder? Take(List<MethodOrder> orders, string method)
    {
        lock (_gate)
        {
            var order = orders.FirstOrDefault(o => o.Method == method);
            if (order is null || order.Skip-- > 0)
                return null;
            if (--order.Times == 0)
                orders.Remove(order);
            return order;
        }
    }

    /// <summary>A fault that was ordered for a method.</summary>
    internal sealed class MethodOrder(string method, string fault, string? message, int times, int skip)
    {
        public string Method { get; } = method;

        public string Fault { get; } = fault;

        public string? Message { get; } = message;

        public int Times { get; set; } = times;

        public int Skip { get; set; } = skip;
    }
}
