using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using VmDeploy.Simulator.Esxi;
using VmDeploy.Simulator.Xapi;
using VmDeploy.Tests.Support;
using VmDeploy.Tests.Vmdk;
using VmDeploy.Tests.Vsphere;
using VmDeploy.Tests.Xapi;
using VmDeploy.Transfer;
using VmDeploy.Vsphere;
using VmDeploy.Xapi;
using Xunit;

namespace VmDeploy.Tests.Transfer;

/// <summary>Connections to a host, for calls and uploads, and what a hostile server can't do.</summary>
public sealed class ConnectorTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Calls_and_the_raw_upload_go_through_the_proxy()
    {
        using var proxy = new ConnectProxy("me:pass word");
        var raw = DiskImages.Mixed(2 << 20, 1);
        await using var server = await SimulatedXenServer.StartAsync(
            via: options => options with { Proxy = proxy.Settings(new NetworkCredential("me", "pass word")) });
        var calls = proxy.Targets.Count;
        Assert.NotEqual(0, calls);
        await server.ImportAsync(Package(raw));
        Assert.Empty(server.Failures);
        SimulatedXenServer.AssertHolds(server["inside"].Drives[0].LocalPath!, raw);
        Assert.True(proxy.Targets.Count > calls);
        Assert.All(proxy.Targets, target => Assert.Equal($"127.0.0.1:{server.Simulator.HttpsPort}", target));
    }

    [Fact]
    public async Task A_proxy_that_is_to_be_bypassed_is()
    {
        using var proxy = new ConnectProxy();
        var settings = proxy.Settings();
        settings.BypassList = ["127\\.0\\.0\\.1"];
        await using var server = await SimulatedXenServer.StartAsync(via: options => options with { Proxy = settings });
        await server.ImportAsync(Package(DiskImages.Mixed(1 << 20, 1)));
        Assert.Empty(server.Failures);
        Assert.Empty(proxy.Targets);
    }

    [Fact]
    public async Task A_proxy_that_refuses_is_named_to_calls_and_connections_alike()
    {
        using var proxy = new ConnectProxy("me:secret");
        await using var host = await EsxiSimulator.StartAsync();
        var options = SimulatedHost.OptionsOf(host) with { Proxy = proxy.Settings() };
        var call = await Assert.ThrowsAnyAsync<VmDeployException>(() => VsphereSession.ConnectAsync(options, NullLogger.Instance, CancellationToken.None));
        Assert.Equal("ProxyRefused", call.Code.Id);
        using var connector = new Connector(options, NullLogger.Instance);
        var raw = await Assert.ThrowsAsync<VmDeployException>(() => connector.OpenAsync(options.BaseAddress, CancellationToken.None));
        Assert.Equal("ProxyRefused", raw.Code.Id);
        Assert.Contains("407", raw.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task IPv6_and_every_address_of_a_name_are_tried()
    {
        Requires.Allowed(Socket.OSSupportsIPv6, "IPv6", "enable it in the kernel");
        foreach (var (listening, name) in new[] { (IPAddress.IPv6Loopback, "::1"), (IPAddress.Loopback, "localhost"), (IPAddress.Loopback, "127.0.0.1") })
        {
            using var server = new HostileServer((_, stream) => stream.WriteAsync(HostileServer.Reply("x")).AsTask(), listening);
            var options = server.Options with { Server = name };
            using var connector = new Connector(options, NullLogger.Instance);
            using var connection = await connector.OpenAsync(options.BaseAddress, CancellationToken.None);
            await connection.Stream.WriteAsync("GET / HTTP/1.1\r\n\r\n"u8.ToArray());
            Assert.Equal(200, (await ResponseHead.ReadAsync(connection.Stream)).Status);
        }
    }

    [Fact]
    public async Task A_connection_is_refused_timed_out_and_cancelled_in_its_own_words()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var options = new ConnectOptions("127.0.0.1", new NetworkCredential("root", "x")) { Port = ((IPEndPoint)silent.LocalEndpoint).Port };
        using var connector = new Connector(options, NullLogger.Instance);
        // It accepts the connection, but does not use TLS.
        using var cancel = new CancellationTokenSource();
        var opening = connector.OpenAsync(options.BaseAddress, cancel.Token);
        using var accepted = await silent.AcceptSocketAsync();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => opening.WaitAsync(TimeSpan.FromSeconds(10)));

        using var closed = new ClosedPort();
        Assert.Equal("HostUnreachable", (await Assert.ThrowsAsync<VmDeployException>(() => connector.OpenAsync((options with { Port = closed.Number }).BaseAddress, CancellationToken.None))).Code.Id);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Connecting_can_be_cancelled_until_the_host_has_the_login(bool isXenServer)
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var options = new ConnectOptions("127.0.0.1", new NetworkCredential("root", "x")) { Port = ((IPEndPoint)silent.LocalEndpoint).Port };
        using var cancel = new CancellationTokenSource();
        var connecting = isXenServer
            ? XapiSession.ConnectAsync(options, NullLogger.Instance, cancel.Token)
            : VsphereSession.ConnectAsync(options, NullLogger.Instance, cancel.Token);
        using var accepted = await silent.AcceptSocketAsync();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => connecting.WaitAsync(TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public async Task A_login_that_the_host_has_is_awaited_and_logged_out()
    {
        using var cancel = new CancellationTokenSource();
        using var server = new HostileServer(async (request, stream) =>
        {
            if (request.Contains("login_with_password", StringComparison.Ordinal))
                await cancel.CancelAsync();
            await stream.WriteAsync(HostileServer.Reply(Success("<string>OpaqueRef:1</string>")));
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => XapiSession.ConnectAsync(server.Options, NullLogger.Instance, cancel.Token));
        Assert.Contains(server.Requests, r => r.Contains("session.logout", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_host_that_forgets_every_session_at_once_ends_in_one_error(bool isXenServer)
    {
        var isForgetting = false;
        VmSession session;
        Func<int> logins;
        if (isXenServer)
        {
            var simulator = await XapiSimulator.StartAsync();
            session = await XapiSession.ConnectAsync(SimulatedXenServer.OptionsOf(simulator) with { WrapHandler = inner => new Forgetful(inner, () => { if (isForgetting) simulator.Faults.ExpireSessions(); }) }, NullLogger.Instance, CancellationToken.None);
            logins = () => simulator.Calls.Count(c => c.Method == "session.login_with_password");
        }
        else
        {
            var simulator = await EsxiSimulator.StartAsync();
            session = await VsphereSession.ConnectAsync(SimulatedHost.OptionsOf(simulator) with { WrapHandler = inner => new Forgetful(inner, () => { if (isForgetting) simulator.Faults.ExpireSessions(); }) }, NullLogger.Instance, CancellationToken.None);
            logins = () => simulator.Requests.Count(r => r.Method == "Login");
        }
        isForgetting = true;
        try
        {
            for (var call = 0; call < 30; call++)
            {
                var error = await Assert.ThrowsAsync<VmDeployException>(() => session.PingAsync(CancellationToken.None));
                Assert.Equal("SessionNotKept", error.Code.Id);
            }
            Assert.InRange(logins(), 2, 30);
        }
        finally
        {
            isForgetting = false;
            await session.CloseAsync();
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_reply_without_end_is_cut_off_before_the_login(bool isCompressed)
    {
        byte[] zeros = new byte[1 << 20], bomb;
        using (var buffer = new MemoryStream())
        {
            using (var gzip = new GZipStream(buffer, CompressionLevel.Optimal))
            {
                for (var i = 0; i < 200; i++)
                    gzip.Write(zeros);
            }
            bomb = buffer.ToArray();
        }
        using var server = new HostileServer(async (_, stream) =>
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nConnection: close\r\n" + (isCompressed ? "Content-Encoding: gzip\r\n\r\n" : "\r\n<a>")));
            if (isCompressed)
                await stream.WriteAsync(bomb);
            else
                for (var i = 0; i < 200; i++)
                    await stream.WriteAsync(Encoding.ASCII.GetBytes(new string('x', 1 << 20)));
        });
        using var transport = new HttpTransport(server.Options, NullLogger.Instance);
        var error = await Assert.ThrowsAsync<VmDeployException>(async () =>
        {
            using var response = await transport.SendAsync(new HttpRequestMessage(HttpMethod.Get, "sdk"), TimeSpan.Zero, HttpTransport.MaxLoginReply, CancellationToken.None);
            using var body = await response.Content.ReadAsStreamAsync();
            await body.CopyToAsync(Stream.Null);
        });
        Assert.Equal("ReplyTooLarge", error.Code.Id);
    }

    [Theory]
    [InlineData("http://{0}", "from https to")]
    [InlineData("https://192.0.2.7", "not a host of the pool")]
    [InlineData("gopher://127.0.0.1", "not an http address")]
    public async Task An_upload_follows_no_redirect_out_of_the_pool_or_out_of_TLS(string location, string reason)
    {
        await using var server = await SimulatedXenServer.StartAsync(via: options => options with { Retries = new(new(1, TimeSpan.Zero, TimeSpan.Zero), new(1, TimeSpan.Zero, TimeSpan.Zero)) });
        using var elsewhere = new HostileServer((_, stream) => stream.WriteAsync(HostileServer.Reply("")).AsTask());
        server.Simulator.Faults.RedirectUpload(string.Format(System.Globalization.CultureInfo.InvariantCulture, location, $"127.0.0.1:{elsewhere.Port}"));
        await server.ImportAsync(Package(DiskImages.Mixed(1 << 20, 1)));
        var error = Assert.Single(server.Failures).Value;
        Assert.Equal("UploadRefused", error.Code.Id);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.Empty(elsewhere.Requests);
    }

    private OvaImportRequest Package(byte[] raw) =>
        new(new OvaBuilder { Disks = [new("disk1.vmdk", StreamVmdk.FromRaw(raw), raw.Length)] }.WriteOva(_folder)) { Names = ["inside"] };

    private static string Success(string value) =>
        $"<methodResponse><params><param><value><struct><member><name>Status</name><value>Success</value></member><member><name>Value</name><value>{value}</value></member></struct></value></param></params></methodResponse>";

    // Ends all sessions of the host before every request but the login.
    private sealed class Forgetful(HttpMessageHandler inner, Action forget) : DelegatingHandler(WireContract.Check(inner))
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            forget();
            return base.SendAsync(request, cancellationToken);
        }
    }
}
