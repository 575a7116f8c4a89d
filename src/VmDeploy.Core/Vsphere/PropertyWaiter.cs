using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using System.Xml.Linq;

namespace VmDeploy.Vsphere;

/// <summary>Waits for properties through <c>WaitForUpdatesEx</c>: the host answers when something changes.</summary>
internal sealed class PropertyWaiter
{
    private static readonly TimeSpan s_longestWait = TimeSpan.FromSeconds(60);

    private readonly SoapClient _soap;
    private readonly ServiceContent _content;

    public PropertyWaiter(SoapClient soap, ServiceContent content)
    {
        _soap = soap;
        _content = content;
    }

    /// <summary>Returns when <paramref name="isDone"/> says so of the properties, which it is shown whenever one changes.</summary>
    /// <param name="target">The object.</param>
    /// <param name="paths">Its properties.</param>
    /// <param name="isDone">Gets the values known by then, by path; may throw to end the wait.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task WaitAsync(
        MoRef target, string[] paths, Func<IReadOnlyDictionary<string, XElement>, bool> isDone, CancellationToken cancellationToken)
    {
        // Each wait has a collector of its own: WaitForUpdatesEx tells of all filters of a collector.
        while (true)
        {
            XElement created = await _soap.CallAsync(_content.PropertyCollector, "CreatePropertyCollector", cancellationToken);
            MoRef collector = created.Child("returnval")!.ToMoRef();
            try
            {
                await _soap.CallAsync(collector, "CreateFilter", cancellationToken,
                    VimXml.El("spec", new PropertySet(target.Type, paths).ToXml(), PropertyReader.ObjectSpec(target)),
                    VimXml.El("partialUpdates", false));
                if (await FollowAsync(collector, target, isDone, cancellationToken))
                    return;
            }
            finally
            {
                await DestroyAsync(collector);
            }
        }
    }

    // False when the collector is gone: it dies with its login session, and a renewed session needs another.
    private async Task<bool> FollowAsync(
        MoRef collector, MoRef target, Func<IReadOnlyDictionary<string, XElement>, bool> isDone, CancellationToken cancellationToken)
    {
        var known = new Dictionary<string, XElement>();
        string? version = null;
        while (true)
        {
            XElement reply;
            try
            {
                reply = await _soap.CallAsync(collector, "WaitForUpdatesEx", s_longestWait, cancellationToken,
                    VimXml.Optional("version", version),
                    VimXml.El("options", VimXml.El("maxWaitSeconds", (int)s_longestWait.TotalSeconds)));
            }
            catch (VimFault fault) when (fault.Type is "ManagedObjectNotFound" && fault.Detail?.Value("obj") == collector.Value)
            {
                return false;
            }
            if (reply.Child("returnval") is not { } updates)
                continue;
            version = updates.Value("version");
            foreach (XElement update in updates.Children("filterSet").SelectMany(f => f.Children("objectSet")))
            {
                if (update.Value("kind") == "leave")
                    throw new VmDeployException(ErrorCodes.ObjectGone, $"{target} is not there any more.", target.Value);
                foreach (XElement change in update.Children("changeSet"))
                {
                    if (change.Child("val") is { } value)
                        known[change.Value("name")!] = value;
                    else
                        known.Remove(change.Value("name")!);
                }
            }
            if (isDone(known))
                return true;
        }
    }

    private async Task DestroyAsync(MoRef collector)
    {
        try
        {
            await _soap.CallAsync(collector, "DestroyPropertyCollector", CancellationToken.None);
        }
        catch (VmDeployException)
        {
            // It dies with the session at the latest; the wait's own outcome counts.
        }
    }
}
