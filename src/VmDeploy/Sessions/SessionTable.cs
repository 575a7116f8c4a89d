using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;
using System.Threading;
using System.Threading.Tasks;

namespace VmDeploy.PowerShell;

/// <summary>The open sessions of one runspace. A session may be used in others, but only its own has it as a default.</summary>
internal sealed class SessionTable
{
    private static readonly ConditionalWeakTable<Runspace, SessionTable> s_tables = new();
    private static readonly TimeSpan s_closeLimit = TimeSpan.FromSeconds(5);
    private static int s_lastId;

    private readonly List<VmSession> _sessions = [];

    private SessionTable(Runspace runspace) => runspace.StateChanged += (_, change) =>
    {
        // A PowerShell that exits without Disconnect must not use up the host's limited sessions.
        if (change.RunspaceStateInfo.State is RunspaceState.Closing or RunspaceState.Broken)
            CloseAll();
    };

    /// <summary>The table of the calling thread's runspace; for the pipeline thread.</summary>
    public static SessionTable Current => s_tables.GetValue(Runspace.DefaultRunspace, runspace => new SessionTable(runspace));

    /// <summary>The sessions that are open, oldest first.</summary>
    public IReadOnlyList<VmSession> Open
    {
        get
        {
            lock (_sessions)
            {
                _sessions.RemoveAll(session => !session.IsOpen);
                return [.. _sessions];
            }
        }
    }

    /// <summary>Takes a new session in and numbers it; numbers are unique in the process.</summary>
    public void Add(VmSession session)
    {
        session.Id = Interlocked.Increment(ref s_lastId);
        lock (_sessions)
            _sessions.Add(session);
    }

    /// <summary>The session to use: the given one, else the only one.</summary>
    public VmSession Resolve(VmSession? given)
    {
        if (given is null)
            return ResolveDefault(_ => true);
        return given.IsOpen ? given : throw new VmDeployException(ErrorCodes.SessionClosed, $"The session {given} is closed.", given);
    }

    /// <summary>The only open session of a kind.</summary>
    public VmSession ResolveDefault(Func<VmSession, bool> isOfKind)
    {
        var open = Open.Where(isOfKind).ToList();
        var names = string.Join(", ", open.Select(session => $"{session.Id}: {session}:{session.Port}"));
        return open.Count switch
        {
            1 => open[0],
            0 => throw new VmDeployException(ErrorCodes.NoSession, Open.Any() ? "No session of this kind is open." : "No session is open."),
            _ => throw new VmDeployException(ErrorCodes.AmbiguousSession,
                $"{open.Count} sessions are open ({names}) and none was named.", names),
        };
    }

    /// <summary>Logs all sessions out, at the same time. A host that is gone is no error, and one that is slow holds up nobody's exit.</summary>
    public void CloseAll()
    {
        using var limit = new CancellationTokenSource(s_closeLimit);
        var closing = Open.Select(session => Task.Run(() => session.CloseAsync(limit.Token), CancellationToken.None)).ToArray();
        try
        {
            Task.WaitAll(closing);
        }
        catch (AggregateException)
        {
            // The host ends what was not logged out when it has been idle long enough.
        }
    }
}
