namespace VmDeploy.Transfer;

internal static class HostUrl
{
    /// <summary>Whether two URLs have the same host, on any port.</summary>
    public static bool IsSameHost(Uri one, Uri other) => IsHost(one, other.DnsSafeHost);

    public static bool IsHost(Uri address, string host) =>
        Uri.CheckHostName(host) != UriHostNameType.Unknown
        && address.DnsSafeHost.Equals(new UriBuilder(address.Scheme, host).Uri.DnsSafeHost, StringComparison.OrdinalIgnoreCase);
}
