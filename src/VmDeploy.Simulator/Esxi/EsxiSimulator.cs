using VmDeploy.Simulator.Esxi.Core;
using VmDeploy.Simulator.Esxi.Datastores;
using VmDeploy.Simulator.Esxi.Import;
using VmDeploy.Simulator.Esxi.Inventory;
using VmDeploy.Simulator.Esxi.Soap;
using VmDeploy.Simulator.Esxi.Vms;
using VmDeploy.Simulator.Http;

namespace VmDeploy.Simulator.Esxi;

/// <summary>
/// An ESXi host or a vCenter on loopback, stricter than the real ones where their behaviour is not known.
/// It stores every byte that it receives.
/// </summary>
public sealed class EsxiSimulator : IRunningSimulator
{
    private readonly bool _ownsData;
    private readonly RequestLog _log;
    private readonly LinkLimiter _link;
    private readonly Upload _upload;
    private readonly SimulatorCertificate _hostCertificate = new("localhost.localdomain");
    private SimulatorCertificate _certificate;
    private LoopbackServer? _server;

    private EsxiSimulator(EsxiSimulatorOptions options)
    {
        Options = options;
        _ownsData = options.DataFolder is null;
        DataFolder = Path.GetFullPath(options.DataFolder ?? Directory.CreateTempSubdirectory("esxi-simulator-").FullName);
        _certificate = new SimulatorCertificate(options.Mode == EsxiMode.VCenter ? "vcenter.localdomain" : "localhost.localdomain");
        Host = new EsxiHost(options, Faults, DataFolder);
        _log = new RequestLog(options.RequestsKept);
        _link = new LinkLimiter(() => Faults.BytesPerSecond);
        _upload = new Upload(Faults, _link);
        RequestFaults = new RequestFaults(RefuseAsync, Faults.ExpireSessions);
        InventoryBuilder.Build(Host);
        Faults.CertificateSwapped += () => _certificate = new SimulatorCertificate("somebody.else");
    }

    /// <summary>Its options.</summary>
    public EsxiSimulatorOptions Options { get; }

    /// <summary>The address that it listens on.</summary>
    public string Server => "127.0.0.1";

    /// <summary>The https port of /sdk.</summary>
    public int HttpsPort => _server!.HttpsPorts[0];

    /// <summary>The plain http port of /sdk.</summary>
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

    /// <summary>Contains a folder for each datastore.</summary>
    public string DataFolder { get; }

    /// <summary>The ordered faults.</summary>
    public FaultPlan Faults { get; } = new();

    /// <summary>The transfers of leases that are open.</summary>
    public TransferGate Transfers => Host.Transfers;

    /// <summary>Faults for single requests of any kind.</summary>
    public RequestFaults RequestFaults { get; }

    internal EsxiHost Host { get; }

    /// <summary>The VMs, in the order of their creation.</summary>
    public IReadOnlyList<SimulatedVm> Vms
    {
        get
        {
            lock (Host.Gate)
                return [.. Host.All<VirtualMachine>().Select(VmPicture.Of)];
        }
    }

    /// <summary>The names of the vApps, in the order of their creation, with those of their VMs.</summary>
    public IReadOnlyList<string> VApps
    {
        get
        {
            lock (Host.Gate)
                return [.. Host.All<VirtualApp>().Select(app => $"{app.Name}: {string.Join(", ", app.AllMachines.Select(vm => vm.Name))}")];
        }
    }

    /// <summary>The last SOAP requests, oldest first.</summary>
    public IReadOnlyList<RecordedRequest> Requests => _log.All;

    /// <summary>Logged-in sessions.</summary>
    public int OpenSessions => Host.Sessions.All.Count;

    /// <summary>Cookies and keys of the logged-in sessions, which no client may show.</summary>
    public IReadOnlyList<string> SessionSecrets => [.. Host.Sessions.All.SelectMany(s => new[] { s.Cookie, s.Key })];

    /// <summary>Leases that are neither completed nor aborted nor dead.</summary>
    public int OpenLeases
    {
        get
        {
            lock (Host.Gate)
                return Host.All<HttpNfcLease>().Count(l => l.IsOpen);
        }
    }

    /// <summary>Bytes received in bodies of uploads (lease and /folder) since the start.</summary>
    public long BytesUploaded => _upload.TotalReceived;

