using System.Diagnostics;

namespace VmDeploy.Vsphere;

internal readonly record struct Watched(MoRef Object, params string[] Paths);

/// <summary>Waits for properties through <c>WaitForUpdatesEx</c>: the host answers when something changes, at the latest after a minute.</summary>
internal sealed class PropertyWaiter(SoapClient soap, ServiceContent content)
{
    private static readonly TimeSpan s_longestWait = TimeSpan.FromSeconds(60);

    // Before the collector is created again after a lost connection or session; used up when this many attempts in a row got no update.
    private static readonly TimeSpan[] s_pauses = [TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(8)];

    /// <summary>Waits until <paramref name="isDone"/> is true. It gets the known values by path, first and after each change, and may throw.</summary>
    public Task WaitAsync(
        MoRef target, string[] paths, Func<IReadOnlyDictionary<string, XElement>, bool> isDone, CancellationToken cancellationToken) =>
        WaitAsync([new Watched(target, paths)], isDone, cancellationToken);

    public async Task WaitAsync(
        IReadOnlyList<Watched> targets, Func<IReadOnlyDictionary<string, XElement>, bool> isDone, CancellationToken cancellationToken)
    {
        var failures = 0;
        while (true)
        {
            var renewals = soap.Renewals;
            var clock = Stopwatch.StartNew();
            var isAnswered = false;
            try
            {
                await WaitOnceAsync(targets, values =>
                {
                    isAnswered = true;
                    return isDone(values);
                }, cancellationToken);
                return;
            }
            catch (VmDeployException e) when (e.IsUnanswered || e is VimFault && soap.Renewals != renewals)
            {
                // The connection broke, or the collector ended with the old session. The awaited operation continues on the host.
                // A host that answers once after each login, and then forgets the session, does not count as one that answers.
                if (isAnswered && (e.IsUnanswered || clock.Elapsed > s_pauses[s_pauses.Length - 1]))
                    failures = 0;
                if (failures == s_pauses.Length)
                    throw;
                await Task.Delay(s_pauses[failures++], cancellationToken);
            }
        }
    }

    // Each wait has its own collector: WaitForUpdatesEx reports all filters of a collector.
    private async Task WaitOnceAsync(
        IReadOnlyList<Watched> targets, Func<IReadOnlyDictionary<string, XElement>, bool> isDone, CancellationToken cancellationToken)
    {
        var created = await soap.CallAsync(content.PropertyCollector, "CreatePropertyCollector", cancellationToken);
        var collector = created.ReturnedRef();
        try
        {
            await soap.CallAsync(collector, "CreateFilter", cancellationToken,
                VimXml.El("spec",
                    targets.Select(t => new PropertySet(t.Object.Type, t.Paths).ToXml()),
                    targets.Select(t => PropertyReader.ObjectSpec(t.Object))),
                VimXml.El("partialUpdates", false));
            await FollowAsync(collector, isDone, cancellationToken);
        }
        finally
        {
            await soap.CallQuietlyAsync(collector, "DestroyPropertyCollector");
        }
    }

    private async Task FollowAsync(
        MoRef collector, Func<IReadOnlyDictionary<string, XElement>, bool> isDone, CancellationToken cancellationToken)
    {
        var known = new Dictionary<string, XElement>();
        string? version = null;
        var pacer = new PollPacer();
        while (true)
        {
            var clock = Stopwatch.StartNew();
            var reply = await soap.CallAsync(collector, "WaitForUpdatesEx", s_longestWait, cancellationToken,
                VimXml.Optional("version", version),
                VimXml.El("options", VimXml.El("maxWaitSeconds", (int)s_longestWait.TotalSeconds)));
            var updates = reply.Child("returnval");
            version = updates?.Value("version") ?? version;
            var isChanged = false;
            foreach (var update in updates?.Children("filterSet").SelectMany(f => f.Children("objectSet")) ?? [])
            {
                if (update.Value("kind") == "leave")
                {
                    var gone = update.Required("obj").ToMoRef().ToString();
                    throw new VmDeployException(ErrorCodes.ObjectGone, $"{gone} does not exist any more.", gone);
                }
                foreach (var change in update.Children("changeSet"))
                {
                    isChanged = true;
                    var name = change.Required("name").Value;
                    if (change.Child("val") is { } value)
                        known[name] = value;
                    else
                        known.Remove(name);
                }
            }
            if (updates is not null && isDone(known))
                return;
            await pacer.AnsweredAsync(isChanged, clock.Elapsed, cancellationToken);
        }
    }
}
