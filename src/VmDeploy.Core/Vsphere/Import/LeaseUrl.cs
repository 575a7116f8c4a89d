using VmDeploy.Transfer;

namespace VmDeploy.Vsphere;

/// <summary>The addresses of the files of a lease.</summary>
internal static class LeaseUrl
{
    // ESXi writes '*' for itself, which no URI parser takes, and does not know under which port it was reached. The disks go to
    // no other host, and never unencrypted; a vCenter names the ESXi host that has them.
    public static Uri Resolve(VsphereSession session, XElement device, string name, string transfer)
    {
        var own = session.BaseAddress;
        var url = device.Value("url") ?? "";
        var authority = url.IndexOf("://", StringComparison.Ordinal) + 3;
        var path = authority > 2 && authority < url.Length && url[authority] == '*' ? url.IndexOf('/', authority) : -1;
        if (path > 0)
            return new Uri(own, new Uri(url.Substring(path), UriKind.Relative));
        if (!Uri.TryCreate(url, UriKind.Absolute, out var address) || address.Scheme is not ("https" or "http"))
            throw Refused($"'{url}', which is not an http address");
        if (own.Scheme == Uri.UriSchemeHttps && address.Scheme != Uri.UriSchemeHttps)
            throw Refused($"'{address.GetLeftPart(UriPartial.Authority)}', which is not https");
        if (!HostUrl.IsSameHost(address, own) && session.Hypervisor != HypervisorKind.VCenter)
            throw Refused($"another host, {address.Authority}");
        // Another port may have a different certificate.
        if (address.Authority != own.Authority && device.Value("sslThumbprint") is { Length: > 0 } thumbprint)
            session.Transport.Certificates.Pin(address, thumbprint);
        return address;

        VmDeployException Refused(string what) =>
            new(ErrorCodes.UnexpectedReply, $"{name}: {own.Authority} sends the {transfer} to {what}.", url);
    }
}
