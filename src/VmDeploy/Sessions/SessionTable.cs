using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;

namespace VmDeploy.PowerShell;

/// <summary>The open sessions of one runspace. Other runspaces can use a session, but it is a default only in its own.</summary>
internal sealed class SessionTable
{
    private static readonly ConditionalWeakTable<Runspace, SessionTable> s_tables = new();
    // A console window that is closed gives its processes five seconds.
    private static readonly TimeSpan s_closeLimit = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan s_pendingLimit = TimeSpan.FromSeconds(3);
    private static int s_lastId;

    private readonly List<(VmSession Session, SessionKey Key)> _sessions = [];
    private readonly List<Task> _pending = [];
    private VmSession? _default;

    private SessionTable(Runspace runspace)
    {
        // A PowerShell that ends without Disconnect must not use up the host's sessions.
        var exit = ProcessExit.Register(CloseAll);
        runspace.StateChanged += (_, change) =>
        {
            if (change.RunspaceStateInfo.State is not (RunspaceState.Closing or RunspaceState.Broken))
                return;
            CloseAll();
            exit.Dispose();
        };
    }

    /// <summary>The table of the calling thread's runspace; for the pipeline thread.</summary>
    public static SessionTable Current => s_tables.GetValue(Runspace.DefaultRunspace, runspace => new SessionTable(runspace));

    /// <summary>The sessions that are open, oldest first.</summary>
    public IReadOnlyList<VmSession> Open => Connections.Select(entry => entry.Session).ToList();

    /// <summary>The sessions that are open, and how they were connected: a pool member refers to its master, which has another address.</summary>
    public IReadOnlyList<(VmSession Session, SessionKey Key)> Connections
    {
        get
        {
            lock (_sessions)
            {
                _sessions.RemoveAll(entry => entry.Session.IsClosed);
                return [.. _sessions.Where(entry => entry.Session.IsOpen)];
            }
        }
    }

    public VmSession? Default
    {
        get => _default is { IsOpen: true } session ? session : null;
        set => _default = value;
    }

    /// <summary>The open session to the same server, port and user, and how it was connected; null if there is none.</summary>
    public (VmSession Session, SessionKey Key)? Find(SessionKey key)
    {
        lock (_sessions)
        {
            var found = _sessions.FindLast(entry => entry.Session.IsOpen && entry.Key.IsSameEndpoint(key));
            return found.Session is null ? null : found;
        }
    }

    /// <summary>Adds a new session and numbers it; numbers are unique in the process.</summary>
    public void Add(VmSession session, SessionKey key)
    {
        session.Id = Interlocked.Increment(ref s_lastId);
        lock (_sessions)
            _sessions.Add((session, key));
    }

    /// <summary>Work that may still open a session or clean up: a connection that is being made, or a command that was stopped. It is awaited before the sessions are logged out.</summary>
    public void AddPendingWork(Task work)
    {
        lock (_pending)
        {
            _pending.RemoveAll(task => task.IsCompleted);
            _pending.Add(work);
        }
    }

    /// <summary>The session to use: the given one, otherwise the default or the only one.</summary>
    public VmSession Resolve(VmSession? given)
    {
        if (given is null)
            return ResolveDefault(_ => true);
        return given.IsOpen ? given : throw new VmDeployException(ErrorCodes.SessionClosed, $"The session {Describe([given])} is closed.", given);
    }

    /// <summary>The default session of a kind: the one that was made the default, otherwise the only open one.</summary>
    public VmSession ResolveDefault(Func<VmSession, bool> isOfKind)
    {
        if (FindDefault(isOfKind) is { } found)
            return found;
        var open = Open.Where(isOfKind).ToList();
        throw open.Count == 0
            ? new VmDeployException(ErrorCodes.NoSession, Open.Any() ? "No session of this kind is open." : "No session is open.")
            : new VmDeployException(ErrorCodes.AmbiguousSession,
                $"{open.Count} sessions are open ({Describe(open)}), none of them is the default, and none was chosen.", Describe(open));
    }

    /// <summary>The same, or null if there is none.</summary>
    public VmSession? FindDefault(Func<VmSession, bool> isOfKind) =>
        Default is { } chosen && isOfKind(chosen) ? chosen
        : Open.Where(isOfKind).ToList() is { Count: 1 } only ? only[0] : null;

    public static string Describe(IEnumerable<VmSession> sessions) =>
        string.Join(", ", sessions.Select(session => $"{session.Id}: {session}:{session.Port}"));

    /// <summary>
    /// Logs out all sessions, at the same time, after the clean-up that still runs in the background, and waits for logouts that others
    /// have begun. An unreachable host is not an error, and the exit takes a few seconds at most.
    /// </summary>
    public void CloseAll()
    {
        using var limit = new CancellationTokenSource(s_closeLimit);
        Task[] pending;
        lock (_pending)
            pending = [.. _pending];
        // The logouts need time too.
        Task.WaitAny([Task.WhenAll(pending)], s_pendingLimit);
        List<VmSession> sessions;
        lock (_sessions)
            sessions = _sessions.ConvertAll(entry => entry.Session);
        var closing = sessions.Select(session => Task.Run(() => session.CloseAsync(limit.Token), CancellationToken.None)).ToArray();
        try
        {
            Task.WaitAll(closing, limit.Token);
        }
        catch (Exception e) when (e is AggregateException or OperationCanceledException)
        {
            // The host ends the remaining sessions after its idle time-out.
        }
    }
}
