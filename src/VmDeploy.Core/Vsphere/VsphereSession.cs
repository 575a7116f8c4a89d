using System;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.Extensions.Logging;
using VmDeploy.Transfer;

namespace VmDeploy.Vsphere;

/// <summary>A session with an ESXi host or a vCenter.</summary>
public sealed partial class VsphereSession : VmSession
{
    // Hosts end a session after 30 idle minutes.
    private static readonly TimeSpan s_keepAliveAfter = TimeSpan.FromMinutes(10);

    private readonly HttpTransport _transport;
    private readonly SoapClient _soap;
    private readonly ServiceContent _content;
    private readonly ILogger _log;
    private readonly PropertyReader _properties;
    private readonly PropertyWaiter _waiter;
    private readonly VimTasks _tasks;
    private readonly Timer _keepAlive;

    private VsphereSession(ConnectOptions options, HttpTransport transport, SoapClient soap, ServiceContent content, ILogger log)
        : base(options)
    {
        _transport = transport;
        _soap = soap;
        _content = content;
        _log = log;
        _properties = new PropertyReader(soap, content);
        _waiter = new PropertyWaiter(soap, content);
        _tasks = new VimTasks(soap, _waiter);
        _names = new NameCache(_properties);
        // The timer must not carry the caller's context (its pipeline) along for the life of the session.
        using (ExecutionContext.SuppressFlow())
            _keepAlive = new Timer(_ => _ = KeepAliveAsync(), null, s_keepAliveAfter, s_keepAliveAfter);
    }

    /// <inheritdoc/>
    public override HypervisorKind Kind => _content.Kind;

    /// <inheritdoc/>
    public override string Product => _content.FullName;

    /// <inheritdoc/>
    public override string Version => _content.Version;

    /// <summary>Connects and logs in.</summary>
    /// <param name="options">Where, and as whom.</param>
    /// <param name="log">Gets what the session does, for as long as it lives.</param>
    /// <param name="cancellationToken">Stops connecting.</param>
    public static async Task<VmSession> ConnectAsync(ConnectOptions options, ILogger log, CancellationToken cancellationToken)
    {
        var transport = new HttpTransport(options);
        var soap = new SoapClient(transport, log);
        try
        {
            var content = new ServiceContent(await soap.OpenAsync(cancellationToken));
            // Not cancelled half-way: a login whose answer is lost would stay on the host as an idle session.
            await soap.LoginAsync(_ => soap.CallOnceAsync(content.SessionManager, "Login", TimeSpan.Zero, CancellationToken.None,
                VimXml.El("userName", options.Credential.UserName),
                VimXml.El("password", options.Credential.Password)), cancellationToken);
            var session = new VsphereSession(options, transport, soap, content, log);
            if (cancellationToken.IsCancellationRequested)
            {
                await session.CloseAsync(CancellationToken.None);
                cancellationToken.ThrowIfCancellationRequested();
            }
            log.LoggedIn(options.BaseAddress.Authority, options.Credential.UserName, content.FullName);
            return session;
        }
        catch
        {
            soap.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override async Task<TimeSpan> PingAsync(CancellationToken cancellationToken)
    {
        var clock = System.Diagnostics.Stopwatch.StartNew();
        await _properties.ReadAsync(_content.RootFolder, cancellationToken, "name");
        return clock.Elapsed;
    }

    /// <inheritdoc/>
    protected override async Task LogoutAsync(CancellationToken cancellationToken)
    {
        _keepAlive.Dispose();
        try
        {
            await _soap.LogoutAsync(_content.SessionManager, cancellationToken);
            _log.LoggedOut(Server);
        }
        catch (VmDeployException e)
        {
            _log.LogoutFailed(Server, e.Message);
        }
        finally
        {
            _soap.Dispose();
        }
    }

    private async Task KeepAliveAsync()
    {
        if (DateTime.UtcNow - _soap.LastCall < s_keepAliveAfter)
            return;
        try
        {
            await PingAsync(CancellationToken.None);
        }
        catch (VmDeployException e)
        {
            _log.KeepAliveFailed(Server, e.Message);
        }
    }
}
