using Microsoft.Extensions.Logging;
using VmDeploy.Transfer;

namespace VmDeploy.Vsphere;

/// <summary>A session with an ESXi host or a vCenter.</summary>
public sealed partial class VsphereSession : VmSession
{
    // Hosts end a session after 30 idle minutes.
    private static readonly TimeSpan s_keepAliveAfter = TimeSpan.FromMinutes(10);

    private readonly Timer _keepAlive;

    private VsphereSession(ConnectOptions options, HttpTransport transport, SoapClient soap, ServiceContent content, ILogger log)
        : base(options, log)
    {
        Transport = transport;
        Soap = soap;
        Content = content;
        Properties = new PropertyReader(soap, content);
        Waiter = new PropertyWaiter(soap, content);
        Tasks = new VimTasks(soap, Waiter, Properties, content);
        Files = new DatastoreFiles(this);
        Host = content.Kind == HypervisorKind.VCenter ? new VCenterHost(this) : new EsxiHost(this);
        Power = new VspherePower(this);
        Questions = new VsphereQuestions(this);
        Screen = new VsphereScreen(this);
        Snapshots = new VsphereSnapshots(this);
        Choices = new VsphereChoices(this);
        Templates = new VsphereTemplates(this);
        _names = new NameCache(Properties);
        // The timer must not carry the caller's context (its pipeline) along for the life of the session.
        using (ExecutionContext.SuppressFlow())
            _keepAlive = new Timer(_ => _ = KeepAliveAsync(), null, s_keepAliveAfter, s_keepAliveAfter);
    }

    internal HttpTransport Transport { get; }
    internal SoapClient Soap { get; }
    internal ServiceContent Content { get; }
    internal PropertyReader Properties { get; }
    internal PropertyWaiter Waiter { get; }
    internal VimTasks Tasks { get; }
    internal DatastoreFiles Files { get; }
    internal IVsphereHost Host { get; }

    /// <inheritdoc/>
    public override VmConfiguration Configuration => new VsphereConfiguration(this);

    /// <inheritdoc/>
    public override VmDisks Disks => new VsphereDisks(this);

    /// <inheritdoc/>
    public override VmNetworkAdapters NetworkAdapters => new VsphereNetworkAdapters(this);

    internal Uri BaseAddress => Options.BaseAddress;
    internal override VmLimits Limits => VmLimits.Vsphere;

    /// <inheritdoc/>
    public override VmPower Power { get; }

    /// <inheritdoc/>
    public override VmQuestions Questions { get; }

    /// <inheritdoc/>
    public override VmScreen Screen { get; }

    /// <inheritdoc/>
    public override VmSnapshots Snapshots { get; }

    /// <inheritdoc/>
    public override VmChoices Choices { get; }

    /// <inheritdoc/>
    public override VmTemplates Templates { get; }

    /// <inheritdoc/>
    public override HypervisorKind Kind => Content.Kind;

    /// <inheritdoc/>
    public override string Product => Content.FullName;

    /// <inheritdoc/>
    public override string Version => Content.Version;

    /// <summary>Connects and logs in.</summary>
    /// <param name="options">Where, and as whom.</param>
    /// <param name="log">Gets what the session does, for as long as it lives.</param>
    /// <param name="cancellationToken">Stops connecting.</param>
    public static async Task<VmSession> ConnectAsync(ConnectOptions options, ILogger log, CancellationToken cancellationToken)
    {
        var transport = new HttpTransport(options, log);
        var soap = new SoapClient(transport, options.Retries, log);
        try
        {
            var content = new ServiceContent(await soap.OpenAsync(cancellationToken));
            await soap.LoginAsync(content.SessionManager, options.Credential, cancellationToken);
            var session = new VsphereSession(options, transport, soap, content, log);
            if (cancellationToken.IsCancellationRequested)
            {
                await session.CloseAsync(CancellationToken.None);
                cancellationToken.ThrowIfCancellationRequested();
            }
            log.LoggedIn(options.BaseAddress.Authority, options.Credential.UserName, content.FullName);
            return session;
        }
        catch (VimFault refusal) when (refusal.Code == ErrorCodes.LoginFailed)
        {
            soap.Dispose();
            throw options.LoginRefused(refusal);
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
        await Properties.ReadAsync(Content.RootFolder, cancellationToken, "name");
        return clock.Elapsed;
    }

    /// <inheritdoc/>
    protected override async Task LogoutAsync(CancellationToken cancellationToken)
    {
        _keepAlive.Dispose();
        try
        {
            await Soap.LogoutAsync(Content.SessionManager, cancellationToken);
            Log.LoggedOut(Server);
        }
        catch (VmDeployException e)
        {
            Log.LogoutFailed(Server, e.Message);
        }
        catch (OperationCanceledException)
        {
            Log.LogoutFailed(Server, "the logout was stopped.");
            throw;
        }
        finally
        {
            Soap.Dispose();
        }
    }

    private async Task KeepAliveAsync()
    {
        if (DateTime.UtcNow - Soap.LastCall < s_keepAliveAfter)
            return;
        try
        {
            await PingAsync(CancellationToken.None);
        }
        catch (VmDeployException e)
        {
            Log.KeepAliveFailed(Server, e.Message);
        }
    }
}
