using System.Text;

namespace VmDeploy.Simulator.Esxi.Sessions;

/// <summary>The open sessions by their cookies.</summary>
internal sealed class SessionTable(TimeSpan idleTimeout)
{
    public const string CookieName = "vmware_soap_session";

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Session> _sessions = new(StringComparer.Ordinal);

    public IReadOnlyList<Session> All
    {
        get
        {
            lock (_gate)
            {
                DropIdle();
                return [.. _sessions.Values];
            }
        }
    }

    public Session Open(string userName)
    {
        var session = new Session(userName);
        lock (_gate)
            _sessions.Add(session.Cookie, session);
        return session;
    }

    public void Close(Session session)
    {
        lock (_gate)
            _sessions.Remove(session.Cookie);
        session.End();
    }

    public void CloseAll()
    {
        List<Session> all;
        lock (_gate)
        {
            all = [.. _sessions.Values];
            _sessions.Clear();
        }
        all.ForEach(s => s.End());
    }

    /// <summary>Whether a plain request carries the cookie of a session, or name and password.</summary>
    public bool Admits(HttpRequest request, EsxiSimulatorOptions options)
    {
        if (Find(request) is { } session)
        {
            session.BeginCall();
            session.EndCall();
            return true;
        }
        return request.Headers.Authorization == "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{options.UserName}:{options.Password}"));
    }

    /// <summary>The session whose cookie the request carries, or null.</summary>
    public Session? Find(HttpRequest request)
    {
        foreach (var header in request.Headers.Cookie)
        {
            foreach (var pair in (header ?? "").Split(';'))
            {
                var equals = pair.IndexOf('=', StringComparison.Ordinal);
                if (equals > 0 && pair[..equals].Trim() == CookieName)
                    return Find(pair[(equals + 1)..].Trim().Trim('"'));
            }
        }
        return null;
    }

    /// <summary>The Set-Cookie header, which keeps the quotes that hosts send.</summary>
    public static string SetCookie(Session session, bool secure) =>
        $"{CookieName}=\"{session.Cookie}\"; Path=/; HttpOnly;{(secure ? " Secure;" : "")}";

    private Session? Find(string cookie)
    {
        lock (_gate)
        {
            DropIdle();
            return _sessions.GetValueOrDefault(cookie);
        }
    }

    private void DropIdle()
    {
        var limit = DateTime.UtcNow - idleTimeout;
        foreach (var session in _sessions.Values.Where(s => s.LastUsed < limit && s.CallsUnderWay == 0).ToList())
        {
            _sessions.Remove(session.Cookie);
            session.End();
        }
    }
}
