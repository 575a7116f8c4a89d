using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using System.Xml.Linq;

namespace VmDeploy.Vsphere;

/// <summary>What a host knows of the guests that it can run (<c>GuestOsDescriptor</c>).</summary>
internal static class GuestOptions
{
    /// <summary>The descriptor of one guest; when the host does not know the guest, all that it knows; empty when it tells nothing.</summary>
    /// <param name="session">The session.</param>
    /// <param name="browser">The <c>EnvironmentBrowser</c> of a VM or compute resource.</param>
    /// <param name="guestId">The guest.</param>
    /// <param name="version">Hardware version, or null for the default.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static async Task<IReadOnlyList<XElement>> ReadAsync(
        VsphereSession session, MoRef browser, string guestId, string? version, CancellationToken cancellationToken)
    {
        try
        {
            XElement reply = await session.Soap.CallAsync(browser, "QueryConfigOptionEx", cancellationToken,
                VimXml.El("spec", VimXml.Optional("key", version), VimXml.El("guestId", guestId)));
            return reply.Child("returnval")?.Children("guestOSDescriptor").ToList() ?? [];
        }
        catch (VimFault fault) when (fault.Type is "InvalidRequest" or "MethodNotFound" or "NotSupported")
        {
            // 5.5 does not have the call, and it does without a recommendation.
            return [];
        }
    }

    /// <summary>The bus that a guest boots from a CD-ROM on.</summary>
    /// <param name="guest">Its descriptor, if there is one.</param>
    /// <param name="isEfi">EFI finds a CD-ROM on SATA only.</param>
    public static CdromBus CdromBusOf(XElement? guest, bool isEfi) =>
        isEfi || guest?.Value("recommendedCdromController") is { } type
            && (Has(type, "AHCI") || Has(type, "SATA")) ? CdromBus.Sata : CdromBus.Ide;

    private static bool Has(string text, string part) => text.IndexOf(part, StringComparison.OrdinalIgnoreCase) >= 0;
}
