using System;
using System.Collections.Generic;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.AspNetCore.Http;
using VmDeploy.Simulator.Http;

namespace VmDeploy.Simulator.Esxi;

/// <summary>
/// An ESXi host or a vCenter on loopback, stricter than the real ones where the facts leave room.
/// It keeps every byte that is sent to it.
/// </summary>
public sealed class EsxiSimulator : IRunningSimulator
{
    private readonly bool _ownsData;
    private SimulatorCertificate _certificate;
    private LoopbackServer? _server;

    private EsxiSimulator(EsxiSimulatorOptions options)
    {
        Options = options;
        _ownsData = options.DataFolder is null;
        DataFolder = Path.GetFullPath(options.DataFolder ?? Directory.CreateTempSubdirectory("esxi-simulator-").FullName);
        _certificate = new SimulatorCertificate("localhost.localdomain");
        Faults.CertificateSwapped += () => _certificate = new SimulatorCertificate("somebody.else");
    }

    /// <summary>How it was set up.</summary>
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

    /// <summary>Holds a folder for each datastore.</summary>
    public string DataFolder { get; }

    /// <summary>What is to go wrong.</summary>
    public FaultPlan Faults { get; } = new();

    /// <summary>The VMs, in the order of their making.</summary>
    public IReadOnlyList<SimulatedVm> Vms => [];

    /// <summary>The last SOAP requests, oldest first.</summary>
    public IReadOnlyList<RecordedRequest> Requests => [];

    /// <summary>Logged-in sessions.</summary>
    public int OpenSessions => 0;

    /// <summary>Import leases that are neither completed nor aborted nor dead.</summary>
    public int OpenLeases => 0;

    /// <summary>Bytes received in bodies of uploads (lease and /folder) since the start.</summary>
    public long BytesUploaded => 0;

    /// <summary>Starts it and returns once it answers.</summary>
    public static async Task<EsxiSimulator> StartAsync(EsxiSimulatorOptions? options = null, CancellationToken cancellationToken = default)
    {
        var simulator = new EsxiSimulator(options ?? new());
        TlsListener[] tls = [new(simulator.Options.HttpsPort, () => simulator._certificate)];
        simulator._server = await LoopbackServer.StartAsync(simulator.Options.HttpPort, tls, simulator.AnswerAsync, cancellationToken);
        return simulator;
    }

    /// <summary>The file on this machine of a datastore path such as <c>[datastore1] dir/file.vmdk</c>.</summary>
    public string LocalPath(string datastorePath) => throw new NotImplementedException(datastorePath);

    /// <summary>Datastore paths of all files on all datastores, sorted.</summary>
    public IReadOnlyList<string> DatastoreFiles() => [];

    /// <inheritdoc/>
    public IEnumerable<string> Describe()
    {
        var name = Options.Mode == EsxiMode.VCenter ? "vCenter" : "ESXi";
        yield return $"{name} {Url}sdk  (plain http: {HttpUrl}sdk)";
        yield return $"  login      {UserName} / {Password}";
        yield return $"  SHA-256    {Thumbprint}";
        yield return $"  SHA-1      {ThumbprintSha1}";
        yield return $"  datastores {DataFolder}";
    }

    /// <summary>Stops it at once; open connections are cut.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        _certificate.Dispose();
        if (_ownsData)
            Directory.Delete(DataFolder, recursive: true);
    }

    private Task AnswerAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }
}