    /// <summary>Starts it and returns as soon as it answers.</summary>
    public static async Task<EsxiSimulator> StartAsync(EsxiSimulatorOptions? options = null, CancellationToken cancellationToken = default)
    {
        var simulator = new EsxiSimulator(options ?? new());
        try
        {
            await simulator.ListenAsync(cancellationToken);
            return simulator;
        }
        catch
        {
            await simulator.DisposeAsync();
            throw;
        }
    }

    /// <summary>The file on this machine of a datastore path such as <c>[datastore1] dir/file.vmdk</c>.</summary>
    /// <exception cref="ArgumentException">No such datastore.</exception>
    public string LocalPath(string datastorePath)
    {
        ArgumentNullException.ThrowIfNull(datastorePath);
        try
        {
            lock (Host.Gate)
            {
                var center = Host.All<Datacenter>().FirstOrDefault(d => d.Datastores.Any(s => datastorePath.StartsWith($"[{s.Name}]", StringComparison.Ordinal)));
                return DatastorePath.Parse(datastorePath, center ?? Host.All<Datacenter>().First()).Local;
            }
        }
        catch (VimFault fault)
        {
            throw new ArgumentException(fault.Message, nameof(datastorePath), fault);
        }
    }

    /// <summary>Datastore paths of all files on all datastores, sorted.</summary>
    public IReadOnlyList<string> DatastoreFiles()
    {
        lock (Host.Gate)
        {
            var files =
                from store in Host.All<Datastore>()
                from file in Directory.EnumerateFiles(store.Root, "*", SearchOption.AllDirectories)
                select $"[{store.Name}] {Path.GetRelativePath(store.Root, file).Replace('\\', '/')}";
            return [.. files.Order(StringComparer.Ordinal)];
        }
    }

    /// <inheritdoc/>
    public IEnumerable<string> Describe()
    {
        var name = Options.Mode == EsxiMode.VCenter ? "vCenter" : "ESXi";
        yield return $"{name} {Url}sdk  (HTTP: {HttpUrl}sdk)";
        yield return $"  login      {UserName} / {Password}";
        yield return $"  SHA-256    {Thumbprint}";
        yield return $"  SHA-1      {ThumbprintSha1}";
        yield return $"  datastores {DataFolder}";
        if (Options.FaultEndpoint)
            yield return $"  faults     {HttpUrl}simulator/faults  (GET lists the faults that can be injected)";
    }

    /// <summary>Stops it at once; open connections are cut.</summary>
    public async ValueTask DisposeAsync()
    {
        Host.Stop();
        if (_server is not null)
            await _server.DisposeAsync();
        Host.Dispose();
        _certificate.Dispose();
        _hostCertificate.Dispose();
        if (_ownsData)
            await RemoveDataAsync();
    }

    private static async Task RefuseAsync(HttpContext http)
    {
        http.Response.StatusCode = StatusCodes.Status403Forbidden;
        if (!http.Request.Path.StartsWithSegments("/sdk"))
            return;
        http.Response.StatusCode = StatusCodes.Status500InternalServerError;
        http.Response.ContentType = "text/xml; charset=utf-8";
        await http.Response.Body.WriteAsync(SoapWriter.Fault(VimFault.Of("RuntimeFault", "Refused by order."), new()));
    }

    // A copy or an upload that was cut may still be removing its file.
    private async Task RemoveDataAsync()
    {
        for (var tries = 40; ; tries--)
        {
            try
            {
                Directory.Delete(DataFolder, recursive: true);
                return;
            }
            catch (IOException) when (tries > 0)
            {
                await Task.Delay(50);
            }
        }
    }

    private async Task ListenAsync(CancellationToken cancellationToken)
    {
        var endpoints = new Endpoints(Host, _log, _upload, _link);
        var listeners = new List<TlsListener> { new(Options.HttpsPort, () => _certificate) };
        if (Host.IsVCenter)
            listeners.Add(new(0, () => _hostCertificate));
        _server = await LoopbackServer.StartAsync(Options.HttpPort, listeners, http => RequestFaults.AnswerAsync(http, endpoints.AnswerAsync), cancellationToken);

        // Through vCenter the bytes go to a host, which has its own address and certificate.
        Host.TransferRoot = Host.IsVCenter ? $"https://{Server}:{_server.HttpsPorts[1]}/nfc/" : "https://*/ha-nfc/";
        if (Host.IsVCenter)
        {
            var thumbprint = Options.LongThumbprints ? _hostCertificate.Sha256 : _hostCertificate.Sha1;
            Host.TransferThumbprint = string.Join(':', thumbprint.Chunk(2).Select(pair => new string(pair)));
        }
    }
}
