using VmDeploy.Simulator.Http;

namespace VmDeploy.Simulator.Xapi;

/// <summary>
/// A XenServer on loopback: XML-RPC, events, tasks and raw imports. Every call is checked against the official datamodel,
/// and every byte of a disk is stored.
/// </summary>
public sealed class XapiSimulator : IRunningSimulator
{
    private const int MaxRequest = 300 * 1024;

    private readonly bool _ownsData;
    private readonly SimulatorCertificate _certificate;
    private readonly Queue<RecordedCall> _calls = new();
    private LoopbackServer? _server;

    private XapiSimulator(XapiSimulatorOptions options)
    {
        Options = options;
        _ownsData = options.DataFolder is null;
        DataFolder = Path.GetFullPath(options.DataFolder ?? Directory.CreateTempSubdirectory("xapi-simulator-").FullName);
        Directory.CreateDirectory(DataFolder);
        _certificate = new SimulatorCertificate("xenserver-sim");
        RequestFaults = new RequestFaults(RefuseAsync, Faults.ExpireSessions);
        Host = new XapiHost(options, Faults, new VdiFiles(DataFolder))
        {
            ServerCertificate = _certificate.X509.ExportCertificatePem,
        };
    }

    /// <summary>Its options.</summary>
    public XapiSimulatorOptions Options { get; }

    /// <summary>The address that it listens on.</summary>
    public string Server => Options.Address;

    /// <summary>The https port.</summary>
    public int HttpsPort => _server!.HttpsPorts[0];

    /// <summary>The plain http port.</summary>
    public int HttpPort => _server!.HttpPort;

    /// <summary>https address of the host.</summary>
    public Uri Url => new($"https://{Server}:{HttpsPort}/");

    /// <summary>Plain http address of the host.</summary>
    public Uri HttpUrl => new($"http://{Server}:{HttpPort}/");

    /// <summary>SHA-256 of the certificate, 64 hex digits.</summary>
    public string Thumbprint => _certificate.Sha256;

    /// <summary>SHA-1 of the certificate, 40 hex digits.</summary>
    public string ThumbprintSha1 => _certificate.Sha1;

    /// <summary>Account name.</summary>
    public string UserName => Options.UserName;

    /// <summary>Account password.</summary>
    public string Password => Options.Password;

    /// <summary>Contains the disks' bytes.</summary>
    public string DataFolder { get; }

    /// <summary>The ordered faults.</summary>
    public XapiFaultPlan Faults { get; } = new();

    /// <summary>The imports and exports of disks that are open.</summary>
    public TransferGate Transfers => Host.Transfers;

    /// <summary>Faults for single requests of any kind.</summary>
    public RequestFaults RequestFaults { get; }

    /// <summary>Bytes received in bodies of imports since the start.</summary>
    public long BytesUploaded => Interlocked.Read(ref Host.BytesUploaded);

    /// <summary>The last calls, oldest first.</summary>
    public IReadOnlyList<RecordedCall> Calls
    {
        get
        {
            lock (_calls)
                return [.. _calls];
        }
    }

    /// <summary>Logged-in sessions.</summary>
    public int OpenSessions => Sessions.Count;

    /// <summary>References and uuids of the logged-in sessions, which no client may show.</summary>
    public IReadOnlyList<string> SessionSecrets => [.. Sessions.SelectMany(s => new[] { s.Ref, s.Uuid })];

    /// <summary>VMs, templates excluded, in the order of their creation.</summary>
    public IReadOnlyList<SimulatedXapiVm> Vms
    {
        get
        {
            lock (Host.Database.Gate)
                return [.. Host.Database.All("VM").Where(vm => !vm.Flag("is_control_domain") && !vm.Flag("is_a_template")).Select(vm => SimulatedXapiVm.From(Host, vm))];
        }
    }

    internal XapiHost Host { get; }

    /// <summary>Starts it and returns as soon as it answers.</summary>
    public static async Task<XapiSimulator> StartAsync(XapiSimulatorOptions? options = null, CancellationToken cancellationToken = default)
    {
        var simulator = new XapiSimulator(options ?? new());
        TlsListener[] tls = [new(simulator.Options.HttpsPort, () => simulator._certificate)];
        simulator._server = await LoopbackServer.StartAsync(simulator.Options.HttpPort, tls, http => simulator.RequestFaults.AnswerAsync(http, simulator.AnswerAsync), cancellationToken,
            simulator.Options.Address, next => connection => RawConnection.RunAsync(simulator, connection, next), simulator.Options.SocketPath);
        return simulator;
    }

    /// <summary>Every object of the classes that outlive a deployment, one line each, sorted: a failed deployment must not change them.</summary>
    public IReadOnlyList<string> Inventory()
    {
        string[] classes = ["VM", "VDI", "VBD", "VIF", "network", "PIF", "VLAN", "SR"];
        lock (Host.Database.Gate)
        {
            return [.. classes.SelectMany(Host.Database.All)
                .Select(o => $"{o.Class} {o.Uuid} {(o.Fields.TryGetValue("name_label", out var name) ? name : "")}".TrimEnd())
                .Order(StringComparer.Ordinal)];
        }
    }

    /// <summary>The file on this machine that holds a VDI's bytes.</summary>
    public string VdiPath(string uuid) => Host.Files.PathOf(uuid);

    /// <summary>Puts an ISO into the library; returns its uuid.</summary>
    public string AddIso(string name, byte[] content)
    {
        lock (Host.Database.Gate)
            return Host.World.AddIso(name, content).Uuid;
    }

