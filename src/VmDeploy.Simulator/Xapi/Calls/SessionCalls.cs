namespace VmDeploy.Simulator.Xapi;

/// <summary>Logins and sessions.</summary>
internal sealed class SessionCalls
{
    private readonly XapiHost _host;

    public SessionCalls(XapiHost host)
    {
        _host = host;
        host.Faults.SessionsExpired += EndAll;
        host.On("host.get_server_certificate", call => host.ServerCertificate());
        host.On("session.logout", call => host.Database.Destroy(call.Session));
    }

    /// <summary>Logs in.</summary>
    /// <param name="arguments">Name, password, version and originator.</param>
    /// <param name="isRoot">The call came over the Unix socket, where any name and password are root's.</param>
    public string Login(IReadOnlyList<object?> arguments, bool isRoot)
    {
        if (_host.Faults.TakeFailure("session.login_with_password") is { } ordered)
            throw ordered;
        if (!isRoot && !(_host.Options.UserName.Equals(arguments[0]) && _host.Options.Password.Equals(arguments[1])))
            throw new XapiFailure("SESSION_AUTHENTICATION_FAILED", (string)arguments[0]!, "Authentication failure");
        lock (_host.Database.Gate)
        {
            var open = _host.Database.All("session").ToList();
            foreach (var oldest in open.OrderBy(s => (DateTime)s.Fields["last_active"]).Take(open.Count + 1 - _host.Options.MaxSessions))
                _host.Database.Destroy(oldest);
            return _host.Database.Create("session",
                ("this_host", _host.World.Host.Ref),
                ("is_local_superuser", true),
                ("last_active", DateTime.UtcNow),
                ("originator", arguments[3] ?? ""),
                ("pool", true)).Ref;
        }
    }

    /// <summary>The session of a call; SESSION_INVALID if it is none or has ended.</summary>
    public XapiObject Find(object handle)
    {
        if (_host.Faults.TakeExpiry())
            EndAll();
        var session = handle is string text ? _host.Database.Find(text) : null;
        if (session is not { Class: "session" })
            throw new XapiFailure("SESSION_INVALID", $"{handle}");
        if (DateTime.UtcNow - (DateTime)session.Fields["last_active"] > _host.Options.SessionTimeout)
        {
            _host.Database.Destroy(session);
            throw new XapiFailure("SESSION_INVALID", session.Ref);
        }
        // Not a change for an event.
        session.Fields["last_active"] = DateTime.UtcNow;
        return session;
    }

    /// <summary>The session of an HTTP handler's query. It can be missing over the Unix socket, where a handler needs none.</summary>
    public bool TryFind(IReadOnlyDictionary<string, string> query, bool isRoot, out XapiObject? session)
    {
        session = null;
        if (isRoot && !query.ContainsKey("session_id"))
            return true;
        try
        {
            session = Find(query.GetValueOrDefault("session_id", ""));
            return true;
        }
        catch (XapiFailure)
        {
            return false;
        }
    }

    private void EndAll()
    {
        lock (_host.Database.Gate)
        {
            foreach (var session in _host.Database.All("session").ToList())
                _host.Database.Destroy(session);
        }
    }
}
