using System;

namespace VmDeploy.Transfer;

/// <summary>Compares the hosts of addresses that a server sends.</summary>
internal static class HostUrl
{
    /// <summary>Whether two addresses are of one host, on whatever port.</summary>
    public static bool IsSameHost(Uri one, Uri other) => IsHost(one, other.DnsSafeHost);

    /// <summary>Whether an address is of a host, given by its name or address.</summary>
    public static bool IsHost(Uri address, string host) =>
        Uri.CheckHostName(host) != UriHostNameType.Unknown
        && address.DnsSafeHost.Equals(new UriBuilder(address.Scheme, host).Uri.DnsSafeHost, StringComparison.OrdinalIgnoreCase);
}
