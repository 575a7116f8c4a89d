using System.Diagnostics;
using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using VmDeploy.Simulator.Esxi;
using VmDeploy.Simulator.Xapi;
using VmDeploy.Tests.Support;
using VmDeploy.Tests.Vsphere;
using VmDeploy.Vsphere;
using VmDeploy.Xapi;
using Xunit;

namespace VmDeploy.Tests.Faults;

/// <summary>Servers with invalid answers: each gives an error with an id, in bounded time and memory.</summary>
public sealed class HostileServerTests
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(2);

    // Three attempts of two seconds each, renewals and cleanup, on a machine that is busy with other tests.
    private static readonly TimeSpan s_bound = TimeSpan.FromSeconds(40);

    private static readonly RetryPolicies s_retries = new(
        new RetryPolicy(3, TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(10)), new RetryPolicy(3, TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(10)));

    public static TheoryData<bool, int> Cells
    {
        get
        {
            var cells = new TheoryData<bool, int>();
            for (var i = 0; i < Hostility.All(new Uri("http://elsewhere/")).Count; i++)
            {
                cells.Add(false, i);
                cells.Add(true, i);
            }
            return cells;
        }
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task Connecting_ends_with_an_error(bool xapi, int hostility)
    {
        await using var elsewhere = new HostileServer();
        await using var server = new HostileServer { Hostility = Hostility.All(Address(elsewhere))[hostility] };
        await FailsAsync(server.Hostility.Name, token => ConnectAsync(xapi, Plain(server.Port), token));
        Assert.Equal(0, elsewhere.Connections);
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task A_call_ends_with_an_error(bool xapi, int hostility)
    {
        await using var host = await BehindAsync(xapi);
        await using var elsewhere = new HostileServer();
        host.Front.Hostility = Hostility.All(Address(elsewhere))[hostility];
        await FailsAsync(host.Front.Hostility.Name, token => host.Session.GetVmsAsync(new VmQuery(), token));
        Assert.Equal(0, elsewhere.Connections);
        host.Front.Hostility = null;
        Assert.Single(await host.Session.GetVmsAsync(new VmQuery(), CancellationToken.None));
    }

    /// <summary>XenServer answers an upload before it reads it: the client ignores what comes after the head.</summary>
    public static TheoryData<bool, int> UploadCells
    {
        get
        {
            var cells = new TheoryData<bool, int>();
            foreach (var cell in Cells.Where(c => !(bool)c[0] || (int)c[1] is < 5 or > 10))
                cells.Add((bool)cell[0], (int)cell[1]);
            return cells;
        }
    }

    [Theory]
    [MemberData(nameof(UploadCells))]
    public async Task An_upload_ends_with_an_error(bool xapi, int hostility)
    {
        await using var host = await BehindAsync(xapi);
        await using var elsewhere = new HostileServer();
        host.Front.Strikes = line => line.StartsWith("PUT ", StringComparison.Ordinal);
        host.Front.Hostility = Hostility.All(Address(elsewhere))[hostility];
        var before = host.Look();
        // A valid reply to a PUT with an invalid body counts as valid.
        var isGood = host.Front.Hostility.Name.Contains("nested", StringComparison.Ordinal) || host.Front.Hostility.Name.Contains("CDATA", StringComparison.Ordinal)
            || host.Front.Hostility.Name.Contains("body", StringComparison.Ordinal) || host.Front.Hostility.Name.Contains("byte", StringComparison.Ordinal)
            || host.Front.Hostility.Name.Contains("bomb", StringComparison.Ordinal);
        var request = new SendFileRequest(FaultFiles.LocalIso, xapi ? "ISO library" : "datastore1") { Path = "sent.iso" };
        await FailsAsync(host.Front.Hostility.Name, token => host.Session.DatastoreFiles.SendAsync(request, new OnProgress(_ => { }), token), isGood && !xapi);
        Assert.Equal(0, elsewhere.Connections);
        for (var tries = 100; tries > 0 && (host.Look().Except(before).Count > 0 || before.Except(host.Look()).Count > 0); tries--)
            await Task.Delay(50);
        Assert.Empty(host.Look().Except(before));
        Assert.Empty(before.Except(host.Look()));
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task Connecting_to_silence_ends_with_the_time_limit(bool xapi, bool accepts)
    {
        await using var server = new HostileServer(accepts: accepts) { Hostility = Hostility.All(new Uri("http://elsewhere/"))[0] };
        await FailsAsync($"TLS silence, accepted {accepts}", token => ConnectAsync(xapi, Plain(server.Port) with { UseTls = true }, token));
    }

    [Theory]
    [InlineData(false, false, false)]
    [InlineData(false, false, true)]
    [InlineData(false, true, false)]
    [InlineData(false, true, true)]
    [InlineData(true, false, true)]
    [InlineData(true, true, true)]
    public async Task Connecting_to_silence_can_be_stopped(bool xapi, bool accepts, bool tls)
    {
        await using var server = new HostileServer(accepts: accepts) { Hostility = Hostility.All(new Uri("http://elsewhere/"))[0] };
        await StopsAsync(token => ConnectAsync(xapi, Plain(server.Port) with { UseTls = tls, Timeout = TimeSpan.FromSeconds(100) }, token));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_call_to_silence_can_be_stopped(bool xapi)
    {
        await using var host = await BehindAsync(xapi, TimeSpan.FromSeconds(100));
        host.Front.Hostility = Hostility.All(new Uri("http://elsewhere/"))[0];
        await StopsAsync(token => host.Session.GetVmsAsync(new VmQuery(), token));
        host.Front.Hostility = null;
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_logout_to_silence_can_be_stopped(bool xapi)
    {
        await using var host = await BehindAsync(xapi, TimeSpan.FromSeconds(100));
        host.Front.Hostility = Hostility.All(new Uri("http://elsewhere/"))[0];
        await StopsAsync(host.Session.CloseAsync);
        Assert.False(host.Session.IsOpen);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_upload_to_silence_can_be_stopped(bool xapi)
    {
        await using var host = await BehindAsync(xapi, TimeSpan.FromSeconds(100));
        host.Front.Strikes = line => line.StartsWith("PUT ", StringComparison.Ordinal);
        host.Front.Hostility = Hostility.All(new Uri("http://elsewhere/"))[0];
        var request = new SendFileRequest(FaultFiles.LocalIso, xapi ? "ISO library" : "datastore1") { Path = "sent.iso" };
        await StopsAsync(token => host.Session.DatastoreFiles.SendAsync(request, new OnProgress(_ => { }), token));
        host.Front.Hostility = null;
    }

    private static async Task FailsAsync(string what, Func<CancellationToken, Task> work, bool mayPass = false)
    {
        // Other tests allocate at the same time, so the least of several runs counts: far below what an unbounded reply would take.
        for (var runs = 1; ; runs++)
        {
            var memory = GC.GetTotalAllocatedBytes();
            var clock = Stopwatch.StartNew();
            var failure = await Record.ExceptionAsync(() => work(CancellationToken.None).WaitAsync(s_bound));
            if (failure is null && mayPass)
                return;
            var error = Assert.IsAssignableFrom<VmDeployException>(failure);
            Assert.NotEqual("UnexpectedFailure", error.Code.Id);
            Assert.DoesNotContain(error.Message, c => char.IsControl(c) && c is not ('\n' or '\t'));
            Assert.True(clock.Elapsed < s_bound, $"{what}: {clock.Elapsed}");
            var allocated = GC.GetTotalAllocatedBytes() - memory;
            if (allocated <= 4L << 30)
                return;
            Assert.True(runs < 3, $"{what}: {allocated} bytes allocated");
        }
    }

    private static async Task StopsAsync(Func<CancellationToken, Task> work)
    {
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => work(stop.Token).WaitAsync(TimeSpan.FromSeconds(10)));
    }

    // Another host by its name.
    private static Uri Address(HostileServer server) => new($"http://localhost:{server.Port}/");

    private static ConnectOptions Plain(int port) => new("127.0.0.1", new NetworkCredential("root", "x"))
    {
        Port = port,
        UseTls = false,
        Timeout = s_timeout,
        Retries = s_retries,
    };

    private static Task<VmSession> ConnectAsync(bool xapi, ConnectOptions options, CancellationToken token) => xapi
        ? XapiSession.ConnectAsync(options, NullLogger.Instance, token)
        : VsphereSession.ConnectAsync(options, NullLogger.Instance, token);

    private static async Task<Behind> BehindAsync(bool xapi, TimeSpan? timeout = null)
    {
        if (xapi)
        {
            var server = await XapiSimulator.StartAsync(new XapiSimulatorOptions { VmCount = 1 });
            var front = new HostileServer(server.HttpPort);
            var options = Plain(front.Port) with { Credential = new(server.UserName, server.Password), Timeout = timeout ?? s_timeout };
            return new Behind(server, front, await ConnectAsync(xapi, options, CancellationToken.None), () => HostState.Of(server));
        }
        var host = await EsxiSimulator.StartAsync(new EsxiSimulatorOptions { VmCount = 1 });
        var before = new HostileServer(host.HttpPort);
        var plain = Plain(before.Port) with { Credential = new(host.UserName, host.Password), Timeout = timeout ?? s_timeout };
        return new Behind(host, before, await ConnectAsync(xapi, plain, CancellationToken.None), () => HostState.Of(host));
    }

    /// <summary>A simulator behind a hostile proxy, with a session through it.</summary>
    private sealed record Behind(IAsyncDisposable Simulator, HostileServer Front, VmSession Session, Func<HostState> Look) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await Session.CloseAsync();
            await Front.DisposeAsync();
            await Simulator.DisposeAsync();
        }
    }
}
