using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace VmDeploy.Transfer;

/// <summary>Where ssh logs in.</summary>
/// <param name="Login">The host with or without a user, as ssh accepts it: <c>root@xen1</c>, or an alias of its configuration.</param>
/// <param name="Host">The host alone.</param>
/// <param name="Port">TCP port; null for the default of ssh.</param>
public sealed record SshDestination(string Login, string Host, int? Port)
{
    // A leading dash is not allowed: ssh would read an option. A user may contain '@', as in DOMAIN\me@corp. A zone that begins with %25 is that of a URL.
    private static readonly Regex s_form = new(
        @"\A(?<user>[\w.\\+$][\w.\\+$-]*(?:@[\w.\\+$-]+)*@)?(?:\[(?<host>(?<v6>[0-9A-Fa-f:.]+)(?<zone>%(?!25[A-Za-z_])[\w.-]+)?)\]|(?<host>[\w.][\w.-]*))(?::(?<port>[0-9]{1,5}))?\z",
        RegexOptions.CultureInvariant);

    /// <summary>Reads <c>[user@]host[:port]</c>; an IPv6 address is in brackets.</summary>
    /// <exception cref="VmDeployException"><c>SshDestinationInvalid</c>.</exception>
    public static SshDestination Parse(string text)
    {
        var match = s_form.Match(text);
        int? port = match.Groups["port"].Success ? int.Parse(match.Groups["port"].Value, CultureInfo.InvariantCulture) : null;
        if (!match.Success || port is < 1 or > 65535 || (match.Groups["v6"].Success && !IsAddress(match)) || IsShortAddress(match.Groups["host"].Value))
            throw new VmDeployException(ErrorCodes.SshDestinationInvalid, $"'{text}' is not a valid SSH destination.", text);
        var host = match.Groups["host"].Value;
        return new SshDestination(match.Groups["user"].Value + host, host, port);
    }

    /// <inheritdoc/>
    public override string ToString() => Port is null ? Login : $"{Login}:{Port}";

    // The system reads 1.2.3 as 1.2.0.3, 010.0.0.1 as 8.0.0.1 and 0x7f.1 as 127.0.0.1.
    private static bool IsShortAddress(string host) => Array.TrueForAll(host.Split('.'), part => part.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? part.Skip(2).All(Uri.IsHexDigit) : part.All(digit => digit is >= '0' and <= '9'))
        && !(IPAddress.TryParse(host, out var address) && address.ToString() == host);

    // Only link-local addresses have zones.
    private static bool IsAddress(Match match) => IPAddress.TryParse(match.Groups["v6"].Value, out var address)
        && address.AddressFamily == AddressFamily.InterNetworkV6
        && (address.IsIPv6LinkLocal || !match.Groups["zone"].Success);
}
