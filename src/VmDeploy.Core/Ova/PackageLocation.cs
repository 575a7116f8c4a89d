using System.Net;
using VmDeploy.Transfer;

namespace VmDeploy.Ova;

/// <summary>Where a package is, and what is known of it.</summary>
/// <param name="Path">A file, or an http or https address.</param>
public sealed record PackageLocation(string Path)
{
    /// <summary>The login of the web server; it is sent to no other server.</summary>
    public NetworkCredential? Credential { get; init; }

    /// <summary>The only certificate to accept from the web server, SHA-256 or SHA-1; null for the system's trust.</summary>
    public string? CertificateThumbprint { get; init; }

    /// <summary>Receives warnings.</summary>
    public Action<string>? Warn { get; init; }

    /// <summary>The hash that the file must have; of a package in several files, its descriptor. A download is then read as a whole, and compared, before anything else.</summary>
    public FileHash? Hash { get; init; }

    /// <summary>Receives the progress of a download that must be complete first.</summary>
    public IProgress<OperationProgress>? Progress { get; init; }

    /// <summary>Time without an answer or a byte, and the pauses between attempts; for tests.</summary>
    internal TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    internal RetryPolicy Retries { get; init; } = new(6, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(8));

    /// <summary>The folder for temporary files, and its free bytes; for tests.</summary>
    internal string? SpoolFolder { get; init; }

    internal Func<string, long>? FreeSpace { get; init; }

    internal IWebProxy? Proxy { get; init; }

    /// <summary>Wraps all traffic to the web server, for tests.</summary>
    internal Func<HttpMessageHandler, HttpMessageHandler>? WrapHandler { get; init; }

    /// <summary>Whether a path is the address of a web server.</summary>
    /// <param name="path">A path.</param>
    public static bool IsAddress(string path) =>
        path.StartsWith("https://", StringComparison.OrdinalIgnoreCase) || path.StartsWith("http://", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether an address is not protected by TLS.</summary>
    /// <param name="path">A path.</param>
    public static bool IsUnprotected(string path) => path.StartsWith("http://", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether a path is that of a descriptor, whose files lie beside it.</summary>
    /// <param name="path">A path.</param>
    public static bool IsDescriptor(string path) => (IsAddress(path) ? path.Split('?', '#')[0] : path).EndsWith(".ovf", StringComparison.OrdinalIgnoreCase);

    /// <summary>The parsed address. A password in it would show up in logs, so <c>UriInvalid</c> refuses it.</summary>
    internal Uri Address
    {
        get
        {
            if (!Uri.TryCreate(Path, UriKind.Absolute, out var address) || !IsAddress(Path) || address.Host.Length == 0)
                throw new VmDeployException(ErrorCodes.UriInvalid, $"'{RemoteFile.Shown(Path)}' is not a valid address of a package.", RemoteFile.Shown(Path));
            if (address.UserInfo.Length > 0)
                throw new VmDeployException(ErrorCodes.UriInvalid, $"The address '{RemoteFile.Shown(address)}' has a user name or a password in it.", RemoteFile.Shown(address));
            return address;
        }
    }

    // Prints no password.
    private bool PrintMembers(System.Text.StringBuilder text)
    {
        text.Append(RemoteFile.Shown(Path));
        return true;
    }
}
