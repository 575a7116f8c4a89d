using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using VmDeploy.Simulator.Xapi;
using VmDeploy.Tests.Support;
using VmDeploy.Xapi;
using Xunit;

namespace VmDeploy.Tests.Xapi;

public class XapiConnectTests
{
    [Fact]
    public async Task Connects_and_logs_out()
    {
        await using var simulator = await XapiSimulator.StartAsync();
        var session = await ConnectAsync(SimulatedXenServer.OptionsOf(simulator));
        Assert.Equal(HypervisorKind.XenServer, session.Hypervisor);
        Assert.Equal("XenServer 8.4.0", session.Product);
        Assert.Equal("8.4.0", session.Version);
        Assert.Equal(1, simulator.OpenSessions);
        Assert.True(await session.PingAsync(CancellationToken.None) > TimeSpan.Zero);

        await session.CloseAsync();
        Assert.Equal(0, simulator.OpenSessions);
        Assert.False(session.IsOpen);
        var error = await Assert.ThrowsAsync<VmDeployException>(() => session.PingAsync(CancellationToken.None));
        Assert.Equal("SessionClosed", error.Code.Id);
    }

    [Fact]
    public async Task Each_way_in_which_it_can_fail_has_its_own_error()
    {
        await using var simulator = await XapiSimulator.StartAsync();
        var good = SimulatedXenServer.OptionsOf(simulator);
        await FailsAsync(good with { Credential = new NetworkCredential("root", "wrong") }, "LoginFailed", "root");
        await FailsAsync(good with { CertificateThumbprint = null }, "CertificateNotTrusted", simulator.Thumbprint);
        await FailsAsync(good with { CertificateThumbprint = new string('0', 64) }, "CertificateThumbprintMismatch", simulator.Thumbprint);
        await FailsAsync(good with { Port = 1 }, "HostUnreachable", "127.0.0.1:1");
        await using var esxi = await VmDeploy.Simulator.Esxi.EsxiSimulator.StartAsync();
        await FailsAsync(good with { Port = esxi.HttpsPort, CertificateThumbprint = esxi.Thumbprint }, "NotAHypervisor", "not as a XenServer");
        Assert.Equal(0, simulator.OpenSessions);

        foreach (var options in new[] { good with { CertificateThumbprint = simulator.ThumbprintSha1 }, good with { CertificateThumbprint = null, SkipCertificateCheck = true }, good with { UseTls = false, Port = simulator.HttpPort } })
            await (await ConnectAsync(options)).CloseAsync();

        static async Task FailsAsync(ConnectOptions options, string id, string words)
        {
            var error = await Assert.ThrowsAnyAsync<VmDeployException>(() => ConnectAsync(options));
            Assert.Equal(id, error.Code.Id);
            Assert.Contains(words, error.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("wrong", error.ToString(), StringComparison.Ordinal);
        }
    }

    [SkippableFact]
    public async Task A_pool_member_sends_to_its_master()
    {
        Requires.That(OperatingSystem.IsLinux(), "Linux", "run the tests on Linux or in WSL");
        await using var master = await XapiSimulator.StartAsync();
        await using var member = await XapiSimulator.StartAsync(new XapiSimulatorOptions { Address = "127.0.0.2", HttpsPort = master.HttpsPort, MasterAddress = "127.0.0.1" });
        var options = SimulatedXenServer.OptionsOf(member) with { CertificateThumbprint = null, SkipCertificateCheck = true };

        var session = await ConnectAsync(options);
        Assert.Equal("127.0.0.1", session.Server);
        Assert.Equal(1, master.OpenSessions);
        await session.CloseAsync();
        Assert.Equal(0, master.OpenSessions);

        // The member's thumbprint is not the master's.
        var error = await Assert.ThrowsAnyAsync<VmDeployException>(() => ConnectAsync(options with { CertificateThumbprint = member.Thumbprint, SkipCertificateCheck = false }));
        Assert.Equal("CertificateThumbprintMismatch", error.Code.Id);
        Assert.Contains("master is 127.0.0.1", error.Message, StringComparison.Ordinal);
        Assert.Equal(ErrorHint.ConnectToPoolMaster, error.Hint);
    }

    [SkippableFact]
    public async Task A_master_that_is_not_checked_is_named_in_a_warning()
    {
        Requires.That(OperatingSystem.IsLinux(), "Linux", "run the tests on Linux or in WSL");
        await using var master = await XapiSimulator.StartAsync();
        await using var member = await XapiSimulator.StartAsync(new XapiSimulatorOptions { Address = "127.0.0.2", HttpsPort = master.HttpsPort, MasterAddress = "127.0.0.1" });
        var log = new Collector();
        var options = SimulatedXenServer.OptionsOf(member) with { CertificateThumbprint = null, SkipCertificateCheck = true };
        using var session = await XapiSession.ConnectAsync(options, log, CancellationToken.None);
        var warning = Assert.Single(log.Warnings);
        Assert.Contains("127.0.0.2", warning, StringComparison.Ordinal);
        Assert.Contains("127.0.0.1", warning, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("10.0.0.1:443")]
    [InlineData("https://10.0.0.1")]
    [InlineData("master/../..")]
    [InlineData("")]
    [InlineData("\u009b31m")]
    public async Task A_member_that_names_no_master_ends_in_a_typed_error(string address)
    {
        await using var member = await XapiSimulator.StartAsync(new XapiSimulatorOptions { MasterAddress = address });
        var error = await Assert.ThrowsAnyAsync<VmDeployException>(() => ConnectAsync(SimulatedXenServer.OptionsOf(member)));
        Assert.Equal("UnexpectedReply", error.Code.Id);
        Assert.Contains("is not a host name or an address", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\u009b', error.Message);
    }

    [Fact]
    public async Task Members_that_send_in_a_circle_end_in_a_typed_error()
    {
        await using var member = await XapiSimulator.StartAsync(new XapiSimulatorOptions { MasterAddress = "127.0.0.1" });
        var error = await Assert.ThrowsAnyAsync<VmDeployException>(() => ConnectAsync(SimulatedXenServer.OptionsOf(member)));
        Assert.NotEqual("UnexpectedFailure", error.Code.Id);
    }

    [Fact]
    public async Task A_session_that_the_host_has_ended_is_renewed_once_for_all_callers()
    {
        await using var server = await SimulatedXenServer.StartAsync();
        server.Simulator.Faults.ExpireSessions();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => server.Session.Discovery.GetDatastoresAsync(CancellationToken.None)));
        Assert.Equal(1, server.Simulator.OpenSessions);
        Assert.Equal(2, server.Simulator.Calls.Count(c => c.Method == "session.login_with_password"));
    }

    [Fact]
    public async Task No_secret_is_in_any_log_message()
    {
        await using var simulator = await XapiSimulator.StartAsync(new XapiSimulatorOptions { Password = "correct-horse" });
        var log = new Collector();
        var session = await XapiSession.ConnectAsync(SimulatedXenServer.OptionsOf(simulator), log, CancellationToken.None);
        await session.Discovery.GetNetworksAsync(CancellationToken.None);
        await session.CloseAsync();

        Assert.Contains(log.Lines, l => l.Contains("Logged in to", StringComparison.Ordinal));
        Assert.Contains(log.Lines, l => l.Contains("network.get_all_records", StringComparison.Ordinal));
        Assert.DoesNotContain(log.Lines, l => l.Contains("correct-horse", StringComparison.Ordinal) || l.Contains("OpaqueRef", StringComparison.Ordinal));
    }

    private static Task<VmSession> ConnectAsync(ConnectOptions options) => XapiSession.ConnectAsync(options, NullLogger.Instance, CancellationToken.None);

    internal sealed class Collector : ILogger
    {
        public List<string> Lines { get; } = [];

        public List<string> Warnings { get; } = [];

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (Lines)
            {
                Lines.Add(formatter(state, exception));
                if (logLevel == LogLevel.Warning)
                    Warnings.Add(formatter(state, exception));
            }
        }
    }
}
