namespace VmDeploy.Simulator.Xapi;

/// <summary>Checks calls against the datamodel, and executes them or forwards them.</summary>
internal sealed class XapiHost : IDisposable
{
    private delegate object? Now(XapiCall call);

    private delegate Task<object?> Later(XapiCall call);

    private readonly Dictionary<string, Now> _now = [];
    private readonly Dictionary<string, Later> _later = [];
    private readonly CancellationTokenSource _stopped = new();

    public XapiHost(XapiSimulatorOptions options, XapiFaultPlan faults, VdiFiles files)
    {
        Options = options;
        Faults = faults;
        Files = files;
        Database.Derive = (target, field) => AllowedOperations.Derive(this, target, field);
        Sessions = new SessionCalls(this);
        TaskCalls.Register(this);
        EventCalls.Register(this);
        NetworkCalls.Register(this);
        VdiCalls.Register(this);
        VbdCalls.Register(this);
        VmCalls.Register(this);
        PowerCalls.Register(this);
        SnapshotCalls.Register(this);
        lock (Database.Gate)
            World = new XapiWorld(this);
    }

    /// <summary>Counted by all imports at a time.</summary>
    public long BytesUploaded;

    public XapiSimulatorOptions Options { get; }

    public XapiFaultPlan Faults { get; }

    public TransferGate Transfers { get; } = new();

    public VdiFiles Files { get; }

    public XapiDatabase Database { get; } = new();

    public SessionCalls Sessions { get; }

    public XapiWorld World { get; }

    /// <summary>The certificate that the host shows, as PEM.</summary>
    public Func<string> ServerCertificate { get; init; } = () => "";

    /// <summary>Ends when the host stops.</summary>
    public CancellationToken Stopped => _stopped.Token;

    /// <summary>Executes a method under the database's lock.</summary>
    public void On(string method, Func<XapiCall, object?> action) => _now.Add(method, new Now(action));

    public void On(string method, Action<XapiCall> action) => On(method, call =>
    {
        action(call);
        return null;
    });

    /// <summary>Executes a long method, without the lock.</summary>
    public void OnLater(string method, Func<XapiCall, Task<object?>> action) => _later.Add(method, new Later(action));

    /// <summary>Answers a call.</summary>
    /// <exception cref="XapiFailure">As xapi would.</exception>
    public Task<object> AnswerAsync(string method, IReadOnlyList<object> arguments, CancellationToken cancellation) =>
        AnswerAsync(method, arguments, isRoot: false, cancellation);

    /// <summary>As above.</summary>
    /// <param name="method">The method.</param>
    /// <param name="arguments">With the session first.</param>
    /// <param name="isRoot">The call came over the Unix socket, where any name and password are root's.</param>
    /// <param name="cancellation">Ends with the connection.</param>
    public async Task<object> AnswerAsync(string method, IReadOnlyList<object> arguments, bool isRoot, CancellationToken cancellation)
    {
        var isAsync = method.StartsWith("Async.", StringComparison.Ordinal);
        var plain = isAsync ? method[6..] : method;
        var definition = Find(plain) ?? throw new XapiFailure("MESSAGE_METHOD_UNKNOWN", method);
        if (Options.MasterAddress is { } master && !isRoot)
            throw new XapiFailure("HOST_IS_SLAVE", master);
        var dot = plain.IndexOf('.', StringComparison.Ordinal);
        if (plain is "session.login_with_password")
            return isAsync ? throw new XapiFailure("MESSAGE_METHOD_UNKNOWN", method) : Sessions.Login(Check(definition, plain, arguments, 0), isRoot);

        if (arguments.Count == 0)
            throw WrongCount(definition, plain, 1, 0);
        XapiObject session;
        lock (Database.Gate)
            session = Sessions.Find(arguments[0]);
        var call = new XapiCall(this, session, plain[..dot], definition, Check(definition, plain, arguments.Skip(1).ToList(), 1), cancellation);
        if (isAsync)
        {
            lock (Database.Gate)
                return TaskCalls.Start(this, session, method, task => RunAsync(plain, call with { Cancellation = task }));
        }
        return await RunAsync(plain, call) ?? "";
    }

    public void Dispose()
    {
        _stopped.Cancel();
        _stopped.Dispose();
    }

    private async Task<object?> RunAsync(string method, XapiCall call)
    {
        if (Faults.TakeFailure(method) is { } ordered)
            throw ordered;
        if (_later.TryGetValue(method, out var later))
            return await later(call);
        lock (Database.Gate)
            return _now.TryGetValue(method, out var now) ? now(call) : GenericCalls.Answer(call);
    }

    private static XapiSchema.Method? Find(string method)
    {
        var dot = method.IndexOf('.', StringComparison.Ordinal);
        return dot > 0 && XapiSchema.Instance.Classes.TryGetValue(method[..dot], out var type) ? type.Calls.GetValueOrDefault(method[(dot + 1)..]) : null;
    }

    // The server counts the session as a parameter too.
    private static List<object?> Check(XapiSchema.Method definition, string method, IReadOnlyList<object> arguments, int before)
    {
        var parameters = definition.Parameters;
        if (arguments.Count > parameters.Count || parameters.Skip(arguments.Count).Any(p => p.IsRequired))
            throw WrongCount(definition, method, before, arguments.Count);
        return parameters.Select((p, i) => i < arguments.Count ? p.Type.FromWire(arguments[i], p.Name, XapiSchema.Instance) : null).ToList();
    }

    private static XapiFailure WrongCount(XapiSchema.Method definition, string method, int before, int given) =>
        new("MESSAGE_PARAMETER_COUNT_MISMATCH", method, $"{definition.Parameters.Count + before}", $"{given + before}");
}