    /// <inheritdoc/>
    public IEnumerable<string> Describe()
    {
        yield return $"XenServer {Url}  (HTTP: {HttpUrl})";
        yield return $"  login      {UserName} / {Password}";
        yield return $"  SHA-256    {Thumbprint}";
        yield return $"  SHA-1      {ThumbprintSha1}";
        yield return $"  disks      {DataFolder}";
    }

    /// <summary>Stops it at once; open connections are cut.</summary>
    public async ValueTask DisposeAsync()
    {
        Host.Dispose();
        if (_server is not null)
            await _server.DisposeAsync();
        _certificate.Dispose();
        if (_ownsData)
            Directory.Delete(DataFolder, recursive: true);
    }

    internal void Record(RecordedCall call)
    {
        lock (_calls)
        {
            _calls.Enqueue(call);
            if (_calls.Count > Options.CallsKept)
                _calls.Dequeue();
        }
    }

    private static async Task RefuseAsync(HttpContext http)
    {
        http.Response.ContentType = "text/xml";
        await http.Response.Body.WriteAsync(XmlRpc.WriteFailure(["INTERNAL_ERROR", "refused by order"]));
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var path = context.Request.Path.Value;
        if (path == "/import_raw_vdi" && context.Request.Method == "PUT")
        {
            // On a connection with earlier calls; without a length the end of the body is not known.
            await AnswerImportAsync(context);
            return;
        }
        if (path == "/vncsnapshot" && context.Request.Method == "GET")
        {
            await Screen.AnswerAsync(Host, context);
            return;
        }
        if (context.Request.Method != "POST" || path is not ("/" or "/RPC2" or "/jsonrpc"))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }
        if (await ReadBodyAsync(context) is not { } body)
        {
            context.Abort();
            return;
        }
        IRpcCall call;
        try
        {
            call = path == "/jsonrpc" ? new JsonRpcCall(body) : new XmlRpcCall(body);
        }
        catch (FormatException e)
        {
            context.Response.StatusCode = path == "/jsonrpc" ? StatusCodes.Status500InternalServerError : StatusCodes.Status200OK;
            context.Response.ContentType = path == "/jsonrpc" ? "text/html" : "text/xml";
            await context.Response.Body.WriteAsync(path == "/jsonrpc" ? System.Text.Encoding.UTF8.GetBytes(e.Message) : XmlRpc.WriteFault(e.Message));
            return;
        }
        if (path != "/jsonrpc")
            Options.Received?.Invoke(body);
        context.Response.ContentType = call.ContentType;
        byte[] reply;
        var recorded = new RecordedCall(call.Method, call.Method == "session.login_with_password" ? [.. call.Arguments.Select((a, i) => i == 1 ? "***" : a)] : call.Arguments) { Body = body };
        Record(recorded);
        try
        {
            using var gone = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, Host.Stopped);
            var isRoot = RootSocket.Is(context.Features);
            // Over the socket a pool member passes everything on to the master.
            var host = isRoot && Options.Master is { } master ? master.Host : Host;
            reply = call.Succeed(await host.AnswerAsync(call.Method, call.Arguments, isRoot, gone.Token));
        }
        catch (XapiFailure e)
        {
            recorded.Failure = e.Code;
            reply = call.Fail(e.Description);
        }
        catch (OperationCanceledException)
        {
            context.Abort();
            return;
        }
        await Task.Delay(Faults.DelayOf(recorded.Method), context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (Faults.TakeDrop(recorded.Method.Replace("Async.", "", StringComparison.Ordinal)))
        {
            context.Abort();
            return;
        }
        context.Response.ContentLength = reply.Length;
        await context.Response.Body.WriteAsync(reply);
    }

    private async Task AnswerImportAsync(HttpContext context)
    {
        var query = context.Request.Query.ToDictionary(q => q.Key, q => q.Value.ToString());
        Record(new RecordedCall("PUT import_raw_vdi", [query.Where(q => q.Key != "session_id").ToDictionary(q => q.Key, q => (object)q.Value)]));
        var encoding = context.Request.Headers.TransferEncoding;
        var reply = RawImport.Begin(Host, query, RootSocket.Is(context.Features), encoding.Count > 0 ? encoding.ToString() : null, context.Request.ContentLength);
        context.Response.StatusCode = int.Parse(reply.Status.AsSpan(0, 3), System.Globalization.CultureInfo.InvariantCulture);
        context.Response.Headers.Connection = "close";
        if (reply.Location is not null)
            context.Response.Headers.Location = $"{reply.Location}{context.Request.Path}{context.Request.QueryString}";
        await context.Response.StartAsync();
        if (reply.Import is not null)
            await reply.Import.ReceiveAsync(context.Request.Body, () => context.RequestAborted.IsCancellationRequested, context.RequestAborted);
    }

    private static async Task<byte[]?> ReadBodyAsync(HttpContext context)
    {
        if (context.Request.ContentLength > MaxRequest)
            return null;
        var body = new MemoryStream();
        var block = new byte[16 * 1024];
        int read;
        while ((read = await context.Request.Body.ReadAsync(block)) > 0)
        {
            body.Write(block, 0, read);
            if (body.Length > MaxRequest)
                return null;
        }
        return body.ToArray();
    }

    private List<XapiObject> Sessions
    {
        get
        {
            lock (Host.Database.Gate)
                return [.. Host.Database.All("session")];
        }
    }
}
