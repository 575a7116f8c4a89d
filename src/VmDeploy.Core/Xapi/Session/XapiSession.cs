using Microsoft.Extensions.Logging;

namespace VmDeploy.Xapi;

/// <summary>A session with the master of a XenServer or XCP-ng pool.</summary>
public sealed partial class XapiSession : VmSession
{
    private const int MaxReferrals = 3;

    private readonly XapiRecord _master;

    private XapiSession(ConnectOptions options, XapiClient client, XapiRecord master, ILogger log)
        : base(options, log)
    {
        Client = client;
        Events = new XapiEvents(client, log);
        Tasks = new XapiTasks(client, Events);
        Importer = new VdiImporter(this);
        Files = new IsoFiles(this);
        Power = new XapiPower(this);
        Waiting = new XapiWaiting(this);
        Questions = new XapiQuestions();
        Screen = new XapiScreen(this);
        Snapshots = new XapiSnapshots(this);
        Exports = new XapiExports(this);
        Templates = new XapiTemplates(this);
        Configuration = new XapiConfiguration(this);
        Disks = new XapiDisks(this);
        Cdroms = new XapiCdroms(this);
        NetworkAdapters = new XapiNetworkAdapters(this);
        DatastoreFiles = new XapiDatastoreFiles(this);
        Discovery = new XapiDiscovery(this);
        Ownership = new XapiOwnership(this);
        Choices = new XapiChoices(this);
        _master = master;
    }

    internal XapiClient Client { get; }
    internal XapiEvents Events { get; }
    internal XapiTasks Tasks { get; }
    internal VdiImporter Importer { get; }
    internal IsoFiles Files { get; }
    internal Uri BaseAddress => Options.BaseAddress;
    internal TimeSpan Timeout => Options.Timeout;
    internal override VmLimits Limits => VmLimits.XenServer;

    /// <inheritdoc/>
    internal override HypervisorKind Hypervisor => HypervisorKind.XenServer;

    /// <inheritdoc/>
    public override string Product => ProductOf(_master);

    /// <inheritdoc/>
    public override string Version => VersionOf(_master);

    /// <summary>Connects and logs in; a pool member's referral to the master is followed.</summary>
    /// <param name="options">Where, and as whom.</param>
    /// <param name="log">Gets what the session does, for as long as it lives.</param>
    /// <param name="cancellationToken">Stops connecting.</param>
    public static async Task<VmSession> ConnectAsync(ConnectOptions options, ILogger log, CancellationToken cancellationToken)
    {
        for (var referrals = 0; ; referrals++)
        {
            try
            {
                return await ConnectToMasterAsync(options, log, cancellationToken);
            }
            catch (XapiFailure failure) when (failure.Failure == "HOST_IS_SLAVE" && failure.Parameters.Count > 0 && referrals < MaxReferrals)
            {
                var master = failure.Parameters[0];
                if (Uri.CheckHostName(master) == UriHostNameType.Unknown)
                    throw new VmDeployException(ErrorCodes.UnexpectedReply, $"{options.Server} refers to the pool's master as '{master}', which is not a host name or an address.", options.Server, failure);
                if (options.SkipCertificateCheck)
                    log.MasterNotChecked(options.Server, master);
                else
                    log.FollowedToMaster(options.Server, master);
                options = options with { Server = master };
            }
            catch (VmDeployException e) when (referrals > 0 && (e.Code == ErrorCodes.CertificateThumbprintMismatch || e.Code == ErrorCodes.CertificateNotTrusted))
            {
                throw new VmDeployException(e.Code, $"The pool's master is {options.Server}. {e.Message}", options.Server, e,
                    hint: ErrorHint.ConnectToPoolMaster);
            }
        }
    }

    private protected override Task CheckAliveAsync(CancellationToken cancellationToken) => Client.CallAsync("pool.get_all", cancellationToken);

    private protected override Task LogoutAsync(CancellationToken cancellationToken) => Client.LogoutAsync(cancellationToken);

    private protected override void Disconnect() => Client.Dispose();

    internal static string ProductOf(XapiRecord host)
    {
        var software = host.Map("software_version");
        return $"{(software.TryGetValue("product_brand", out var brand) ? brand : "XenServer")} {VersionOf(host)}";
    }

    internal static string VersionOf(XapiRecord host)
    {
        var software = host.Map("software_version");
        return software.TryGetValue("product_version", out var version) || software.TryGetValue("platform_version", out version) ? version : "";
    }

    private static async Task<XapiSession> ConnectToMasterAsync(ConnectOptions options, ILogger log, CancellationToken cancellationToken)
    {
        var client = new XapiClient(options, log);
        try
        {
            await client.LoginAsync(cancellationToken);
            try
            {
                var pool = (await client.ListAsync("pool.get_all", cancellationToken))[0];
                var master = await client.RecordAsync("host", await client.TextAsync("pool.get_master", cancellationToken, pool), cancellationToken);
                log.LoggedIn(options.BaseAddress.Authority, options.Credential.UserName, ProductOf(master));
                return new XapiSession(options, client, master, log);
            }
            catch
            {
                // A pool member refuses the logout, but not on its socket.
                await LogoutAsync(options.SocketLogin ? _ => SocketLogin.LogOutAsync(options, client.Session) : client.LogoutAsync, options.Server, log, CancellationToken.None);
                throw;
            }
        }
        catch (XapiFailure refusal) when (refusal.Code == ErrorCodes.LoginFailed)
        {
            client.Dispose();
            throw options.LoginRefused(refusal);
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }
}
