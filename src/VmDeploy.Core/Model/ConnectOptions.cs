using System.Net;
using VmDeploy.Transfer;

namespace VmDeploy;

/// <summary>Where and how to connect.</summary>
/// <param name="Server">Host name or IP address, without scheme or port; with <see cref="ViaSsh"/> as seen from the SSH host.</param>
/// <param name="Credential">User name and password.</param>
public sealed record ConnectOptions(string Server, NetworkCredential Credential)
{
    /// <summary>TCP port; null for the protocol's default (443 or 80).</summary>
    public int? Port { get; init; }

    /// <summary>False for plain http, which only test servers use.</summary>
    public bool UseTls { get; init; } = true;

    /// <summary>The only certificate to accept, SHA-256 (64 hex digits) or SHA-1 (40), colons and case ignored.</summary>
    public string? CertificateThumbprint { get; init; }

    /// <summary>Accept any certificate.</summary>
    public bool SkipCertificateCheck { get; init; }

    /// <summary>Time limit for the answer to one call. For an upload it limits the time without progress.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(100);

    /// <summary>
    /// Reach the server through this SSH host and the system's ssh client; null connects directly. A server of the same name
    /// is the SSH host itself.
    /// </summary>
    public SshDestination? ViaSsh { get; init; }

    /// <summary>
    /// Log in without a password, over <see cref="ViaSsh"/> and the socket on which XenServer's xapi takes root's calls. The certificates
    /// of the pool are read there too, and trusted.
    /// </summary>
    public bool SocketLogin { get; init; }

    /// <summary>The paths of that socket: on present releases, and on older ones.</summary>
    internal IReadOnlyList<string> XapiSockets { get; init; } = ["/var/lib/xcp/xapi", "/var/xapi/xapi"];

    /// <summary>The ssh client; for tests with their own settings.</summary>
    internal string SshProgram { get; init; } = "ssh";

    /// <summary>The proxy, for tests; null for the system's.</summary>
    internal IWebProxy? Proxy { get; init; }

    /// <summary>Wraps all traffic of the session, for tests.</summary>
    internal Func<HttpMessageHandler, HttpMessageHandler>? WrapHandler { get; init; }

    /// <summary>The retry policies; for tests without long pauses.</summary>
    internal RetryPolicies Retries { get; init; } = new(RetryPolicy.Call, RetryPolicy.Cleanup);

    internal VmDeployException LoginRefused(VmDeployException refusal) => new(refusal.Code,
        $"{BaseAddress.Authority} refuses the login of '{Credential.UserName}': {refusal.Message}", Credential.UserName, refusal);

    /// <summary>Scheme, host and port.</summary>
    public Uri BaseAddress => new UriBuilder(UseTls ? "https" : "http", Server, Port ?? (UseTls ? 443 : 80)).Uri;
}
