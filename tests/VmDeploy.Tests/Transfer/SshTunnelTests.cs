using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;
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

/// <summary>-ViaSsh, through a real sshd.</summary>
public sealed class SshTunnelTests : IAsyncLifetime, IDisposable
{
    private readonly TempFolder _folder = new();
    private SshServer? _ssh;

    public Task InitializeAsync() => Task.CompletedTask;

    public void Dispose() => _folder.Dispose();

    public async Task DisposeAsync()
    {
        if (_ssh is not null)
            await _ssh.DisposeAsync();
    }

    [SkippableFact]
    public async Task A_XenServer_is_used_through_it()
    {
        _ssh = await SshServer.StartAsync();
        var raw = DiskImages.Mixed(6 << 20, 1);
        await using (var server = await SimulatedXenServer.StartAsync(via: _ssh.Via))
        {
            Assert.Equal(SshServer.Alias, server.Session.Server);
            Assert.Equal($"{Environment.UserName}@{SshServer.Alias}", server.Session.ViaSsh);
            await server.ImportAsync(Package(raw));
            Assert.Empty(server.Failures);
            SimulatedXenServer.AssertHolds(server["inside"].Drives[0].LocalPath!, raw);
            Assert.Single(_ssh.Started);
            Assert.Single(_ssh.Running);
        }
        await _ssh.EndedAsync();
    }

    [SkippableTheory]
    [InlineData(EsxiMode.Esxi, 1)]
    // Its leases name the host behind it, which is another tunnel through the same ssh host.
    [InlineData(EsxiMode.VCenter, 2)]
    public async Task ESXi_and_vCenter_are_used_through_it(EsxiMode mode, int ways)
    {
        _ssh = await SshServer.StartAsync();
        var raw = DiskImages.Mixed(6 << 20, 1);
        var request = Package(raw) with { Datacenter = mode == EsxiMode.VCenter ? "ha-datacenter" : null };
        await using (var host = await SimulatedHost.StartAsync(new EsxiSimulatorOptions { Mode = mode }, _ssh.Via))
        {
            await host.ImportAsync(request);
            Assert.Empty(host.Failures);
            Assert.Single(host.Simulator.Vms, vm => vm.Name == "inside");
            Assert.Equal(StreamVmdk.FromRaw(raw).Length, host.Simulator.BytesUploaded);
            Assert.Equal(ways, _ssh.Started.Count);
            Assert.Equal(ways, _ssh.Running.Count);
        }
        await _ssh.EndedAsync();
    }

