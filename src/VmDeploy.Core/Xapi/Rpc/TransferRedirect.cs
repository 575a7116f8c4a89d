using VmDeploy.Transfer;

namespace VmDeploy.Xapi;

/// <summary>Follows a redirect to another host of the pool: the session goes to no other, and never unencrypted.</summary>
internal static class TransferRedirect
{
    /// <param name="session">The session.</param>
    /// <param name="from">Who redirects.</param>
    /// <param name="location">Where to.</param>
    /// <param name="what">What is redirected, for example <c>the upload</c>.</param>
    /// <param name="refusal">The error for a redirect that is not followed.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The other host's address without a path.</returns>
    public static async Task<Uri> ResolveAsync(XapiSession session, Uri from, string location, string what, ErrorCode refusal, CancellationToken cancellationToken)
    {
        if (!Uri.TryCreate(from, location, out var target) || target.Scheme is not ("https" or "http"))
            throw Refused($"to '{location}', which is not an http address");
        if (from.Scheme == Uri.UriSchemeHttps && target.Scheme != Uri.UriSchemeHttps)
            throw Refused($"from https to {target.GetLeftPart(UriPartial.Authority)}");
        if (!HostUrl.IsSameHost(target, session.BaseAddress)
            && !(await session.Client.AllAsync("host", cancellationToken)).Values.Any(host => HostUrl.IsHost(target, host.Text("address")) || HostUrl.IsHost(target, host.Text("hostname"))))
        {
            throw Refused($"to {target.Authority}, which is not a host of the pool");
        }
        return new Uri(target.GetLeftPart(UriPartial.Authority));

        VmDeployException Refused(string where) =>
            new(refusal, $"{from.Authority} redirects {what} {where}; the redirect was not followed.", from.Authority);
    }
}
