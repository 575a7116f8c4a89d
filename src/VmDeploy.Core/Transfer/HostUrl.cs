namespace VmDeploy.Transfer;

/// <summary>Compares the hosts of URLs that a server sends.</summary>
internal static class HostUrl
{
    /// <summary>Whether two URLs have the same host, on any port.</summary>
    public static bool IsSameHost(Uri one, Uri other) => IsHost(one, other.DnsSafeHost);

    /// <summary>Whether a URL has this host name or address.</summary>
    public static bool IsHost(Uri address, string host) =>
        Uri.CheckHostName(host) != UriHostNameType.Unknown
        && address.DnsSafeHost.Equals(new UriBuilder(address.Scheme, host).Uri.DnsSafeHost, StringComparison.OrdinalIgnoreCase);
}
