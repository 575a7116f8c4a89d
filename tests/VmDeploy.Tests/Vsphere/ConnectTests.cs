using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using VmDeploy.Simulator.Esxi;
using VmDeploy.Tests.Support;
using VmDeploy.Vsphere;
using Xunit;

namespace VmDeploy.Tests.Vsphere;

/// <summary>Connecting: trust, login and unreachable addresses.</summary>
public sealed class ConnectTests
{
    private static Task<VmSession> ConnectAsync(ConnectOptions options) =>
        VsphereSession.ConnectAsync(options, NullLogger.Instance, CancellationToken.None);

    private static async Task<VmDeployException> RefusedAsync(ConnectOptions options) =>
        await Assert.ThrowsAnyAsync<VmDeployException>(() => ConnectAsync(options));

    [Fact]
    public async Task An_untrusted_certificate_is_refused_with_the_thumbprint_to_pin()
    {
        await using var host = await EsxiSimulator.StartAsync();
        var refused = await RefusedAsync(SimulatedHost.OptionsOf(host) with { CertificateThumbprint = null });
        Assert.Equal("CertificateNotTrusted", refused.Code.Id);
        Assert.Contains(host.Thumbprint, refused.Message);
        Assert.Equal(0, host.OpenSessions);
    }

    [Fact]
    public async Task A_pinned_thumbprint_may_be_SHA1_or_SHA256_with_colons_in_any_case()
    {
        await using var host = await EsxiSimulator.StartAsync();
        foreach (var thumbprint in new[] { host.ThumbprintSha1, host.Thumbprint.ToLowerInvariant(), string.Join(":", host.Thumbprint.Chunk(2).Select(c => new string(c))) })
        {
            using var session = await ConnectAsync(SimulatedHost.OptionsOf(host) with { CertificateThumbprint = thumbprint });
            Assert.True(session.IsOpen);
        }
        Assert.Equal(0, host.OpenSessions);
    }

    [Fact]
    public async Task Another_certificate_than_the_pinned_one_is_refused()
    {
        await using var host = await EsxiSimulator.StartAsync();
        var refused = await RefusedAsync(SimulatedHost.OptionsOf(host) with { CertificateThumbprint = new string('A', 64) });
        Assert.Equal("CertificateThumbprintMismatch", refused.Code.Id);
        refused = await RefusedAsync(SimulatedHost.OptionsOf(host) with { CertificateThumbprint = "abc" });
        Assert.Equal("CertificateThumbprintInvalid", refused.Code.Id);
    }

    [Fact]
    public async Task Who_closes_a_session_that_another_closes_waits_for_its_logout()
    {
        await using var host = await EsxiSimulator.StartAsync();
        using var session = await ConnectAsync(SimulatedHost.OptionsOf(host));
        host.Faults.DelayReply("Logout", TimeSpan.FromMinutes(10));
        using var stop = new CancellationTokenSource();
        var first = session.CloseAsync(stop.Token);
        await Shell.UntilAsync(() => host.Requests.Any(request => request.Method == "Logout"), "the host has the logout");
        var second = session.CloseAsync();
        Assert.False(second.IsCompleted);
        Assert.False(session.IsOpen);
        Assert.False(session.IsClosed);

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        await second;
        Assert.True(session.IsClosed);
    }

    [Fact]
    public async Task A_session_that_many_close_at_once_logs_out_once()
    {
        await using var host = await EsxiSimulator.StartAsync();
        using var session = await ConnectAsync(SimulatedHost.OptionsOf(host));
        await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() => session.CloseAsync())));
        Assert.False(session.IsOpen);
        Assert.Single(host.Requests, request => request.Method == "Logout");
    }

    [Fact]
    public async Task A_wrong_password_says_so_and_keeps_it_to_itself()
    {
        await using var host = await EsxiSimulator.StartAsync();
        var refused = await RefusedAsync(SimulatedHost.OptionsOf(host, password: "S3cret!wrong"));
        Assert.Equal("LoginFailed", refused.Code.Id);
        Assert.DoesNotContain("S3cret", refused.ToString());
        Assert.Equal(0, host.OpenSessions);
    }

    [Fact]
    public async Task A_host_that_is_not_there_is_unreachable()
    {
        using var closed = new ClosedPort();
        var refused = await RefusedAsync(new ConnectOptions("127.0.0.1", new NetworkCredential("root", "x")) { Port = closed.Number });
        Assert.Equal("HostUnreachable", refused.Code.Id);
        Assert.Contains($"127.0.0.1:{closed.Number}", refused.Message);
    }

    [Fact]
    public async Task Plain_http_works_where_it_is_asked_for()
    {
        await using var host = await EsxiSimulator.StartAsync();
        using var session = await ConnectAsync(SimulatedHost.OptionsOf(host) with { UseTls = false, Port = host.HttpPort, CertificateThumbprint = null });
        Assert.Equal(HypervisorKind.Esxi, session.Hypervisor);
    }

    [Fact]
    public async Task The_version_spoken_is_the_highest_that_both_sides_know()
    {
        await using var host = await EsxiSimulator.StartAsync(new EsxiSimulatorOptions { ApiVersion = "7.0.2.0", InternalVersionOnTop = true });
        using var session = await ConnectAsync(SimulatedHost.OptionsOf(host));
        Assert.True(await session.PingAsync(CancellationToken.None) > TimeSpan.Zero);
    }

    [Fact]
    public async Task Closing_logs_out_once_and_a_host_that_is_gone_is_no_error()
    {
        var host = await EsxiSimulator.StartAsync();
        VmSession first = await ConnectAsync(SimulatedHost.OptionsOf(host)), second = await ConnectAsync(SimulatedHost.OptionsOf(host));
        Assert.Equal(2, host.OpenSessions);
        await first.CloseAsync();
        await first.CloseAsync();
        Assert.Equal(1, host.OpenSessions);
        await host.DisposeAsync();
        await second.CloseAsync();
        Assert.False(second.IsOpen);
    }
}