    [SkippableFact]
    public async Task Another_host_key_than_the_known_one_ends_it_in_the_words_of_ssh()
    {
        _ssh = await SshServer.StartAsync();
        _ssh.ForgeHostKey();
        var error = await RefusedAsync("SshFailed");
        Assert.Contains("Host key verification failed", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("debug1", error.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_key_that_the_SSH_host_does_not_take_ends_it_in_the_words_of_ssh()
    {
        _ssh = await SshServer.StartAsync();
        _ssh.ForgetUserKey();
        Assert.Contains("Permission denied", (await RefusedAsync("SshFailed")).Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task An_SSH_host_that_is_not_there_ends_it_in_the_words_of_ssh()
    {
        _ssh = await SshServer.StartAsync();
        await _ssh.StopListeningAsync();
        Assert.Contains("Connection refused", (await RefusedAsync("SshFailed")).Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Without_an_ssh_client_it_says_so()
    {
        _ssh = await SshServer.StartAsync();
        var error = await RefusedAsync("SshNotFound", options => options with { SshProgram = "no-such-ssh" });
        Assert.Contains("no-such-ssh", error.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_port_where_the_SSH_host_finds_nobody_is_told_from_the_tunnel()
    {
        _ssh = await SshServer.StartAsync();
        var error = await RefusedAsync("SshForwardRefused", options => options with { Port = 1 });
        Assert.Contains("localhost:1", error.Message, StringComparison.Ordinal);
        Assert.Contains("Connection refused", error.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_failed_login_leaves_no_ssh()
    {
        _ssh = await SshServer.StartAsync();
        await RefusedAsync("LoginFailed", options => options with { Credential = new NetworkCredential("root", "wrong") });
        Assert.Single(_ssh.Started);
    }

    [SkippableFact]
    public async Task The_certificate_is_checked_against_the_name_of_the_server()
    {
        _ssh = await SshServer.StartAsync();
        // The simulator's certificate is for localhost and 127.0.0.1, which is where the tunnel begins, too.
        var alias = await RefusedAsync("CertificateNotTrusted", options => options with { CertificateThumbprint = null });
        Assert.Contains("RemoteCertificateNameMismatch", alias.Message, StringComparison.Ordinal);
        Assert.Contains(SshServer.Alias, alias.Message, StringComparison.Ordinal);
        var localhost = await RefusedAsync("CertificateNotTrusted", options => options with { CertificateThumbprint = null, Server = "localhost" });
        Assert.DoesNotContain("RemoteCertificateNameMismatch", localhost.Message, StringComparison.Ordinal);
        await RefusedAsync("CertificateThumbprintMismatch", options => options with { CertificateThumbprint = new string('0', 64) });
    }

    [SkippableFact]
    public async Task A_tunnel_that_closes_in_the_middle_of_a_call_is_said_so_and_the_next_call_opens_it_again()
    {
        _ssh = await SshServer.StartAsync();
        // Without retries, which would open it again before the failure is visible.
        await using var host = await SimulatedHost.StartAsync(via: options => _ssh.Via(options) with { Retries = options.Retries with { Call = options.Retries.Call with { Attempts = 1 } } });
        host.Simulator.Faults.DelayReply("RetrievePropertiesEx", TimeSpan.FromSeconds(30));
        var calling = host.Session.PingAsync(CancellationToken.None);
        await Shell.UntilAsync(() => host.Simulator.Requests.Any(r => r.Xml.Contains("RetrievePropertiesEx", StringComparison.Ordinal)), "the host has the call");
        _ssh.BreakTunnels();
        var error = await Assert.ThrowsAsync<VmDeployException>(() => calling);
        Assert.Equal("SshTunnelClosed", error.Code.Id);
        Assert.Contains(SshServer.Alias, error.Message, StringComparison.Ordinal);

        host.Simulator.Faults.Clear();
        await host.Session.PingAsync(CancellationToken.None);
        Assert.Equal(2, _ssh.Started.Count);

        _ssh.BreakTunnels();
        await _ssh.StopListeningAsync();
        error = await Assert.ThrowsAsync<VmDeployException>(() => host.Session.PingAsync(CancellationToken.None));
        Assert.StartsWith("Ssh", error.Code.Id, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task An_interrupt_from_the_terminal_does_not_end_it()
    {
        _ssh = await SshServer.StartAsync();
        await using var host = await SimulatedHost.StartAsync(via: _ssh.Via);
        await Shell.RunAsync("/bin/sh", "-c", $"kill -INT {Assert.Single(_ssh.Running)}");
        await host.Session.PingAsync(CancellationToken.None);
        await host.Session.PingAsync(CancellationToken.None);
        Assert.Single(_ssh.Started);
    }

    [SkippableTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_import_outlives_a_tunnel(bool isXenServer)
    {
        _ssh = await SshServer.StartAsync();
        var raw = DiskImages.Mixed(24 << 20, 3);
        var request = Package(raw);
        var breaks = 0;
        var progress = new OnProgress(p =>
        {
            if (p.BytesDone > 0 && Interlocked.Increment(ref breaks) == 1)
                _ssh.BreakTunnels();
        });
        if (isXenServer)
        {
            await using var server = await SimulatedXenServer.StartAsync(via: _ssh.Via);
            await server.ImportAsync(request, progress);
            Assert.Empty(server.Failures);
            SimulatedXenServer.AssertHolds(server["inside"].Drives[0].LocalPath!, raw);
        }
        else
        {
            await using var host = await SimulatedHost.StartAsync(via: _ssh.Via);
            await host.ImportAsync(request, progress);
            Assert.Empty(host.Failures);
        }
        Assert.True(breaks > 0);
        Assert.True(_ssh.Started.Count > 1);
        await _ssh.EndedAsync();
    }

    [SkippableFact]
    public async Task A_pool_member_sends_to_its_master_through_it()
    {
        _ssh = await SshServer.StartAsync();
        await using var master = await XapiSimulator.StartAsync();
        await using var member = await XapiSimulator.StartAsync(new XapiSimulatorOptions { Address = "127.0.0.2", HttpsPort = master.HttpsPort, MasterAddress = "127.0.0.1" });
        var session = await XapiSession.ConnectAsync(
            _ssh.Via(SimulatedXenServer.OptionsOf(master)) with { Server = "127.0.0.2", SkipCertificateCheck = true, CertificateThumbprint = null },
            NullLogger.Instance, CancellationToken.None);
        Assert.Equal("127.0.0.1", session.Server);
        Assert.Equal(2, _ssh.Started.Count);
        Assert.Single(_ssh.Running);
        await session.CloseAsync();
        await _ssh.EndedAsync();
        Assert.Equal(0, master.OpenSessions);
    }

    [SkippableFact]
    public async Task Opening_the_way_to_one_address_holds_up_no_other()
    {
        _ssh = await SshServer.StartAsync();
        using var tunnel = new SshTunnel(Options(), Options().ViaSsh!, NullLogger.Instance);
        var open = new Uri("https://open.example");
        var endpoint = (await tunnel.RouteAsync(open, CancellationToken.None)).LocalEndpoint;
        Task<SshRoute>[] opening;
        using (_ssh.Hold())
        {
            opening = [.. Enumerable.Range(0, 4).Select(_ => tunnel.RouteAsync(new Uri("https://slow.example"), CancellationToken.None))];
            Assert.Equal(endpoint, (await tunnel.RouteAsync(open, CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(20))).LocalEndpoint);
            Assert.DoesNotContain(opening, o => o.IsCompleted);
        }
        Assert.Single((await Task.WhenAll(opening)).Select(r => r.LocalEndpoint).Distinct());
        Assert.Equal(2, _ssh.Started.Count);
    }

    [SkippableFact]
    public async Task Calls_that_are_refused_together_all_say_so_and_a_later_failure_is_not_laid_to_it()
    {
        _ssh = await SshServer.StartAsync();
        using var there = new ClosedPort();
        using var transport = new HttpTransport(Options() with { Port = there.Number }, NullLogger.Instance);
        foreach (var error in await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => FailAsync())))
            Assert.Equal("SshForwardRefused", error.Code.Id);

        // Now a server listens there, and closes the connection.
        var listener = there.Listen();
        var failing = FailAsync();
        while (!failing.IsCompleted)
        {
            var accepting = listener.AcceptAsync();
            if (await Task.WhenAny(accepting, failing) == accepting)
                (await accepting).Dispose();
        }
        Assert.Equal("TlsFailed", (await failing).Code.Id);
        Assert.Single(_ssh.Started);

        Task<VmDeployException> FailAsync() => Assert.ThrowsAsync<VmDeployException>(
            () => transport.SendAsync(new HttpRequestMessage(HttpMethod.Get, "/"), TimeSpan.Zero, HttpTransport.MaxReply, CancellationToken.None));
    }

    [SkippableFact]
    public async Task Opening_closing_and_reopening_are_logged()
    {
        _ssh = await SshServer.StartAsync();
        var log = new Lines();
        using var tunnel = new SshTunnel(Options(), Options().ViaSsh!, log);
        var address = new Uri("https://host.example");
        await tunnel.RouteAsync(address, CancellationToken.None);
        _ssh.BreakTunnels();
        await _ssh.EndedAsync();
        await tunnel.RouteAsync(address, CancellationToken.None);
        await tunnel.RouteAsync(address, CancellationToken.None);
        var via = $"{Environment.UserName}@{SshServer.Alias} to host.example";
        Assert.Equal(
            [
                $"SSH tunnel through {via} opened",
                $"The SSH tunnel through {via} had closed: it gave no reason",
                $"SSH tunnel through {via} reopened",
            ], log.All);
    }

    [SkippableFact]
    public async Task An_alias_behind_a_jump_host_is_used()
    {
        _ssh = await SshServer.StartAsync();
        _ssh.Configure($"Match originalhost {SshServer.Alias}\n  ProxyJump {Environment.UserName}@jump\n  ClearAllForwardings yes\nHost jump\n  HostName 127.0.0.1\n  Port {_ssh.Port}");
        await using (var host = await SimulatedHost.StartAsync(via: _ssh.Via))
        {
            await host.Session.PingAsync(CancellationToken.None);
            Assert.Single(_ssh.Started);
        }
        await _ssh.EndedAsync();
    }

    [SkippableFact]
    public async Task A_port_that_another_program_takes_first_is_not_connected_to()
    {
        _ssh = await SshServer.StartAsync();
        using var users = new TcpListener(IPAddress.Loopback, 0);
        users.Start();
        var free = ((IPEndPoint)users.LocalEndpoint).Port;
        users.Stop();
        // Another forward that does listen.
        _ssh.Configure($"LocalForward 127.0.0.1:{free} 127.0.0.1:1");
        using var tunnel = new SshTunnel(Options(), Options().ViaSsh!, NullLogger.Instance);
        Task<SshRoute> opening;
        TcpListener taken;
        int port;
        using (_ssh.Hold())
        {
            opening = tunnel.RouteAsync(new Uri("https://host.example"), CancellationToken.None);
            await Shell.UntilAsync(() => _ssh.Commands.Count == 1, "ssh was started");
            port = int.Parse(Regex.Match(_ssh.Commands[0], @"-L 127\.0\.0\.1:(\d+):").Groups[1].Value, CultureInfo.InvariantCulture);
            taken = new TcpListener(IPAddress.Loopback, port);
            try
            {
                taken.Start();
            }
            catch (SocketException)
            {
                // Another test was faster.
            }
        }
        using (taken)
            Assert.NotEqual(port, (await opening).LocalEndpoint.Port);
    }

    [SkippableFact]
    public async Task A_forward_of_the_users_whose_port_is_taken_does_not_hinder_it()
    {
        _ssh = await SshServer.StartAsync();
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        _ssh.Configure($"LocalForward {taken.LocalEndpoint} 127.0.0.1:1\nExitOnForwardFailure yes");
        await using var host = await SimulatedHost.StartAsync(via: _ssh.Via);
        await host.Session.PingAsync(CancellationToken.None);
        Assert.Single(_ssh.Started);
    }

    private ConnectOptions Options() => _ssh!.Via(new ConnectOptions("127.0.0.1", new NetworkCredential("root", "secret")) { SkipCertificateCheck = true });

    private OvaImportRequest Package(byte[] raw) =>
        new(new OvaBuilder { Disks = [new("disk1.vmdk", StreamVmdk.FromRaw(raw), raw.Length)] }.WriteOva(_folder)) { Names = ["inside"] };

    // A connection to an ESXi host that must fail, and leave nothing.
    private async Task<VmDeployException> RefusedAsync(string id, Func<ConnectOptions, ConnectOptions>? change = null)
    {
        await using var host = await EsxiSimulator.StartAsync();
        var options = _ssh!.Via(SimulatedHost.OptionsOf(host));
        var error = await Assert.ThrowsAnyAsync<VmDeployException>(
            () => VsphereSession.ConnectAsync(change?.Invoke(options) ?? options, NullLogger.Instance, CancellationToken.None));
        Assert.Equal(id, error.Code.Id);
        Assert.Equal(0, host.OpenSessions);
        await _ssh.EndedAsync();
        return error;
    }

    private sealed class Lines : ILogger
    {
        public List<string> All { get; } = [];

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            All.Add(formatter(state, exception));

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;
    }
}
