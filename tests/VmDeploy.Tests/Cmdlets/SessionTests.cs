using VmDeploy.Simulator.Esxi;
using VmDeploy.Simulator.Xapi;
using Xunit;

namespace VmDeploy.Tests.Cmdlets;

/// <summary>Which session a cmdlet uses, and how sessions are opened and closed.</summary>
public sealed class SessionTests : IAsyncLifetime
{
    private readonly Engine _engine = Engine.Start();
    private EsxiSimulator _esxi = null!;
    private XapiSimulator _xapi = null!;

    public async Task InitializeAsync()
    {
        _esxi = await EsxiSimulator.StartAsync();
        _xapi = await XapiSimulator.StartAsync();
    }

    public async Task DisposeAsync()
    {
        _engine.Dispose();
        await _esxi.DisposeAsync();
        await _xapi.DisposeAsync();
    }

    [Theory]
    [InlineData("Connect-Esxi")]
    [InlineData("Connect-Xapi")]
    public async Task Without_TLS_a_warning_says_that_the_password_can_be_read(string command)
    {
        var isXapi = command == "Connect-Xapi";
        _engine["credential"] = isXapi ? Engine.Credential(_xapi.UserName, _xapi.Password) : Engine.Credential(_esxi.UserName, _esxi.Password);
        var run = await _engine.MustRunAsync($"{command} 127.0.0.1 $credential -Protocol http -Port {(isXapi ? _xapi.HttpPort : _esxi.HttpPort)}");
        Assert.Contains("The password is sent to 127.0.0.1 unencrypted", Assert.Single(run.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_same_connection_again_is_the_same_session()
    {
        var first = await _engine.ConnectAsync(_esxi);
        var second = await _engine.ConnectAsync(_esxi);
        Assert.Same(first, second);
        Assert.Equal(1, _esxi.OpenSessions);
        await _engine.MustRunAsync("Get-VmInstance");
    }

    [Fact]
    public async Task A_connection_with_other_options_replaces_the_session_and_a_refused_one_does_not()
    {
        var first = await _engine.ConnectAsync(_esxi);
        _engine["wrong"] = Engine.Credential(_esxi.UserName, "wrong");
        var at = $"Connect-Esxi {_esxi.Server} -Port {_esxi.HttpsPort} -CertificateThumbprint {_esxi.Thumbprint}";
        (await _engine.RunAsync($"{at} $wrong")).Error("LoginFailed");
        Assert.True(first.IsOpen);

        var run = await _engine.MustRunAsync($"{at} $credential -TimeoutSec 30");
        var second = run.Single<VmSession>();
        Assert.NotEqual(first.Id, second.Id);
        Assert.False(first.IsOpen);
        Assert.Contains(run.Warnings, text => text.Contains($"Session {second.Id} replaces session {first.Id}", StringComparison.Ordinal));
        Assert.Equal(1, _esxi.OpenSessions);
        Assert.Same(second, (await _engine.MustRunAsync("Get-VmSession")).Single<VmSession>());
    }

    [Fact]
    public async Task A_dead_session_is_replaced()
    {
        var first = await _engine.ConnectAsync(_esxi);
        await first.CloseAsync();
        var second = await _engine.ConnectAsync(_esxi);
        Assert.NotSame(first, second);
        Assert.Same(second, (await _engine.MustRunAsync("Get-VmSession")).Single<VmSession>());
    }

    [Fact]
    public async Task Several_sessions_are_ambiguous_until_one_is_the_default()
    {
        await using var other = await EsxiSimulator.StartAsync();
        var first = await _engine.ConnectAsync(_esxi);
        var second = await _engine.ConnectAsync(other);
        (await _engine.RunAsync("Get-VmDatastore")).Error("AmbiguousSession");

        await _engine.MustRunAsync($"Set-VmSession {first.Id} -Default");
        Assert.All((await _engine.MustRunAsync("Get-VmDatastore")).All<VmDatastore>(), store => Assert.Same(first, store.Session));
        await _engine.MustRunAsync($"Get-VmSession -Id {second.Id} | Set-VmSession -Default");
        Assert.All((await _engine.MustRunAsync("Get-VmDatastore")).All<VmDatastore>(), store => Assert.Same(second, store.Session));
        await _engine.MustRunAsync($"Set-VmSession {second.Id} -Default:$false");
        (await _engine.RunAsync("Get-VmDatastore")).Error("AmbiguousSession");

        await _engine.MustRunAsync($"Set-VmSession {first.Id} -Default; Disconnect-Esxi");
        Assert.False(first.IsOpen);
        Assert.All((await _engine.MustRunAsync("Get-VmDatastore")).All<VmDatastore>(), store => Assert.Same(second, store.Session));
    }

    [Fact]
    public async Task A_session_can_be_given_by_its_id_and_only_one_can_be_given()
    {
        var esxi = await _engine.ConnectAsync(_esxi);
        _engine["a"] = esxi;
        var xen = await _engine.ConnectAsync(_xapi);
        Assert.All((await _engine.MustRunAsync($"Get-VmDatastore -Session {esxi.Id}")).All<VmDatastore>(), store => Assert.Same(esxi, store.Session));
        Assert.All((await _engine.MustRunAsync($"Get-VmDatastore -Session '{xen.Id}'")).All<VmDatastore>(), store => Assert.Same(xen, store.Session));

        var unknown = Assert.Single((await _engine.RunAsync("Get-VmDatastore -Session 99999")).Errors);
        Assert.Contains("Session 99999 not found", unknown.Exception.Message, StringComparison.Ordinal);
        Assert.Contains($"{esxi.Id}: {esxi}", unknown.Exception.Message, StringComparison.Ordinal);
        var several = Assert.Single((await _engine.RunAsync("Get-VmDatastore -Session $a, $session")).Errors);
        Assert.Contains("2 sessions were given", several.Exception.Message, StringComparison.Ordinal);
        Assert.Equal(2, (await _engine.MustRunAsync("Test-VmSession $a, $session")).Output.Count);
    }

    [Fact]
    public async Task Disconnect_closes_its_own_kind_only()
    {
        var esxi = await _engine.ConnectAsync(_esxi);
        _engine["esxi"] = esxi;
        var xen = await _engine.ConnectAsync(_xapi);
        (await _engine.RunAsync("Disconnect-Esxi $session")).Error("WrongSessionKind");
        Assert.True(xen.IsOpen);
        (await _engine.RunAsync("Disconnect-Esxi $session, $esxi")).Error("WrongSessionKind");
        Assert.True(xen.IsOpen);
        Assert.False(esxi.IsOpen);
        await _engine.MustRunAsync("Disconnect-Xapi");
        Assert.False(xen.IsOpen);
        Assert.Equal((0, 0), (_esxi.OpenSessions, _xapi.OpenSessions));
    }

    [Fact]
    public async Task A_session_is_logged_out_once_however_many_close_it()
    {
        var session = await _engine.ConnectAsync(_esxi);
        var before = _esxi.Requests.Count(request => request.Method == "Logout");
        await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(() => session.CloseAsync(CancellationToken.None))));
        Assert.Equal(before + 1, _esxi.Requests.Count(request => request.Method == "Logout"));
    }
}
