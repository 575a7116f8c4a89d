using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using System.Xml.Linq;

namespace VmDeploy.Vsphere;

/// <summary>An object and those of its properties that are waited for.</summary>
internal readonly record struct Watched(MoRef Object, params string[] Paths);

/// <summary>Waits for properties through <c>WaitForUpdatesEx</c>: the host answers when something changes.</summary>
internal sealed class PropertyWaiter
{
    private static readonly TimeSpan s_longestWait = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan[] s_pauses = [TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(8)];

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
    public Task WaitAsync(
        MoRef target, string[] paths, Func<IReadOnlyDictionary<string, XElement>, bool> isDone, CancellationToken cancellationToken) =>
        WaitAsync([new Watched(target, paths)], isDone, cancellationToken);

    /// <summary>As above, of objects of several types that have no path in common.</summary>
    public async Task WaitAsync(
        IReadOnlyList<Watched> targets, Func<IReadOnlyDictionary<string, XElement>, bool> isDone, CancellationToken cancellationToken)
    {
        for (var broken = 0; ;)
        {
            var renewals = _soap.Renewals;
            try
            {
                await WaitOnceAsync(targets, isDone, cancellationToken);
                return;
            }
            catch (VmDeployException e) when (e.IsUnanswered && broken < s_pauses.Length)
            {
                // What is waited for goes on without us; giving up at once would leave it to nobody.
                await Task.Delay(s_pauses[broken++], cancellationToken);
            }
            catch (VimFault) when (_soap.Renewals != renewals)
            {
                // The collector went with the old session.
            }
        }
    }

    // Each wait has a collector of its own: WaitForUpdatesEx tells of all filters of a collector.
    private async Task WaitOnceAsync(
        IReadOnlyList<Watched> targets, Func<IReadOnlyDictionary<string, XElement>, bool> isDone, CancellationToken cancellationToken)
    {
        var created = await _soap.CallAsync(_content.PropertyCollector, "CreatePropertyCollector", cancellationToken);
        var collector = created.Child("returnval")!.ToMoRef();
        try
        {
            await _soap.CallAsync(collector, "CreateFilter", cancellationToken,
                VimXml.El("spec",
                    targets.Select(t => new PropertySet(t.Object.Type, t.Paths).ToXml()),
                    targets.Select(t => PropertyReader.ObjectSpec(t.Object))),
                VimXml.El("partialUpdates", false));
            await FollowAsync(collector, isDone, cancellationToken);
        }
        finally
        {
            await _soap.CallQuietlyAsync(collector, "DestroyPropertyCollector");
        }
    }

    private async Task FollowAsync(
        MoRef collector, Func<IReadOnlyDictionary<string, XElement>, bool> isDone, CancellationToken cancellationToken)
    {
        var known = new Dictionary<string, XElement>();
        string? version = null;
        while (true)
        {
            var reply = await _soap.CallAsync(collector, "WaitForUpdatesEx", s_longestWait, cancellationToken,
                VimXml.Optional("version", version),
                VimXml.El("options", VimXml.El("maxWaitSeconds", (int)s_longestWait.TotalSeconds)));
            if (reply.Child("returnval") is not { } updates)
                continue;
            version = updates.Value("version");
            foreach (var update in updates.Children("filterSet").SelectMany(f => f.Children("objectSet")))
            {
                if (update.Value("kind") == "leave")
                {
                    var gone = update.Child("obj")!.ToMoRef().ToString();
                    throw new VmDeployException(ErrorCodes.ObjectGone, $"{gone} is not there any more.", gone);
                }
                foreach (var change in update.Children("changeSet"))
                {
                    if (change.Child("val") is { } value)
                        known[change.Value("name")!] = value;
                    else
                        known.Remove(change.Value("name")!);
                }
            }
            if (isDone(known))
                return;
        }
    }
}
