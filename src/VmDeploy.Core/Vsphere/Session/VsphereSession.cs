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
        Names = new NameCache(Properties);
        Power = new VspherePower(this);
        Waiting = new VsphereWaiting(this);
        Questions = new VsphereQuestions(this);
        Screen = new VsphereScreen(this);
        Snapshots = new VsphereSnapshots(this);
        Exports = new VsphereExports(this);
        Templates = new VsphereTemplates(this);
        Configuration = new VsphereConfiguration(this);
        Disks = new VsphereDisks(this);
        Cdroms = new VsphereCdroms(this);
        NetworkAdapters = new VsphereNetworkAdapters(this);
        DatastoreFiles = new VsphereDatastoreFiles(this);
        Discovery = new VsphereDiscovery(this);
        Ownership = new VsphereOwnership(this);
        Choices = new VsphereChoices(this);
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
    internal NameCache Names { get; }
    internal Uri BaseAddress => Options.BaseAddress;
    /// <inheritdoc/>
    internal override bool HasUniqueVmNames => Host.HasUniqueVmNames;

    internal override VmLimits Limits => VmLimits.Vsphere;

    /// <inheritdoc/>
    internal override HypervisorKind Hypervisor => Content.Kind;

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

    private protected override Task CheckAliveAsync(CancellationToken cancellationToken) => Properties.ReadAsync(Content.RootFolder, cancellationToken, "name");

    private protected override Task LogoutAsync(CancellationToken cancellationToken) => Soap.LogoutAsync(Content.SessionManager, cancellationToken);

    private protected override void Disconnect()
    {
        _keepAlive.Dispose();
        Soap.Dispose();
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
