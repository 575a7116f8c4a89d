using System.Net;
using VmDeploy.Transfer;

namespace VmDeploy.PowerShell;

/// <summary>A cmdlet that opens a session.</summary>
public abstract class ConnectCmdlet : AsyncCmdlet
{
    /// <summary>The parameter set of a connection without SSH.</summary>
    protected const string Direct = "Direct";

    /// <summary>Host name or address; with -ViaSsh as seen from the SSH host, and by default that host itself.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = Direct)]
    [Parameter(Position = 0, ParameterSetName = nameof(ViaSsh))]
    [PlainText]
    [ValidateNotNullOrEmpty]
    public string Server { get; set; } = "";

    /// <summary>User name and password.</summary>
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = Direct)]
    [Parameter(Position = 1, ParameterSetName = nameof(ViaSsh))]
    [Credential]
    public PSCredential Credential { get; set; } = PSCredential.Empty;

    /// <summary>Connect through this SSH host, user@host or user@host:port or an alias of ssh's configuration.</summary>
    [Parameter(Mandatory = true, ParameterSetName = nameof(ViaSsh))]
    [PlainText]
    [ValidateNotNullOrEmpty]
    public string? ViaSsh { get; set; }

    /// <summary>TCP port, if the server doesn't use the default port.</summary>
    [Parameter]
    [ValidateRange(1, 65535)]
    public int? Port { get; set; }

    /// <summary>https, or http for test servers.</summary>
    [Parameter]
    [ValidateSet("https", "http")]
    public string Protocol { get; set; } = "https";

    /// <summary>SHA-256 or SHA-1 thumbprint of the only certificate to accept.</summary>
    [Parameter]
    [PlainText]
    public string? CertificateThumbprint { get; set; }

    /// <summary>Accept any certificate.</summary>
    [Parameter]
    public SwitchParameter SkipCertificateCheck { get; set; }

    /// <summary>Seconds that one call may take to answer.</summary>
    [Parameter]
    [ValidateRange(1, 3600)]
    public int TimeoutSec { get; set; } = 100;

    /// <summary>File to append a log to, one JSON object per line, while the session is open.</summary>
    [Parameter]
    [LocalPath]
    public string? LogPath { get; set; }

    /// <summary>An SSH login to this kind of host is enough.</summary>
    private protected virtual bool TakesSocketLogin => false;

    /// <inheritdoc/>
    protected override bool EndsPipeline(VmDeployException failure) => true;

    /// <inheritdoc/>
    protected override async Task ProcessRecordAsync(CancellationToken cancellationToken)
    {
        LogTo(null);
        var log = LogPath is null ? null : await OnPipelineThreadAsync(cmdlet => FilePaths.ResolveLiteral(cmdlet, LogPath));
        if (log is not null)
            JsonLines.Try(log);
        LogTo(log);
        var ssh = ViaSsh is null ? null : SshDestination.Parse(ViaSsh);
        var server = Server.Length == 0 && ssh is not null ? ssh.Host : Server;
        if (Uri.CheckHostName(server) == UriHostNameType.Unknown)
            throw new VmDeployException(ErrorCodes.ServerNameInvalid, $"'{server}' is neither a host name nor an address.", server);
        if (SkipCertificateCheck && Credential != PSCredential.Empty)
            WarnUncheckedCertificate(server);
        if (Protocol.Equals("http", StringComparison.OrdinalIgnoreCase) && Credential != PSCredential.Empty)
            WriteWarning($"The password is sent to {server} unencrypted, because of -Protocol http.");
        var isSocketLogin = Credential == PSCredential.Empty;
        if (isSocketLogin && !TakesSocketLogin)
            throw new VmDeployException(ErrorCodes.CredentialRequired, $"{server} gives no session to an SSH login alone.", server);
        var options = new ConnectOptions(server, isSocketLogin ? new NetworkCredential("root", "") : WholeCredential())
        {
            ViaSsh = ssh,
            SocketLogin = isSocketLogin,
            Port = Port,
            UseTls = Protocol.Equals("https", StringComparison.OrdinalIgnoreCase),
            CertificateThumbprint = CertificateThumbprint,
            SkipCertificateCheck = SkipCertificateCheck,
            Timeout = TimeSpan.FromSeconds(TimeoutSec),
        };
        WriteObject(await ConnectAsync(new SessionKey(MyInvocation.MyCommand.Name, options, log), cancellationToken));
    }

    // A repeated connection reuses the session, so that a script that connects twice does not make its default ambiguous.
    private async Task<VmSession> ConnectAsync(SessionKey key, CancellationToken cancellationToken)
    {
        var present = Sessions.Find(key);
        if (present is { } same && same.Key.IsSameConnection(key) && await IsAliveAsync(same.Session, cancellationToken))
            return same.Session;
        var opening = OpenAsync(key, cancellationToken);
        // A signal that comes before the session is in the table must find it too.
        Sessions.AddPendingWork(opening);
        var session = await opening;
        if (present is { } replaced)
            await ReplaceAsync(replaced.Session, session, cancellationToken);
        return session;
    }

    private async Task<VmSession> OpenAsync(SessionKey key, CancellationToken cancellationToken)
    {
        var session = await OpenAsync(key.Options, key.LogFile, cancellationToken);
        if (cancellationToken.IsCancellationRequested)
        {
            // The prompt has returned, so the session would never be emitted.
            await session.CloseAsync(CancellationToken.None);
            cancellationToken.ThrowIfCancellationRequested();
        }
        if (key.LogFile is not null)
            CmdletLog.Attach(session, key.LogFile);
        Sessions.Add(session, key);
        return session;
    }

    private static async Task<bool> IsAliveAsync(VmSession session, CancellationToken cancellationToken)
    {
        try
        {
            await session.PingAsync(cancellationToken);
            return session.IsOpen;
        }
        catch (VmDeployException)
        {
            return false;
        }
    }

    private async Task ReplaceAsync(VmSession old, VmSession session, CancellationToken cancellationToken)
    {
        WriteWarning($"Session {session.Id} replaces session {old.Id} to {old}, which is closed. VMs and other objects from that session can't be used any more.");
        if (Sessions.Default == old)
            Sessions.Default = session;
        await old.CloseAsync(cancellationToken);
    }

    // PSCredential.GetNetworkCredential splits 'DOMAIN\user'; a host needs the name as it was given.
    private NetworkCredential WholeCredential() => new() { UserName = Credential.UserName, SecurePassword = Credential.Password };

    private protected abstract Task<VmSession> OpenAsync(ConnectOptions options, string? logFile, CancellationToken cancellationToken);
}
