using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using VmDeploy.Simulator.Xapi;
using VmDeploy.Tests.Support;
using VmDeploy.Tests.Vmdk;
using VmDeploy.Tests.Xapi;
using VmDeploy.Transfer;
using VmDeploy.Xapi;
using Xunit;

namespace VmDeploy.Tests.Transfer;

/// <summary>SSH alone is enough on XenServer: a login at xapi's socket, through a real sshd.</summary>
public sealed class SocketLoginTests : IAsyncLifetime, IDisposable
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
    public async Task A_session_without_a_password_imports_and_is_renewed_and_no_end_is_left_open()
    {
        _ssh = await SshServer.StartAsync();
        var raw = DiskImages.Mixed(6 << 20, 1);
        await using (var server = await SimulatedXenServer.StartAsync(new XapiSimulatorOptions { SocketPath = _folder["xapi"], Password = "nobody knows" }, via: Without))
        {
            Assert.Equal("root", server.Session.UserName);
            await server.ImportAsync(new OvaImportRequest(new OvaBuilder { Disks = [new("disk1.vmdk", StreamVmdk.FromRaw(raw), raw.Length)] }.WriteOva(_folder)) { Names = ["inside"] });
            Assert.Empty(server.Failures);
            SimulatedXenServer.AssertHolds(server["inside"].Drives[0].LocalPath!, raw);
            // One for each path, of which only the second is xapi's; they have ended with the login.
            Assert.Equal(3, _ssh.Started.Count);
            Assert.Single(_ssh.Running);

            server.Simulator.Faults.ExpireSessions();
            Assert.NotEmpty(await server.Session.GetVmsAsync(new VmQuery(), CancellationToken.None));
            Assert.True(_ssh.Started.Count == 5, string.Join("\n", _ssh.Commands));
        }
        await _ssh.EndedAsync();
    }

    [SkippableFact]
    public async Task A_pool_member_is_enough_and_its_session_is_not_left()
    {
        _ssh = await SshServer.StartAsync();
        await using var master = await XapiSimulator.StartAsync();
        await using var member = await XapiSimulator.StartAsync(new XapiSimulatorOptions
        {
            Address = "127.0.0.2",
            HttpsPort = master.HttpsPort,
            MasterAddress = "127.0.0.1",
            Master = master,
            SocketPath = _folder["xapi"],
        });
        var options = Without(SimulatedXenServer.OptionsOf(member)) with { Server = "127.0.0.2", CertificateThumbprint = member.Thumbprint };
        var session = await XapiSession.ConnectAsync(options with { CertificateThumbprint = null, SkipCertificateCheck = true }, NullLogger.Instance, CancellationToken.None);
        Assert.Equal("127.0.0.1", session.Server);
        Assert.Equal(1, master.OpenSessions);
        await session.CloseAsync();
        Assert.Equal(0, master.OpenSessions);
    }

    [SkippableFact]
    public async Task A_host_without_the_socket_is_named_with_what_ssh_says()
    {
        _ssh = await SshServer.StartAsync();
        await using var simulator = await XapiSimulator.StartAsync();
        var error = await Assert.ThrowsAsync<VmDeployException>(() =>
            XapiSession.ConnectAsync(Without(SimulatedXenServer.OptionsOf(simulator)), NullLogger.Instance, CancellationToken.None));
        Assert.Equal("SocketLoginFailed", error.Code.Id);
        Assert.Contains(_folder["xapi"], error.Message, StringComparison.Ordinal);
        Assert.Contains("open failed", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, simulator.OpenSessions);
    }

    [SkippableFact]
    public async Task Only_this_user_can_reach_the_local_end()
    {
        _ssh = await SshServer.StartAsync();
        await using var simulator = await XapiSimulator.StartAsync(new XapiSimulatorOptions { SocketPath = _folder["xapi"] });
        string folder;
        using (var forward = await SshForward.OpenToSocketAsync(
            SshDestination.Parse($"{Environment.UserName}@{SshServer.Alias}"), _ssh.Program, _folder["xapi"], TimeSpan.FromSeconds(20), CancellationToken.None))
        {
            folder = Path.GetDirectoryName(forward.LocalPath)!;
            if (OperatingSystem.IsLinux())
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(folder));
            using (await forward.ConnectAsync(CancellationToken.None))
                await Shell.UntilAsync(() => forward.Connections == 1, "ssh has told of the connection");
        }
        Assert.False(Directory.Exists(folder));
    }

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_silent_socket_ends_with_the_timeout_or_with_the_user(bool stops)
    {
        _ssh = await SshServer.StartAsync();
        using var silent = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        silent.Bind(new UnixDomainSocketEndPoint(_folder["older"]));
        silent.Listen();
        await using var simulator = await XapiSimulator.StartAsync();
        using var stop = new CancellationTokenSource();
        var connecting = XapiSession.ConnectAsync(Without(SimulatedXenServer.OptionsOf(simulator)) with { Timeout = TimeSpan.FromSeconds(stops ? 600 : 3) }, NullLogger.Instance, stop.Token);
        if (stops)
        {
            using var call = await silent.AcceptAsync();
            await stop.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => connecting);
        }
        else
        {
            Assert.Equal("HostTimeout", (await Assert.ThrowsAsync<VmDeployException>(() => connecting)).Code.Id);
        }
        await _ssh.EndedAsync();
    }

    [SkippableFact]
    public async Task A_failure_of_the_logout_does_not_hide_the_failure_before_it()
    {
        _ssh = await SshServer.StartAsync();
        await using var simulator = await XapiSimulator.StartAsync(new XapiSimulatorOptions { SocketPath = _folder["xapi"] });
        simulator.Faults.FailCall("host.get_all", "INTERNAL_ERROR", ["the first"], times: 9);
        simulator.Faults.FailCall("session.logout", "INTERNAL_ERROR", ["the second"], times: 9);
        var error = await Assert.ThrowsAnyAsync<VmDeployException>(() => XapiSession.ConnectAsync(Without(SimulatedXenServer.OptionsOf(simulator)), NullLogger.Instance, CancellationToken.None));
        Assert.Contains("the first", error.Message, StringComparison.Ordinal);
        await _ssh.EndedAsync();
    }

    [SkippableFact]
    public void A_long_folder_for_temporary_files_is_no_obstacle()
    {
        Skip.If(OperatingSystem.IsWindows(), "Unix sockets");
        using var socket = PrivateSocket.TryCreate(Directory.CreateDirectory(_folder[new string('x', 110)]).FullName);
        Assert.NotNull(socket);
        Assert.DoesNotContain("xxx", socket.Path, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_forward_ends_when_another_program_connects()
    {
        _ssh = await SshServer.StartAsync();
        await using var simulator = await XapiSimulator.StartAsync(new XapiSimulatorOptions { SocketPath = _folder["xapi"] });
        using var forward = await SshForward.OpenToSocketAsync(
            SshDestination.Parse($"{Environment.UserName}@{SshServer.Alias}"), _ssh.Program, _folder["xapi"], TimeSpan.FromSeconds(20), CancellationToken.None);
        using (await forward.ConnectAsync(CancellationToken.None))
            await Shell.UntilAsync(() => forward.Connections == 1, "ssh has told of the connection");
        Assert.False(forward.IsIntruded);
        using var stranger = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await stranger.ConnectAsync(new UnixDomainSocketEndPoint(forward.LocalPath!));
        await Shell.UntilAsync(() => forward.IsOver, "the forward has ended");
        Assert.True(forward.IsIntruded);
    }

    private ConnectOptions Without(ConnectOptions options) => _ssh!.Via(options) with
    {
        Credential = new System.Net.NetworkCredential("root", ""),
        CertificateThumbprint = null,
        SocketLogin = true,
        XapiSockets = [_folder["older"], _folder["xapi"]],
    };
}
