using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace VmDeploy.Simulator.Http;

/// <summary>A web server on loopback, with a plain port and TLS ports, no limits on bodies and no log.</summary>
internal sealed class LoopbackServer : IAsyncDisposable
{
    // A busy machine may let a client wait.
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(5);

    private readonly WebApplication _app;

    private LoopbackServer(WebApplication app, int httpPort, IReadOnlyList<int> httpsPorts)
    {
        _app = app;
        HttpPort = httpPort;
        HttpsPorts = httpsPorts;
    }

    public int HttpPort { get; }

    /// <summary>In the order of the listeners.</summary>
    public IReadOnlyList<int> HttpsPorts { get; }

    /// <param name="httpPort">0 for one that the system chooses.</param>
    /// <param name="tls">TLS ports, each with its certificate for new connections.</param>
    /// <param name="handler">Answers every request.</param>
    /// <param name="cancellationToken">Stops the start.</param>
    /// <param name="address">A loopback address.</param>
    /// <param name="connections">Sees each connection, decrypted, before its first request is read.</param>
    /// <param name="socketPath">A Unix socket to listen on as well; its connections have the feature <see cref="RootSocket"/>.</param>
    public static async Task<LoopbackServer> StartAsync(
        int httpPort, IReadOnlyList<TlsListener> tls, RequestDelegate handler, CancellationToken cancellationToken,
        string address = "127.0.0.1", Func<ConnectionDelegate, ConnectionDelegate>? connections = null, string? socketPath = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.AllowSynchronousIO = true;
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Limits.MaxRequestBufferSize = 4 << 20;
            kestrel.Limits.RequestHeadersTimeout = s_patience;
            kestrel.Limits.KeepAliveTimeout = s_patience;
            kestrel.Listen(IPAddress.Parse(address), httpPort, listen =>
            {
                listen.Protocols = HttpProtocols.Http1;
                if (connections is not null)
                    listen.Use(connections);
            });
            foreach (var listener in tls)
            {
                kestrel.Listen(IPAddress.Parse(address), listener.Port, listen =>
                {
                    listen.Protocols = HttpProtocols.Http1;
                    listen.UseHttps(https =>
                    {
                        https.HandshakeTimeout = s_patience;
                        https.ServerCertificateSelector = (_, _) => listener.Certificate().X509;
                    });
                    if (connections is not null)
                        listen.Use(connections);
                });
            }
            if (socketPath is not null)
            {
                kestrel.ListenUnixSocket(socketPath, listen =>
                {
                    listen.Protocols = HttpProtocols.Http1;
                    listen.Use(next => connection =>
                    {
                        RootSocket.Mark(connection.Features);
                        return next(connection);
                    });
                    if (connections is not null)
                        listen.Use(connections);
                });
            }
        });

        var app = builder.Build();
        app.Run(handler);
        await app.StartAsync(cancellationToken);

        var ports = app.Services.GetRequiredService<IServer>().Features
            .Get<IServerAddressesFeature>()!.Addresses
            .Where(a => !a.StartsWith("http://unix:", StringComparison.Ordinal)).Select(a => new Uri(a).Port).ToList();
        return new(app, ports[0], ports[1..]);
    }

    public async ValueTask DisposeAsync()
    {
        // Open uploads and waits are cut at once, as when a host loses power.
        using var now = new CancellationTokenSource(0);
        try
        {
            await _app.StopAsync(now.Token);
        }
        catch (OperationCanceledException)
        {
        }
        await _app.DisposeAsync();
    }
}

/// <summary>A TLS port.</summary>
/// <param name="Port">0 for one that the system chooses.</param>
/// <param name="Certificate">The certificate for new connections.</param>
internal sealed record TlsListener(int Port, Func<SimulatorCertificate> Certificate);
