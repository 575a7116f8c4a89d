namespace VmDeploy.Vsphere;

/// <summary>What a host knows about the guests that it can run (<c>GuestOsDescriptor</c>).</summary>
internal static class GuestOptions
{
    /// <summary>The descriptor of a guest, or null if the host has none; the hardware version is null for the default.</summary>
    public static async Task<XElement?> FindAsync(
        VsphereSession session, MoRef browser, string guestId, string? version, CancellationToken cancellationToken) =>
        Find(await ReadAsync(session, browser, guestId, version, cancellationToken), guestId);

    /// <summary>As above on a host or cluster; <c>GuestIdUnknown</c> if it only has others.</summary>
    public static async Task<XElement?> FindAsync(VsphereSession session, Placement placement, string guestId, CancellationToken cancellationToken)
    {
        if (await BrowserOfAsync(session, placement.Compute.Object, cancellationToken) is not { } browser)
            return null;
        if (await FindAsync(session, browser, guestId, version: null, cancellationToken) is { } guest)
            return guest;
        var others = await ReadAsync(session, browser, guestId: null, version: null, cancellationToken);
        return others.Count == 0 ? null : throw new VmDeployException(ErrorCodes.GuestIdUnknown,
            $"Guest id '{guestId}' not found on '{placement.HostName}'. {Names.Available(Similar(others, guestId))}", guestId);
    }

    /// <summary>All guests of a host or cluster; empty if it doesn't say.</summary>
    public static async Task<IReadOnlyList<XElement>> ListAsync(VsphereSession session, MoRef compute, CancellationToken cancellationToken) =>
        await BrowserOfAsync(session, compute, cancellationToken) is { } browser
            ? await ReadAsync(session, browser, guestId: null, version: null, cancellationToken) : [];

    internal static async Task<MoRef?> BrowserOfAsync(VsphereSession session, MoRef compute, CancellationToken cancellationToken) =>
        (await session.Properties.ReadAsync(compute, cancellationToken, "environmentBrowser")).Reference("environmentBrowser");

    /// <summary>The bus from which a guest boots a CD-ROM; EFI finds one on SATA only.</summary>
    public static CdromBus CdromBusOf(XElement? guest, bool isEfi) =>
        isEfi || guest?.Value("recommendedCdromController") is { } type
            && (Has(type, "AHCI") || Has(type, "SATA")) ? CdromBus.Sata : CdromBus.Ide;

    // With a guest id the host filters what is megabytes of XML.
    private static async Task<IReadOnlyList<XElement>> ReadAsync(
        VsphereSession session, MoRef browser, string? guestId, string? version, CancellationToken cancellationToken)
    {
        try
        {
            var reply = await session.Soap.CallAsync(browser, "QueryConfigOptionEx", cancellationToken,
                VimXml.El("spec", VimXml.Optional("key", version), VimXml.Optional("guestId", guestId)));
            return reply.Child("returnval")?.Children("guestOSDescriptor").ToList() ?? [];
        }
        catch (VimFault fault) when (fault.Type == "InvalidArgument" && guestId is not null)
        {
            // An id that the host does not know; some hosts return an empty list instead.
            return [];
        }
        catch (VimFault fault) when (fault.Type is "InvalidRequest" or "MethodNotFound" or "NotSupported")
        {
            // 5.5 does not have the call; no recommendation is used there.
            return [];
        }
    }

    private static XElement? Find(IEnumerable<XElement> guests, string guestId) =>
        guests.FirstOrDefault(g => string.Equals(g.Value("id"), guestId, StringComparison.OrdinalIgnoreCase));

    // Of about two hundred, those that are similar to the given one.
    private static IEnumerable<string> Similar(IReadOnlyList<XElement> guests, string id)
    {
        string start = new(id.TakeWhile(char.IsLetter).Take(3).ToArray());
        var all = guests.Select(g => g.Value("id") ?? "").ToList();
        var near = all.Where(g => start.Length > 0 && g.StartsWith(start, StringComparison.OrdinalIgnoreCase)).ToList();
        return near.Count > 0 ? near : all;
    }

    private static bool Has(string text, string part) => text.IndexOf(part, StringComparison.OrdinalIgnoreCase) >= 0;
}
