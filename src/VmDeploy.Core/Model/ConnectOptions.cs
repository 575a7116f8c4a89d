using System;
using System.Net;
using System.Net.Http;
using VmDeploy.Transfer;

namespace VmDeploy;

/// <summary>Where and how to connect.</summary>
/// <param name="Server">Host name or IP address, without scheme or port; with <see cref="ViaSsh"/> as seen from the SSH host.</param>
/// <param name="Credential">User name and password.</param>
public sealed record ConnectOptions(string Server, NetworkCredential Credential)
{
    /// <summary>TCP port; null for the protocol's default (443 or 80).</summary>
    public int? Port { get; init; }

    /// <summary>False for plain http, which only test servers speak.</summary>
    public bool UseTls { get; init; } = true;

    /// <summary>The only certificate to accept, SHA-256 (64 hex digits) or SHA-1 (40), colons and case ignored.</summary>
    public string? CertificateThumbprint { get; init; }

    /// <summary>Accept any certificate.</summary>
    public bool SkipCertificateCheck { get; init; }

    /// <summary>How long one call may take to answer. Uploads are bounded by silence, not by their whole time.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(100);

    /// <summary>
    /// Reach the server through this SSH host and the system's ssh client; null connects directly. A server of the same name
    /// is the SSH host itself.
    /// </summary>
    public SshDestination? ViaSsh { get; init; }

    /// <summary>Lets a test use an ssh client with settings of its own.</summary>
    internal string SshProgram { get; init; } = "ssh";

    /// <summary>Lets a test name the proxy; null for the system's.</summary>
    internal IWebProxy? Proxy { get; init; }

    /// <summary>Lets a test look at all traffic of the session.</summary>
    internal Func<HttpMessageHandler, HttpMessageHandler>? WrapHandler { get; init; }

    /// <summary>Lets a test retry without long pauses.</summary>
    internal RetryPolicies Retries { get; init; } = new(RetryPolicy.Call, RetryPolicy.Cleanup);

    /// <summary>The host's refusal of a login, with what it is about.</summary>
    internal VmDeployException LoginRefused(VmDeployException refusal) => new(refusal.Code,
        $"{BaseAddress.Authority} does not let '{Credential.UserName}' in: {refusal.Message}", Credential.UserName, refusal);

    /// <summary>Scheme, host and port.</summary>
    public Uri BaseAddress => new UriBuilder(UseTls ? "https" : "http", Server, Port ?? (UseTls ? 443 : 80)).Uri;
}
