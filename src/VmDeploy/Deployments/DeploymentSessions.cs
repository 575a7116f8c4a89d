using System.Net;
using VmDeploy.Transfer;

namespace VmDeploy.PowerShell;

/// <summary>The sessions of a deployment: open ones are used, others are opened for the run and closed at its end.</summary>
internal sealed class DeploymentSessions : IDisposable
{
    private readonly Dictionary<string, VmSession> _byHost = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<VmSession> _opened = [];

    /// <summary>By the names of the hosts in the file.</summary>
    public IReadOnlyDictionary<string, VmSession> ByHost => _byHost;

    /// <summary>Finds or opens the sessions, side by side.</summary>
    /// <param name="hosts">The hosts of the file.</param>
    /// <param name="open">The sessions that are open.</param>
    /// <param name="logins">A login for each host that needs one.</param>
    /// <param name="logFile">The log of the new sessions.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="VmDeployException"><c>CredentialMissing</c>, or why a connection failed.</exception>
    public static async Task<DeploymentSessions> OpenAsync(
        IReadOnlyList<DeploymentHost> hosts, IReadOnlyList<(VmSession Session, SessionKey Key)> open, IReadOnlyDictionary<string, PSCredential> logins, string? logFile, CancellationToken cancellationToken)
    {
        var sessions = new DeploymentSessions();
        try
        {
            await Task.WhenAll(hosts.Select(async host =>
            {
                var session = open.FirstOrDefault(one => IsTo(host, one)).Session ?? await sessions.ConnectAsync(host, logins, logFile, cancellationToken);
                lock (sessions._byHost)
                    sessions._byHost[host.Name] = session;
            }));
            return sessions;
        }
        catch
        {
            sessions.Dispose();
            throw;
        }
    }

    /// <summary>The hosts that no open session serves.</summary>
    public static IReadOnlyList<DeploymentHost> WithoutSession(IReadOnlyList<DeploymentHost> hosts, IReadOnlyList<(VmSession Session, SessionKey Key)> open) =>
        hosts.Where(host => !open.Any(one => IsTo(host, one))).ToList();

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var session in _opened)
            session.Dispose();
    }

    private static bool IsTo(DeploymentHost host, (VmSession Session, SessionKey Key) open) => (open.Session.Kind == HypervisorKind.XenServer) == host.IsXapi
        && (IsAt(host, open.Session.Server, open.Session.Port) || IsAt(host, open.Key.Options.Server, open.Key.Options.BaseAddress.Port));

    private static bool IsAt(DeploymentHost host, string server, int port) =>
        string.Equals(server, host.Server, StringComparison.OrdinalIgnoreCase) && (host.Port ?? port) == port;

    private async Task<VmSession> ConnectAsync(DeploymentHost host, IReadOnlyDictionary<string, PSCredential> logins, string? logFile, CancellationToken cancellationToken)
    {
        var login = logins.TryGetValue(host.Name, out var given) ? given : null;
        if (login is null && !(host.IsXapi && host.ViaSsh is not null))
            throw new VmDeployException(ErrorCodes.CredentialMissing, $"There is neither an open session to {host.Server} nor a login for it.", host.Name);
        var options = new ConnectOptions(host.Server, login is null ? new NetworkCredential("root", "") : new NetworkCredential { UserName = login.UserName, SecurePassword = login.Password })
        {
            Port = host.Port,
            CertificateThumbprint = host.Thumbprint,
            SkipCertificateCheck = host.SkipCertificateCheck,
            ViaSsh = host.ViaSsh is null ? null : SshDestination.Parse(host.ViaSsh),
            SocketLogin = login is null,
        };
        var session = host.IsXapi ? await Connections.OpenXapiAsync(options, logFile, cancellationToken) : await Connections.OpenVsphereAsync(options, logFile, cancellationToken);
        lock (_opened)
            _opened.Add(session);
        return session;
    }
}
