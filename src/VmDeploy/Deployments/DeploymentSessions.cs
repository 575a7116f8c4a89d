using System.Net;
using VmDeploy.Transfer;

namespace VmDeploy.PowerShell;

/// <summary>The sessions of a deployment: open ones are used, others are opened for the run and closed at its end.</summary>
internal sealed class DeploymentSessions : IDisposable
{
    private readonly Dictionary<string, VmSession> _byHost = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<VmSession> _opened = [];

    /// <summary>By the names of the hosts in the file; without those that can't be reached.</summary>
    public IReadOnlyDictionary<string, VmSession> ByHost => _byHost;

    /// <summary>Why the other hosts can't be reached.</summary>
    public IReadOnlyList<VmDeployException> Failures { get; private set; } = [];

    /// <summary>Finds or opens the sessions, side by side.</summary>
    /// <param name="hosts">The hosts of the file.</param>
    /// <param name="open">The sessions that are open.</param>
    /// <param name="logins">A login for each host that needs one.</param>
    /// <param name="logFile">The log of the new sessions.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static async Task<DeploymentSessions> OpenAsync(
        IReadOnlyList<DeploymentHost> hosts, IReadOnlyList<(VmSession Session, SessionKey Key)> open, IReadOnlyDictionary<string, PSCredential> logins, string? logFile, CancellationToken cancellationToken)
    {
        var sessions = new DeploymentSessions();
        try
        {
            // Several names of one server are one session.
            var failures = await Task.WhenAll(hosts.GroupBy(host => host.Endpoint).Select(async same =>
            {
                try
                {
                    var host = same.First();
                    var session = open.FirstOrDefault(one => IsTo(host, one)).Session ?? await sessions.ConnectAsync(host, logins, logFile, cancellationToken);
                    lock (sessions._byHost)
                    {
                        foreach (var one in same)
                            sessions._byHost[one.Name] = session;
                    }
                    return null;
                }
                catch (VmDeployException e)
                {
                    return e;
                }
            }));
            sessions.Failures = failures.OfType<VmDeployException>().ToList();
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

    // An address means another server behind another SSH host, and a session with another certificate is not the file's.
    private static bool IsTo(DeploymentHost host, (VmSession Session, SessionKey Key) open) => (open.Session.Hypervisor == HypervisorKind.XenServer) == host.IsXapi
        && open.Session.ViaSsh == (host.ViaSsh is null ? null : SshDestination.Parse(host.ViaSsh).ToString())
        && (host.Thumbprint is null || (open.Key.Options.CertificateThumbprint is not null || !open.Key.Options.SkipCertificateCheck) && !IsOther(host.Thumbprint, open.Key.Options.CertificateThumbprint))
        && (IsAt(host, open.Session.Server, open.Session.Port) || IsAt(host, open.Key.Options.Server, open.Key.Options.BaseAddress.Port));

    private static bool IsAt(DeploymentHost host, string server, int port) =>
        string.Equals(server, host.Server, StringComparison.OrdinalIgnoreCase) && (host.Port ?? port) == port;

    // A SHA-256 and a SHA-1 can be of one certificate.
    private static bool IsOther(string wanted, string? given) => given is not null && wanted.Replace(":", "") is var a && given.Replace(":", "") is var b
        && a.Length == b.Length && !string.Equals(a, b, StringComparison.OrdinalIgnoreCase);

    private async Task<VmSession> ConnectAsync(DeploymentHost host, IReadOnlyDictionary<string, PSCredential> logins, string? logFile, CancellationToken cancellationToken)
    {
        var login = logins.TryGetValue(host.Name, out var given) ? given : null;
        if (login is null && !(host.IsXapi && host.ViaSsh is not null))
            throw new VmDeployException(ErrorCodes.CredentialMissing, $"No open session and no login found for host '{host.Name}' ({host.Server}).", host.Name);
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
