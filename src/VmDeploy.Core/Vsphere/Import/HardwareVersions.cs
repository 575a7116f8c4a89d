namespace VmDeploy.Vsphere;

/// <summary>The hardware versions of VMs that a host or cluster has.</summary>
internal static class HardwareVersions
{
    private const string Prefix = "vmx-";

    /// <summary>The newest in which VMs can be created, for example 19; null if the host doesn't say.</summary>
    public static async Task<int?> NewestAsync(VsphereSession session, Placement placement, CancellationToken cancellationToken)
    {
        if (await GuestOptions.BrowserOfAsync(session, placement.Compute.Object, cancellationToken) is not { } browser)
            return null;
        try
        {
            var reply = await session.Soap.CallAsync(browser, "QueryConfigOptionDescriptor", cancellationToken);
            return reply.Children("returnval").Where(option => option.Value("createSupported") != "false")
                .Select(option => Number(option.Value("key"))).Where(number => number is not null).Max();
        }
        catch (VimFault fault) when (fault.Type is "InvalidRequest" or "MethodNotFound" or "NotSupported")
        {
            return null;
        }
    }

    private static int? Number(string? version) =>
        version?.StartsWith(Prefix, StringComparison.Ordinal) == true
        && int.TryParse(version.Substring(Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
